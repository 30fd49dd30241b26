"""The searchable knowledge base: filter, find candidates by words and by meaning, weigh the evidence, quote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import NO_FILTERS, Answer, Condition, Evidence, ScoredPassage, SearchFilters
from knowledge_base.dense import Scan, SegmentCosines, Segments, VectorIndex
from knowledge_base.errors import EncoderMismatch, InvalidSearch
from knowledge_base.fuse import (
    RELATIONS,
    Coverage,
    FusionWeights,
    Lexical,
    Semantic,
    answer_matrix,
    backgrounds_of,
    evidence_matrix,
    lead_of,
    load_weights,
    relations_of,
)
from knowledge_base.hybrid.code_index import CodeIndex
from knowledge_base.hybrid.conditions import Conditions
from knowledge_base.hybrid.facets import Facets
from knowledge_base.hybrid.query import Query, read_query
from knowledge_base.hybrid.quote import PassageReader
from knowledge_base.hybrid.ranking import Judged, Ranking
from knowledge_base.passage import CalibratedEncoder, Encoder, FloatArray, Passage
from knowledge_base.sparse import LexicalIndex, LexicalScores, LexicalSearch

MAX_LIMIT: Final = 1000
# Candidates from each ranker. Of 100, PoQuAD and SciFact (train) lose nothing in the first ten against all passages.
_CANDIDATES: Final = 100
# Passages of a ranking that are read for what the query demands; the others are taken to have it.
_READ: Final = 5
# Passages that are shown as nearest where none answers.
_NEAREST: Final = 3
# Filters whose passages are remembered.
_FILTERS: Final = 16
# Up to so many passages the whole index may stay in memory (about 60 MB).
SMALL: Final = 10_000


@dataclass(frozen=True, slots=True)
class Parts:
    """What an index consists of; all with one row per passage, in the same order."""

    passages: Sequence[Passage]
    facets: Facets
    codes: CodeIndex
    lexical: LexicalIndex
    vectors: VectorIndex
    segments: Segments

    def release(self) -> None:
        """Give memory back that a large index took for a query."""
        if len(self.facets.rows) > SMALL:
            self.lexical.release()
            self.vectors.release()
            self.segments.release()


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
        self._encoder = encoder
        self._background = encoder.background if isinstance(encoder, CalibratedEncoder) else None
        self._weights = weights or load_weights(calibrated=isinstance(encoder, CalibratedEncoder))
        self._today = today
        self._polish = parts.facets.polish
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

        A query that finds nothing is read again without its likely slips of the fingers.

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
        n_shown = self._weights.n_shown(ranking.relevance, ranking.named)
        if not n_shown and (mended := self.parts.lexical.mended(asked.text)) != asked.text:
            asked = read_query(mended)
            ranking = self.rank(asked, filters, limit)
            n_shown = self._weights.n_shown(ranking.relevance, ranking.named)
        results = tuple(self._results(asked, ranking, n_shown or n_nearest))
        self.parts.release()
        return Answer(results) if n_shown else Answer((), results)

    def knows_code(self, code: str) -> bool:
        """Whether some passage holds a normalised code."""
        return bool(self.parts.codes.known((code,)))

    def knows_word(self, word: str) -> bool:
        """Whether some passage holds a lower-case word in any form, or one that means nearly the same."""
        return self.parts.lexical.knows(word)

    def rank(self, query: Query, filters: SearchFilters = NO_FILTERS, limit: int = 10) -> Ranking:
        """Rank passages without a floor; for measuring and tuning.

        Raises:
            InvalidSearch: the limit is out of range.
        """
        if not 1 <= limit <= MAX_LIMIT:
            raise InvalidSearch(f"limit must be 1 to {MAX_LIMIT}, not {limit}.")
        allowed = self._allowed(filters, self._today())
        scan = self.parts.vectors.scan(self._encoder.encode_queries([query.text])[0])
        lexical = self.parts.lexical.search_words(query.weights)
        ids = self._candidates(query, lexical.scores, scan, allowed, max(_CANDIDATES, limit))
        near = self.parts.segments.near(scan.unit, ids)
        relations = relations_of(self._polish.take(ids), query.language)
        evidence, words = self._evidence(query, lexical.scores, self._semantic(scan, near, ids, relations), ids)
        scores = self._weights.ranking(evidence, relations)
        order = (-scores).argsort(kind="stable")
        lead, order = lead_of(scores.take(order[:_READ])), order[:limit]
        ids, evidence, relations = ids.take(order), evidence[order], relations.take(order)
        judge = partial(self._judge, query, lexical, ids, evidence, relations, lead)
        return Ranking(ids, scan.unit, evidence, words.take(order), near.take(order), judge)

    def _judge(
        self,
        query: Query,
        lexical: LexicalSearch,
        ids: NDArray[np.int64],
        evidence: NDArray[np.float32],
        relations: NDArray[np.int64],
        lead: float,
    ) -> Judged:
        """Whether candidates answer."""
        missing = self._missing(query, ids)
        lacks = np.zeros(len(ids), bool)
        lacks[: len(missing)] = [*map(bool, missing)]
        codes = self._of_codes(self.parts.codes.shares, self.parts.codes.telling(query.codes), ids)
        other = relations == RELATIONS.index("other")
        coverage = Coverage(codes, lexical.coverage(ids), len(query.words), other, lead, lacks)
        answers = answer_matrix(evidence, coverage)
        named = self.parts.segments.named(ids)
        # A passage cannot be shown as more relevant than one ranked before it.
        return Judged(np.minimum.accumulate(self._weights.relevance(answers, named)), answers, named, missing)

    def _missing(self, query: Query, ids: NDArray[np.int64]) -> tuple[tuple[Condition, ...], ...]:
        """What the query demands and each of the first passages lacks; empty where it demands nothing."""
        if not (conditions := Conditions.of(query, self)):
            return ()
        return tuple([conditions.missing_in(self.parts.passages[number]) for number in ids[:_READ].tolist()])

    def _candidates(
        self, query: Query, lexical: LexicalScores, scan: Scan, allowed: NDArray[np.bool_] | None, count: int
    ) -> NDArray[np.int64]:
        """Numbers of the passages that each ranker finds best, in order."""
        by_words = lexical.related / max(lexical.related_possible, 1e-9)
        by_words += lexical.grams / max(lexical.grams_possible, 1e-9)
        chosen = np.zeros(len(self), bool)
        chosen[_best(by_words if allowed is None else by_words * allowed, count)] = True
        if query.codes:
            codes = self.parts.codes.evidence(query.codes, len(self))
            chosen[_best(codes if allowed is None else codes * allowed, count)] = True
        chosen[scan.nearest(count, allowed)] = True
        return chosen.nonzero()[0]

    def _evidence(
        self, query: Query, lexical: LexicalScores, semantic: Semantic, ids: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], FloatArray]:
        """What speaks for some passages, and their BM25 over words."""
        found = Lexical(
            lexical.words.take(ids),
            lexical.related.take(ids),
            lexical.grams.take(ids),
            lexical.words_possible,
            lexical.related_possible,
            lexical.grams_possible,
        )
        codes = self._of_codes(self.parts.codes.evidence, query.codes, ids)
        return evidence_matrix(found, semantic, codes), found.words

    def _semantic(
        self, scan: Scan, near: SegmentCosines, ids: NDArray[np.int64], relations: NDArray[np.int64]
    ) -> Semantic:
        """How near some passages are to the query, above what unrelated ones are where the encoder knows that."""
        found = Semantic(scan.cosines(ids), *near.best())
        return found.above(backgrounds_of(self._background, relations)) if self._background else found

    def _of_codes(
        self, share: Callable[[Sequence[str], int], FloatArray], codes: Sequence[str], ids: NDArray[np.int64]
    ) -> FloatArray:
        """Shares of codes in some passages."""
        return share(codes, len(self)).take(ids) if codes else np.zeros(len(ids), np.float32)

    def _results(self, query: Query, ranking: Ranking, count: int) -> Iterator[ScoredPassage]:
        """The first passages of a ranking, with quotes."""
        numbers = ranking.ids[:count]
        passages = [self.parts.passages[number] for number in numbers.tolist()]
        shown = PassageReader(query).read(passages, ranking.near.sentences(count))
        evidence, bm25, relevance = ranking.evidence[:count].tolist(), ranking.bm25.tolist(), ranking.relevance.tolist()
        missing = ranking.judged.missing
        exact = self.parts.vectors.cosines(ranking.vector, numbers).tolist() if self._background else ()
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


def _allowed_by(facets: Facets, filters: SearchFilters, today: date) -> NDArray[np.bool_] | None:
    """Which passages may be returned, bool of shape (n_passages,); None: all."""
    allowed = facets.mask(filters, today)
    return None if allowed.all() else allowed


def _best(scores: FloatArray, k: int) -> NDArray[np.int64]:
    """Numbers of the k highest scores above 0, in no order."""
    if len(scores) <= k:
        return scores.nonzero()[0]
    top = scores.argpartition(-k)[-k:]
    return top[scores.take(top) > 0]
