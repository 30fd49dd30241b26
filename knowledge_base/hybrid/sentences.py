"""Where the sentences, list items and table rows of a passage lie."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# Lines are items and table rows; within a line a sentence ends before a capital, not after „art.”, „ust.” or „np.”.
# The mark comes first in the pattern, what must not stand before it second: so the search leaps from mark to mark.
_SENTENCE_END: Final = re.compile(
    r"[.!?…](?<![Aa]rt.)(?<![Uu]st.)(?<!pkt.)(?<!np.)(?<!tj.)(?<!tzw.)(?<!nr.)(?<!ul.)(?<!min.)"
    r"[\"”)*]*\s+(?=[\"„(*]*[A-ZĄĆĘŁŃÓŚŹŻ])"
)
_LINE: Final = re.compile(r"[^\n]+")
# The rule below a table's header, and a heading within a passage.
_NO_SENTENCE: Final = re.compile(r"(?:[\s|:-]+\Z|#+ )")
_MIN_CHARS: Final = 12


def segment_spans(text: str, start: int = 0) -> list[tuple[int, int]]:
    """(start, end) of the sentences, list items and table rows of a text from an offset on."""
    spans = []
    for line in _LINE.finditer(text, start):
        first, last = line.span()
        if _NO_SENTENCE.match(text, first, last):
            continue
        ends = () if line[0].lstrip().startswith("|") else _SENTENCE_END.finditer(text, first, last)
        for begin, end in pairwise((first, *(found.end() for found in ends), last)):
            sentence = text[begin:end]
            bare = sentence.strip()
            if len(bare) >= _MIN_CHARS:
                begin += len(sentence) - len(sentence.lstrip())
                spans.append((begin, begin + len(bare)))
    return spans
