"""The best quote of a passage and the words to highlight in it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.answer import Quote
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.sentences import most_sentences
from knowledge_base.hybrid.word_forms import AskedKeys, is_flipped
from knowledge_base.hybrid.word_places import lowered_by_characters, word_places
from knowledge_base.passage import FloatArray, Passage
from knowledge_base.tokenise import codes
from knowledge_base.tokenise.runs import INVERSE

# Words say best which sentence is meant; where they do not tell, its meaning does.
_COSINE_WEIGHT: Final = 0.5
_REMEMBERED_SENTENCES: Final = 4096
# What the compiled function tells: start, end and number of words of a sentence; of a passage its first sentence and
# the one behind its last, the best one, how many words were asked of them, and where its terms end.
_OF_SENTENCE: Final = 3
_OF_PASSAGE: Final = 5
_BEST: Final = 2


class Shown(NamedTuple):
    """What is shown of a passage.

    Attributes:
        quote: the sentence, list item or table row that answers best, word for word.
        terms: words of the passage and its heading that meet a word of the query, as written, each once.
    """

    quote: Quote
    terms: tuple[str, ...]


class Sentence(NamedTuple):
    """A sentence, list item or table row of a passage.

    Attributes:
        start: offset in the passage's text.
        end: offset behind it.
        n_met: how many words of the query it has, of those that the passage's own heading has not.
        cosine: of the query and it.
    """

    start: int
    end: int
    n_met: int
    cosine: float


class PassageReader:
    """Reads passages of an index for one query: finds the best quote and the words to highlight."""

    def __init__(self, query: Query, parts: Parts) -> None:
        self._parts = parts
        self._asked = AskedKeys.of(query.keys)
        self._codes = frozenset(query.codes)

    def read(self, passages: Sequence[Passage], ids: NDArray[np.int64], unit: FloatArray) -> Iterator[Shown]:
        """What is shown of each of some passages.

        Args:
            ids: their numbers, shape (n,).
            unit: the query's vector, float32 of shape (dim,), of length 1 (or 0: all cosines are 0).
        """
        texts = [text for passage in passages for text in (passage.title, *passage.section, passage.text)]
        joined = "".join(texts)
        if kernels.COMPILED and lowered_by_characters(joined):
            return self._read_compiled(passages, ids, unit, texts, joined)
        return self._read(passages, ids, unit)

    def _read_compiled(
        self, passages: Sequence[Passage], ids: NDArray[np.int64], unit: FloatArray, texts: Sequence[str], joined: str
    ) -> Iterator[Shown]:
        room = most_sentences(len(joined), len(passages))
        sentences, cosines = np.empty((room, _OF_SENTENCE), np.int64), np.empty(room, np.float32)
        shown = np.empty((len(passages), _OF_PASSAGE), np.int64)
        places = np.empty((len(joined) // 2 + len(texts), 2), np.int64)
        segments, asked = self._parts.segments, self._asked
        kernels.quote(
            joined.encode("utf-32-le", "surrogatepass"),
            np.array([*map(len, texts)], np.int64),
            np.array([2 + len(passage.section) for passage in passages], np.int64),
            np.array([passage.prefix for passage in passages], np.int64),
            bytes([is_flipped(passage.language) for passage in passages]),
            ids, asked.keys, asked.numbers, asked.n_groups, *self._parts.forms.arrays,
            segments.rows, segments.norms, segments.bounds, unit, INVERSE, sentences, cosines, places, shown,
        )  # fmt: skip
        best = sentences.take(shown[:, _BEST], axis=0).tolist()
        first_term = 0
        for passage, row, (start, end, _) in zip(passages, shown.tolist(), best, strict=True):
            first, behind, _, n_asked, end_of_terms = row
            if wanted := self._codes_wanted(passage):
                starts, ends, counts = sentences[first:behind].T.tolist()
                read = [*map(Sentence, starts, ends, counts, cosines[first:behind].tolist())]
                start, end = _best(passage, read, n_asked, wanted)
            terms = tuple([joined[begin:stop] for begin, stop in places[first_term:end_of_terms].tolist()])
            yield _shown(passage, start, end, terms)
            first_term = end_of_terms

    def _read(self, passages: Sequence[Passage], ids: NDArray[np.int64], unit: FloatArray) -> Iterator[Shown]:
        """The same without the compiled function."""
        met_by = self._parts.forms.met(self._asked)
        for passage, cosines in zip(passages, self._parts.segments.sentences(unit, ids), strict=True):
            spans, words = word_places(passage)
            asked, found = (1 << self._asked.n_groups) - 1, [0] * len(spans)
            met = [(word, bits) for word in words if (bits := met_by.get(word.hash, 0))]
            for word, bits in met:
                if word.in_heading:
                    asked &= ~bits
                elif word.sentence >= 0:
                    found[word.sentence] |= bits
            sentences = [
                Sentence(*span, (bits & asked).bit_count(), cosine)
                for span, bits, cosine in zip(spans, found, cosines, strict=True)
            ]
            start, end = _best(passage, sentences, asked.bit_count(), self._codes_wanted(passage))
            yield _shown(passage, start, end, tuple(dict.fromkeys(word.written for word, _ in met)))

    def _codes_wanted(self, passage: Passage) -> frozenset[str]:
        """Codes of the query, but those of the passage's heading."""
        if self._codes and passage.section:
            return self._codes - _codes_of(passage.section[-1])
        return self._codes


def _best(passage: Passage, sentences: Sequence[Sentence], n_asked: int, wanted: frozenset[str]) -> tuple[int, int]:
    """Where the sentence lies that answers best, by the query's words and codes in it and its cosine.

    What the heading says tells no sentence of its section from another („gdy E18 wraca, prosimy o zgłoszenie”). Where
    it says all that was asked, the section's first sentence begins the answer. Codes count double.
    """
    whole = n_asked + 2 * len(wanted)

    def share(sentence: Sentence) -> float:
        of_codes = _n_codes(passage.text[sentence.start : sentence.end], wanted)
        return (sentence.n_met + 2 * of_codes) / whole + _COSINE_WEIGHT * sentence.cosine

    best = max(sentences, key=share) if whole else sentences[0]
    return best.start, best.end


def _n_codes(sentence: str, wanted: frozenset[str]) -> int:
    """How many of some codes a sentence has; one that lacks a character of each is not read."""
    characters = {*sentence.upper()} if wanted else set()
    return len(_codes_of(sentence) & wanted) if any(map(characters.issuperset, wanted)) else 0


def _shown(passage: Passage, start: int, end: int, terms: tuple[str, ...]) -> Shown:
    shift = passage.start - passage.prefix
    return Shown(Quote(passage.text[start:end], start + shift, end + shift), terms)


@functools.lru_cache(maxsize=_REMEMBERED_SENTENCES)
def _codes_of(text: str) -> frozenset[str]:
    return frozenset(codes(text))
