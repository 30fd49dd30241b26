"""The searchable knowledge base: filter, rank, judge whether there is an answer, quote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import NO_FILTERS, Answer, Evidence, ScoredPassage, SearchFilters
from knowledge_base.errors import EncoderMismatch, InvalidSearch
from knowledge_base.fuse import FusionWeights
from knowledge_base.hybrid.facets import Facets
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.query import Query, read_query
from knowledge_base.hybrid.quote import PassageReader
from knowledge_base.hybrid.ranker import Ranker
from knowledge_base.hybrid.ranking import Ranking
from knowledge_base.passage import Encoder

MAX_LIMIT: Final = 1000
# Passages that are shown as nearest where none answers.
_NEAREST: Final = 3
# Filters whose passages are remembered.
_FILTERS: Final = 16


class KnowledgeIndex:
    """Searches one generation of the knowledge base.

    Args:
        parts: as built or opened.
        encoder: the one that made the vectors.
        generation: its id, for the record of where an answer came from.
        weights: of the evidence; the shipped ones by default.
        today: gives the day on which passages must be in force when a search names none.
    """

    def __init__(
        self,
        parts: Parts,
        encoder: Encoder,
        *,
        generation: str = "",
        weights: FusionWeights | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        if parts.vectors.size and encoder.dim != parts.vectors.dim:
            raise EncoderMismatch(f"{parts.vectors.dim} dimensions", f"{encoder.dim} dimensions ({encoder.name})")
        self.parts = parts
        self.generation = generation
        self._ranker = Ranker(parts, encoder, weights)
        self._today = today
        # of the columns alone: an index that refers to itself is not freed before the collector finds it
        self._allowed = lru_cache(maxsize=_FILTERS)(partial(_allowed_by, parts.facets))

    def __len__(self) -> int:
        """Number of passages."""
        return self.parts.vectors.size

    def search(self, query: str, filters: SearchFilters = NO_FILTERS, limit: int = 10) -> tuple[ScoredPassage, ...]:
        """Passages that answer a query, best first; none when nothing is good enough. As ``answer`` has them."""
        return self._found(query, filters, limit, n_nearest=0).hits

    def answer(self, query: str, filters: SearchFilters = NO_FILTERS, limit: int = 10) -> Answer:
        """Passages that answer a query, best first; where nothing is good enough, those that come nearest.

        A query that finds nothing is read again without its likely slips of the fingers. What people ruled on the
        same question goes before all evidence.

        Args:
            query: a question, words, or a code, in Polish or English.
            filters: passages they exclude are not ranked at all.
            limit: at most so many, 1 to 1000.

        Raises:
            InvalidSearch: the query is empty or the limit out of range.
        """
        return self._found(query, filters, limit, n_nearest=min(limit, _NEAREST))

    def _found(self, query: str, filters: SearchFilters, limit: int, *, n_nearest: int) -> Answer:
        asked = read_query(query)
        ranking = self.rank(asked, filters, limit)
        n_shown = self._n_shown(ranking)
        if not (n_shown or ranking.ruled.nowhere) and (mended := self.parts.lexical.mended(asked.text)) != asked.text:
            asked = read_query(mended)
            ranking = self.rank(asked, filters, limit)
            n_shown = self._n_shown(ranking)
        results = tuple(self._results(asked, ranking, n_shown or n_nearest))
        self.parts.release()
        return Answer(results) if n_shown else Answer((), results)

    def _n_shown(self, ranking: Ranking) -> int:
        """How many passages are good enough; of what was ruled to have no answer, only those that are new since."""
        n_shown = self._ranker.weights.n_shown(ranking.relevance, ranking.named)
        return min(n_shown, ranking.ruled.n_new(ranking.ids)) if ranking.ruled.nowhere else n_shown

    def knows_code(self, code: str) -> bool:
        """Whether some passage holds a normalised code."""
        return self.parts.knows_code(code)

    def knows_word(self, word: str) -> bool:
        """Whether some passage holds a lower-case word in any form, or one that means nearly the same."""
        return self.parts.knows_word(word)

    def rank(self, query: Query, filters: SearchFilters = NO_FILTERS, limit: int = 10) -> Ranking:
        """Rank passages as an answer has them, without a floor; for measuring.

        Raises:
            InvalidSearch: the limit is out of range.
        """
        return self._ranker.rank(query, self._allowed_today(filters), _checked(limit))

    def order(self, query: Query, filters: SearchFilters = NO_FILTERS, limit: int = 10) -> Ranking:
        """Order passages by the query as it stands, as engines do that judge none; for tuning and measuring.

        Raises:
            InvalidSearch: the limit is out of range.
        """
        return self._ranker.order(query, self._allowed_today(filters), _checked(limit))

    def _allowed_today(self, filters: SearchFilters) -> NDArray[np.bool_] | None:
        return self._allowed(filters, self._today())

    def _results(self, query: Query, ranking: Ranking, count: int) -> Iterator[ScoredPassage]:
        """The first passages of a ranking, with quotes."""
        numbers = ranking.ids[:count]
        passages = [self.parts.passages[number] for number in numbers.tolist()]
        shown = PassageReader(query, self.parts).read(passages, numbers, ranking.vector)
        evidence, bm25, relevance = ranking.evidence[:count].tolist(), ranking.bm25.tolist(), ranking.relevance.tolist()
        missing = ranking.judged.missing
        exact = self.parts.vectors.cosines(ranking.vector, numbers).tolist() if self._ranker.background else ()
        for row, (passage, show) in enumerate(zip(passages, shown, strict=True)):
            lexical, spelling, _, _, cosine, _, name, sentence, _ = evidence[row]  # as in EVIDENCE
            why = Evidence(
                lexical=lexical,
                spelling=spelling,
                semantic=max(cosine, name, sentence),
                codes=tuple([code for code in query.codes if code in passage.codes]),
            )
            yield ScoredPassage(
                passage=passage,
                relevance=relevance[row],
                bm25=bm25[row],
                cosine=exact[row] if exact else cosine,
                quote=show.quote,
                terms=show.terms,
                why=why,
                missing=missing[row] if row < len(missing) else (),
            )


def _checked(limit: int) -> int:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidSearch(f"limit must be 1 to {MAX_LIMIT}, not {limit}.")
    return limit


def _allowed_by(facets: Facets, filters: SearchFilters, today: date) -> NDArray[np.bool_] | None:
    """Which passages may be returned, bool of shape (n_passages,); None: all."""
    allowed = facets.mask(filters, today)
    return None if allowed.all() else allowed
