"""The best quote of a passage and the words to highlight in it."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from knowledge_base.answer import Quote
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.word_places import WordPlaces, passage_words, rules_of
from knowledge_base.passage import Passage
from knowledge_base.tokenise import codes

# Words say best which sentence is meant; where they do not tell, its meaning does.
_COSINE_WEIGHT: Final = 0.5
_REMEMBERED_SENTENCES: Final = 4096


class Shown(NamedTuple):
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
        self._n_words = len(query.words)
        self._codes = frozenset(query.codes)
        self._bits: defaultdict[int, int] = defaultdict(int)
        for number, keys in enumerate(query.keys):
            for key in keys:
                self._bits[key] |= 1 << number

    def read(self, passages: Sequence[Passage], cosines: Sequence[Sequence[float]]) -> Iterator[Shown]:
        """What is shown of each of some passages.

        Args:
            cosines: for each passage, of the query and each of its sentences, as ``segment_spans`` gives them; one for
                the whole text where it gives none.
        """
        words = passage_words()
        places = [*map(words.places, passages)]
        met_by = {rules: words.known[rules].met(self._bits) for rules in {*map(rules_of, passages)}}
        for passage, place, of_sentences in zip(passages, places, cosines, strict=True):
            yield self._shown(passage, place, of_sentences, met_by[rules_of(passage)])

    def _shown(
        self, passage: Passage, places: WordPlaces, cosines: Sequence[float], met_by: Mapping[str, int]
    ) -> Shown:
        # What the heading says tells no sentence of its section from another: „gdy E18 wraca, prosimy o zgłoszenie”.
        asked = (1 << self._n_words) - 1
        met = places.words & met_by.keys()
        found = [0] * len(places.spans)
        for word in met:
            bits = met_by[word]
            if word in places.heading:
                asked &= ~bits
            for number in places.sentences.get(word, ()):
                found[number] |= bits
        counts = [(bits & asked).bit_count() for bits in found]
        start, end = self._best(passage, places.spans, counts, cosines, asked)
        shift = passage.start - passage.prefix
        quote = Quote(passage.text[start:end], start + shift, end + shift)
        terms = sorted([number for word in met for number in places.forms[word]])
        return Shown(quote, tuple([places.written[number] for number in terms]))

    def _best(
        self,
        passage: Passage,
        spans: Sequence[tuple[int, int]],
        counts: list[int],
        cosines: Sequence[float],
        asked: int,
    ) -> tuple[int, int]:
        """Where the sentence lies that answers best, by the number of the query's words in it and its cosine."""
        if len(spans) == 1:
            return spans[0]
        found_codes = self._codes
        if found_codes and passage.section:
            found_codes -= _codes_of(passage.section[-1])
        if not (asked or found_codes):
            return spans[0]  # where the heading says all that was asked, the section's first sentence begins the answer
        if found_codes:  # codes count double
            for number, (start, end) in enumerate(spans):
                counts[number] += 2 * len(_codes_of(passage.text[start:end]) & found_codes)
        whole = asked.bit_count() + 2 * len(found_codes)
        scores = [count / whole + _COSINE_WEIGHT * cosine for count, cosine in zip(counts, cosines, strict=True)]
        return spans[scores.index(max(scores))]


@functools.lru_cache(maxsize=_REMEMBERED_SENTENCES)
def _codes_of(text: str) -> frozenset[str]:
    return frozenset(codes(text))
