"""Order numbers: „zam. 45871”, „nr zamówienia 40318”, "order 51877".

>>> [f.value for f in find(Passage("zam. 45871 i zamówienia 50011, 50017; order I-2026-10022 z 2 listopada"))]
['45871', '50011', '50017', 'I-2026-10022']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_CUE: Final = re.compile(r"(?<!\w)(?:zam(?:owieni\w*|ow)?(?!\w)|orders?(?!\w)|nr transakcji|transakcj\w+ nr)")


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers the text calls an order."""
    yield from announced("order_no", passage, _CUE)
