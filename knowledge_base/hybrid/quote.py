"""The best quote of a passage and the words to highlight in it."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterable, Mapping
from itertools import pairwise
from operator import or_
from typing import Final

from knowledge_base.hybrid.query import Query
from knowledge_base.passage import FloatArray, Passage, Quote
from knowledge_base.tokenise import codes, word_keys

_WORD: Final = re.compile(r"[^\W_]+")
# Lines are items and table rows; within a line a sentence ends before a capital, not after „art.”, „ust.” or „np.”.
_SENTENCE_END: Final = re.compile(
    r"(?<![Aa]rt)(?<![Uu]st)(?<!pkt)(?<!np)(?<!tj)(?<!tzw)(?<!nr)(?<!ul)(?<!min)[.!?…][\"”)*]*\s+(?=[\"„(*]*[A-ZĄĆĘŁŃÓŚŹŻ])"
)
# The rule below a table's header, and a heading within a passage.
_NO_SENTENCE: Final = re.compile(r"^(?:[\s|:-]+$|#+ )")
_MIN_CHARS: Final = 12
# Words say best which sentence is meant; where they do not tell, its meaning does.
_COSINE_WEIGHT: Final = 0.5
# Passages whose words are remembered: those that many questions lead to are read once (about 4 kB each).
_REMEMBERED: Final = 1024
_REMEMBERED_SENTENCES: Final = 4096


class PassageReader:
    """Reads passages for one query: finds the best quote and the words to highlight.

    Each distinct word is compared with the query once, however many passages hold it.
    """

    def __init__(self, query: Query) -> None:
        self._n_words = len(query.keys)
        self._codes = frozenset(query.codes)
        bits: dict[str, int] = {}
        for number, keys in enumerate(query.keys):
            for key in keys:
                bits[key] = bits.get(key, 0) | 1 << number
        self._met_by = {language: _WordsMet(bits, language) for language in ("pl", "en")}

    def quote(self, passage: Passage, cosines: FloatArray) -> Quote:
        """The sentence, list item or table row of a passage that answers best, word for word.

        Args:
            cosines: of the query and each of the passage's sentences, as ``segment_spans`` gives them; one for the
                whole text where it gives none.
        """
        sentences = _sentences(passage.text, passage.prefix)
        heading = passage.section[-1] if passage.section else ""
        # What the heading says tells no sentence of its section from another: „gdy E18 wraca, prosimy o zgłoszenie”.
        asked = ~self._met(_WORD.findall(heading.lower()), passage.language)
        found_codes = self._codes - _codes_of(heading) if self._codes else self._codes
        n_words = (asked & (1 << self._n_words) - 1).bit_count()
        whole = max(n_words + 2 * len(found_codes), 1)
        scores = []
        for (start, end, words), cosine in zip(sentences, cosines.tolist(), strict=True):
            met = (self._met(words, passage.language) & asked).bit_count()
            if found_codes:  # codes count double
                met += 2 * len(_codes_of(passage.text[start:end]) & found_codes)
            scores.append(met / whole + _COSINE_WEIGHT * cosine)
        # Where the heading says all that was asked, the section's first sentence begins the answer.
        start, end, _ = sentences[scores.index(max(scores)) if n_words or found_codes else 0]
        shift = passage.start - passage.prefix
        return Quote(passage.text[start:end], start + shift, end + shift)

    def terms(self, passage: Passage) -> tuple[str, ...]:
        """Words of the passage and its heading that meet a word of the query, as written, each once."""
        met = self._met_by[_rules(passage.language)]
        return tuple(word for word in _words(f"{passage.heading}\n{passage.text}") if met[word.lower()])

    def _met(self, words: Iterable[str], language: str) -> int:
        """Which of the query's words some lower-case words meet, a bit for each."""
        met = self._met_by[_rules(language)]
        return functools.reduce(or_, map(met.__getitem__, words), 0)


class _WordsMet(dict[str, int]):
    """Lower-case word of one language to the query's words that it meets, a bit for each."""

    def __init__(self, bits: Mapping[str, int], language: str) -> None:
        super().__init__()
        self._bits = bits
        self._language = language

    def __missing__(self, word: str) -> int:
        met = 0
        for key in word_keys(word, self._language):
            met |= self._bits.get(key, 0)
        self[word] = met
        return met


def _rules(language: str) -> str:
    """Whose rules a word is keyed by: all but Polish is taken for English."""
    return "pl" if language == "pl" else "en"


@functools.lru_cache(maxsize=_REMEMBERED_SENTENCES)
def _codes_of(text: str) -> frozenset[str]:
    return frozenset(codes(text))


@functools.lru_cache(maxsize=_REMEMBERED)
def _sentences(text: str, prefix: int) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """(start, end, lower-case words) of the sentences, items and rows of the verbatim part."""
    spans = segment_spans(text, prefix) or [(prefix, len(text))]
    return tuple((start, end, _interned(text[start:end].lower())) for start, end in spans)


@functools.lru_cache(maxsize=_REMEMBERED)
def _words(text: str) -> tuple[str, ...]:
    """Distinct words of a text as written."""
    return tuple(dict.fromkeys(_interned(text)))


def _interned(text: str) -> tuple[str, ...]:
    """Words of a text; the same word of many passages is kept once."""
    return tuple(map(sys.intern, _WORD.findall(text)))


def segment_spans(text: str, start: int = 0) -> list[tuple[int, int]]:
    """(start, end) of the sentences, list items and table rows of a text from an offset on."""
    spans = []
    for line in re.finditer(r"[^\n]+", text[start:]):
        first, last = start + line.start(), start + line.end()
        if _NO_SENTENCE.match(text[first:last]):
            continue
        cuts = [first, *(end.end() for end in _SENTENCE_END.finditer(text, first, last)), last]
        if text[first:last].lstrip().startswith("|"):
            cuts = [first, last]
        for begin, end in pairwise(cuts):
            sentence = text[begin:end]
            if len(sentence.strip()) >= _MIN_CHARS:
                spans.append((begin + len(sentence) - len(sentence.lstrip()), begin + len(sentence.rstrip())))
    return spans
