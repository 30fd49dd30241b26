r"""What a fact finder reads and what it returns.

>>> cue = re.compile(r"zam(?:owieni\w+|\.)?")
>>> [f.value for f in announced("order_no", Passage("zam. 40318, nr zamówienia: I-2026-10022"), cue)]
['40318', 'I-2026-10022']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from triage.domain.folding import fold

_PLACEHOLDER: Final = re.compile(r"⟦[^⟦⟧]*⟧")
_FILLER: Final = re.compile(
    r"(?:[\s:=#(\"„”]|\.(?!\d)|(?:nr|numer\w*|number|no|o|to|is|was|the|our|my|moj\w*|pod|sprzedazy|serwisow\w+"
    r"|ramow\w+|zwrotn\w+|dostawy|issued|for|naprawy|czesci|part)(?![\w/-])){0,8}"
)
_NUMBER: Final = re.compile(
    r"(?=[\w/-]*\d[\w/-]*\d[\w/-]*\d)[a-z]{0,5}[-/]?\d[\w/-]*[\w](?![.,]\d)"
    r"|[a-z]{1,5}[-/][a-z\d][\w/-]*\d[\w/-]*(?![.,]\d)"
)
_UNIT: Final = re.compile(r" ?(?:szt|sztuk|pcs|pieces|units|zl|pln|eur|kg|cm|mm|dni|lat|mies)(?!\w)")
_NEXT: Final = re.compile(r"(?:, ?| i | and | oraz |, a )(?:nr )?|\s")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact in one text: offsets in code points, value normalised, confidence in [0, 1]."""

    kind: str
    value: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A redacted text with its folded twin of the same length, placeholders blanked: they are no facts."""

    text: str
    folded: str = field(init=False)

    def __post_init__(self) -> None:
        blanked = _PLACEHOLDER.sub(lambda match: " " * len(match.group()), self.text)
        object.__setattr__(self, "folded", fold(blanked))


def announced(
    kind: str, passage: Passage, cue: re.Pattern[str], number: re.Pattern[str] = _NUMBER, confidence: float = 0.95
) -> Iterator[Finding]:
    """Numbers that follow a cue word, with only filler between, and further ones of the same list."""
    for match in cue.finditer(passage.folded):
        position = match.end()
        filler = _FILLER.match(passage.folded, position)
        position = filler.end() if filler else position
        if (
            position == match.end()
            and passage.folded[position - 1 : position].isalnum()
            and passage.folded[position : position + 1].isalnum()
        ):
            continue  # „zamykanie” is not „zam” with a number
        length = 0
        while found := number.match(passage.folded, position):
            if _UNIT.match(passage.folded, found.end()) or (length and abs(len(found.group()) - length) > 1):
                break  # „PO 4500118, 240 szt.”: a quantity is no second number
            length = len(found.group())
            yield Finding(
                kind, normal(passage.text[found.start() : found.end()]), found.start(), found.end(), confidence
            )
            following = _NEXT.match(passage.folded, found.end())
            if not following:
                break
            position = following.end()


def matches(
    kind: str, passage: Passage, pattern: re.Pattern[str], confidence: float, unless: re.Pattern[str] | None = None
) -> Iterator[Finding]:
    """Every hit of a pattern on the folded text; ``unless`` is searched in the 30 characters before it."""
    for match in pattern.finditer(passage.folded):
        if unless is None or not unless.search(passage.folded, max(0, match.start() - 30), match.start()):
            yield Finding(kind, match.group().strip(), match.start(), match.end(), confidence)


def normal(written: str) -> str:
    """A number in one spelling: upper case, no blanks."""
    return re.sub(r"\s+", "", written).upper()
