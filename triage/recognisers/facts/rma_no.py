"""RMA and case numbers: „RMA/2026/0098”, „RMA 90417”, „zgłoszenie R-11820/26”, „zlecenie G-20-7714”.

>>> [f.value for f in find(Passage("Co z RMA/2026/0098? Było też rma 90417 oraz zlecenie G-20-7714"))]
['RMA/2026/0098', 'RMA/90417', 'G-20-7714']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, announced

_RMA: Final = re.compile(r"(?<!\w)rma[ :/#-]*(?:nr|no\.?|number|numer)?[ :.]*(?P<number>\d[\d/-]*\d)")
_RMA_LATER: Final = re.compile(r"(?<!\w)rma(?:(?: \w+){0,2},?) (?:nr|no\.?|number|numer)")
_CASE: Final = re.compile(
    r"(?<!\w)(?:zglosz\w+|zlec\w*|spraw[aye]|case|ticket|claim|reklamacj\w+ (?:nr|numer)|nr naprawy|nr sprawy"
    r"|ticket no)"
)


def find(passage: Passage) -> Iterator[Finding]:
    """RMA numbers, and the desk's other case numbers with less confidence."""
    taken = []
    for match in _RMA.finditer(passage.folded):
        taken.append(match.span("number"))
        yield Finding("rma_no", "RMA/" + match["number"], match.start(), match.end(), 0.97)
    for cue, confidence in ((_RMA_LATER, 0.85), (_CASE, 0.7)):
        for found in announced("rma_no", passage, cue, confidence=confidence):
            if not any(start <= found.start < end for start, end in taken) and not found.value.startswith("RMA"):
                yield found
