"""Order numbers: „zam. 45871”, „nr zamówienia 40318”, "order 51877".

>>> [f.value for f in find(Passage("zam. 45871 i zamówienia 50011, 50017; order I-2026-10022 z 2 listopada"))]
['45871', '50011', '50017', 'I-2026-10022']
>>> [f.value for f in find(Passage("numer zamówienia pięćdziesiąt pięćset trzydzieści trzy"))]
['50533']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced
from triage.recognisers.spoken import spoken_numbers

_CUE: Final = re.compile(r"(?<!\w)(?:zam(?:owieni\w*|ow)?(?!\w)|orders?(?!\w)|nr transakcji|transakcj\w+ nr)")

_SPOKEN_CUE: Final = re.compile(r"(?:zamowieni\w+|order)(?: (?:numer|nr|number|to|is))* $")


def find(passage: Passage) -> Iterator[Finding]:
    """Numbers the text calls an order."""
    yield from announced("order_no", passage, _CUE)
    for start, end, number in spoken_numbers(passage.folded):
        if _SPOKEN_CUE.search(passage.folded, max(0, start - 30), start) and len(number) > 3:
            yield Finding("order_no", number, start, end, 0.6)
