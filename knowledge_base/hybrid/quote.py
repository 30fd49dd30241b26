"""The best quote of a passage and the words to highlight in it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.word_places import WordPlaces, passage_words, rules_of
from knowledge_base.passage import FloatArray, Passage, Quote
from knowledge_base.tokenise import codes

# Words say best which sentence is meant; where they do not tell, its meaning does.
_COSINE_WEIGHT: Final = 0.5
_REMEMBERED_SENTENCES: Final = 4096


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a passage.

    Attributes:
        quote: the sentence, list item or table row that answers best, word for word.
        terms: words of the passage and its heading that meet a word of the query, as written, each once.
    """

    quote: Quote
    terms: tuple[str, ...]


class PassageReader:
    """Reads passages for one query: finds the best quote and the words to highlight."""

    def __init__(self, query: Query) -> None:
        self._n_words = len(query.keys)
        self._codes = frozenset(query.codes)
        self._bits: dict[str, int] = {}
        for number, keys in enumerate(query.keys):
            for key in keys:
                self._bits[key] = self._bits.get(key, 0) | 1 << number

    def read(self, passages: Sequence[Passage], cosines: Sequence[FloatArray]) -> Iterator[Shown]:
        """What is shown of each of some passages.

        Args:
            cosines: for each passage, of the query and each of its sentences, as ``segment_spans`` gives them; one for
                the whole text where it gives none.
        """
        words = passage_words()
        places = [*map(words.places, passages)]
        met = {rules: words.known[rules].met(self._bits) for rules in {*map(rules_of, passages)}}
        for passage, place, of_sentences in zip(passages, places, cosines, strict=True):
            meeting = met[rules_of(passage)]
            quote = self._quote(passage, place, of_sentences.tolist(), meeting)
            yield Shown(quote, tuple(compress(place.written, map(meeting.__contains__, place.lowered))))

    def _quote(self, passage: Passage, places: WordPlaces, cosines: list[float], meeting: Mapping[str, int]) -> Quote:
        # What the heading says tells no sentence of its section from another: „gdy E18 wraca, prosimy o zgłoszenie”.
        asked = (1 << self._n_words) - 1
        for word in places.heading:
            asked &= ~meeting.get(word, 0)
        found_codes = self._codes - _codes_of(passage.section[-1]) if self._codes and passage.section else self._codes
        n_words = asked.bit_count()
        whole = max(n_words + 2 * len(found_codes), 1)
        met = [0] * len(places.spans)
        for word in places.sentences.keys() & meeting.keys():
            for number in _set_bits(places.sentences[word]):
                met[number] |= meeting[word]
        counts = [(bits & asked).bit_count() for bits in met]
        if found_codes:  # codes count double
            for number, (start, end) in enumerate(places.spans):
                counts[number] += 2 * len(_codes_of(passage.text[start:end]) & found_codes)
        scores = [count / whole + _COSINE_WEIGHT * cosine for count, cosine in zip(counts, cosines, strict=True)]
        # Where the heading says all that was asked, the section's first sentence begins the answer.
        start, end = places.spans[scores.index(max(scores)) if n_words or found_codes else 0]
        shift = passage.start - passage.prefix
        return Quote(passage.text[start:end], start + shift, end + shift)


def _set_bits(number: int) -> Iterator[int]:
    """Places of the bits that are set."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


@functools.lru_cache(maxsize=_REMEMBERED_SENTENCES)
def _codes_of(text: str) -> frozenset[str]:
    return frozenset(codes(text))
