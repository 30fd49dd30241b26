"""The lexical index: BM25 over word keys and codes beside BM25 over character 4-grams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Self

from knowledge_base.sparse import spelling
from knowledge_base.sparse.bm25 import Bm25Index
from knowledge_base.sparse.key_terms import key_terms
from knowledge_base.sparse.lexical_search import LexicalScores, LexicalSearch
from knowledge_base.sparse.terms import Pieces, TokenisedTexts, count_terms, gram_terms, tokenise_pieces
from knowledge_base.tokenise import query_words, unpacked, word_weights

# Chosen on PoQuAD, SciFact (train) and a phone manual together; b is below the usual 0.75, as passages are cut
# to one size.
K1: Final = 0.8
B: Final = 0.5


class LexicalIndex:
    """Finds passages by their words."""

    def __init__(self, words: Bm25Index, grams: Bm25Index) -> None:
        self._words = words
        self._grams = grams

    @classmethod
    def build(cls, texts: Sequence[str], languages: Sequence[str]) -> Self:
        """Index texts, each by the rules of its language."""
        return cls.of_pieces([((text, language),) for text, language in zip(texts, languages, strict=True)])

    @classmethod
    def of_pieces(cls, texts: Sequence[Pieces]) -> Self:
        """Index texts of (text, language) pieces, each piece by the rules of its language."""
        return cls.of_tokenised(tokenise_pieces(texts))

    @classmethod
    def of_tokenised(cls, tokenised: TokenisedTexts) -> Self:
        """Index texts as numbers of words."""
        words = Bm25Index.build(count_terms(tokenised, key_terms(tokenised.vocabularies)), k1=K1, b=B)
        every_word = [*chain.from_iterable(vocabulary.words for vocabulary in tokenised.vocabularies)]
        grams = Bm25Index.build(count_terms(tokenised, gram_terms(every_word)), k1=K1, b=B)
        return cls(words, grams)

    def save(self, folder: Path) -> None:
        """Write both indexes below a folder."""
        for name, index in (("words", self._words), ("grams", self._grams)):
            (folder / name).mkdir(parents=True, exist_ok=True)
            index.save(folder / name)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what ``save`` wrote."""
        return cls(Bm25Index.open(folder / "words"), Bm25Index.open(folder / "grams"))

    def search(self, query: str) -> LexicalSearch:
        """Score every passage for a query.

        The query's words are keyed by the rules of both languages: „reset AquaSpin nie działa” is neither alone. Each
        weighs what ``word_weights`` says.
        """
        return self.search_words(word_weights(query))

    def search_words(self, weights: Mapping[str, float]) -> LexicalSearch:
        """The same for words that are no stop words and what each weighs."""
        words, weighed = query_words([*weights]), [*weights.values()]
        own, related, own_possible, related_possible = self._words.scores(words, weighed)
        by_grams = self._grams.sums([word.grams for word in words], weighed)
        scores = LexicalScores(own, related, by_grams.own, own_possible, related_possible, by_grams.own_possible)
        return LexicalSearch(scores, words, self._words, self._grams)

    def scores(self, query: str) -> LexicalScores:
        """Scores of every passage for a query."""
        return self.search(query).scores

    def mended(self, query: str) -> str:
        """A query with two neighbouring letters swapped back in words that no passage has, where one then is known."""
        return spelling.mended(query, self._words)

    def knows(self, word: str) -> bool:
        """Whether some text has a lower-case word in any form, or one that means nearly the same."""
        return len(self._words.held(unpacked(query_words([word])[0].terms))) > 0

    def release(self) -> None:
        """Give the memory back into which postings were read."""
        self._words.release()
        self._grams.release()
