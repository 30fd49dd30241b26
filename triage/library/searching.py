"""Searches on record: what was asked (without personal data), what was shown, and whether it helped."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from knowledge_base.answer import NO_FILTERS, Answer, ScoredPassage, SearchFilters
from knowledge_base.rulings import content_key
from knowledge_base.tokenise import detect_language
from triage.domain.library import Hit, KeptSearch, Verdict
from triage.domain.rulings import DeskRuling
from triage.errors import RedactionFailed, StorageError
from triage.library.missing import missing_note
from triage.library.teaching import Teaching
from triage.library.weighing import Weighing
from triage.ports import Clock, PersonalDataRecogniser, Retriever
from triage.ports.library import SearchLog
from triage.stages.redact import redact_text

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer to a search.

    Attributes:
        search_id: names it in feedback; ``None`` when it could not be kept.
        note: what was demanded and not found, in the query's language; empty where nothing is missing.
        degraded: why the answer is not as good as it could be; empty when it is.
    """

    search_id: str | None
    generation: str
    answer: Answer
    note: str
    degraded: str


@dataclass(frozen=True, slots=True)
class Searching:
    """Answers searches of a tenant and keeps them; an answer never waits on, or fails with, the record of it."""

    retriever_of: Callable[[str], Retriever]
    log: SearchLog
    recogniser: PersonalDataRecogniser
    clock: Clock
    teaching: Teaching
    weighing: Weighing

    def search(self, tenant: str, query: str, filters: SearchFilters, limit: int, *, actor: str) -> Found:
        """The best passages, best first; where none answers, those that come nearest.

        Raises:
            InvalidSearch: the query or a filter cannot be used.
        """
        retriever = self.retriever_of(tenant)
        answer = retriever.answer(query, filters, limit)
        kept = self._keep(tenant, query, retriever.generation, answer, filters, actor)
        note = missing_note(answer.missing, detect_language(query))
        return Found(kept, retriever.generation, answer, note, retriever.degraded)

    def judge(self, tenant: str, search_id: str, helpful: bool, passage_ids: Sequence[str] = (), *, actor: str) -> None:
        """Say of passages, or (without any) of the whole answer, whether it helped; search learns from it.

        Raises:
            NotFound: there is no such search.
            InvalidInput: the search did not show one of the passages.
        """
        now = self.clock.now()
        self.log.judge(tenant, [Verdict(search_id, one, helpful, actor, now) for one in passage_ids or (None,)])
        self.weighing.weigh(tenant, search_id, passage_ids, actor=actor)

    def teach(self, tenant: str, question: str, passage_id: str, *, actor: str) -> DeskRuling:
        """Say that a passage answers a question, whether a search showed it or not.

        Raises:
            NotFound: the passage is not searched.
            InvalidInput: the question teaches nothing.
            RedactionFailed: personal data in it cannot be told.
        """
        redacted, _ = redact_text(question, self.recogniser)
        return self.teaching.teach(tenant, redacted, passage_id, actor=actor)

    def _keep(
        self, tenant: str, query: str, generation: str, answer: Answer, filters: SearchFilters, actor: str
    ) -> str | None:
        try:
            redacted, _ = redact_text(query, self.recogniser)
            kept = KeptSearch(
                id=secrets.token_hex(8),
                at=self.clock.now(),
                actor=actor,
                query=redacted,
                language=detect_language(query),
                generation=generation,
                hits=_hits(answer.hits),
                nearest=_hits(answer.nearest),
                narrowed=replace(filters, outdated=False) != NO_FILTERS,
            )
            self.log.keep(tenant, kept)
        except (StorageError, RedactionFailed) as error:
            # what cannot be kept without personal data, or at all, is not kept
            logger.warning("search not kept", extra={"action": "search_not_kept", "error": type(error).__name__})
            return None
        return kept.id


def _hits(passages: Sequence[ScoredPassage]) -> tuple[Hit, ...]:
    return tuple(
        Hit(one.passage.id, round(one.relevance, 4), content_key(one.passage), one.passage.section) for one in passages
    )
