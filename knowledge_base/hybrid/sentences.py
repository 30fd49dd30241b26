"""Where the sentences, list items and table rows of a passage lie."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import numpy as np

from knowledge_base import kernels

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


def most_sentences(n_chars: int, n_texts: int) -> int:
    """How many sentences texts of so many characters in all may have at most; one that has none is one."""
    return n_chars // _MIN_CHARS + n_texts


def segment_spans(text: str, start: int = 0) -> list[tuple[int, int]]:
    """(start, end) of the sentences, list items and table rows of a text from an offset on."""
    if not kernels.COMPILED:
        return _segment_spans(text, start)
    spans = np.empty((most_sentences(len(text), 1), 2), np.int64)
    count = kernels.cut_sentences(text.encode("utf-32-le", "surrogatepass"), start, spans)
    return [*zip(*spans[:count].T.tolist(), strict=True)]


def _segment_spans(text: str, start: int) -> list[tuple[int, int]]:
    """The same without the compiled function."""
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
