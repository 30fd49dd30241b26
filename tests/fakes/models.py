"""Fakes of the model ports: they say what a test tells them, and remember what they were asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge_base.answer import Answer, ScoredPassage, SearchFilters
from triage.domain.case import TriageCase
from triage.domain.classification import AbstainReason, Alternative, Prediction
from triage.domain.company import Company
from triage.domain.redaction import PersonalSpan, RedactedText, RedactedTicket
from triage.domain.reply import Draft
from triage.domain.style import Style


@dataclass
class FakeClassifier:
    """Answers the same category to every text."""

    code: str = "C01"
    probability: float = 0.9
    abstain_reason: AbstainReason | None = None
    name: str = "fake-classifier"
    seen: list[str] = field(default_factory=list)

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        self.seen += texts
        rest = Alternative("C18", 1 - self.probability)
        answer = Prediction((Alternative(self.code, self.probability), rest), (self.code,), self.abstain_reason)
        return [answer for _ in texts]


@dataclass
class FakeRetriever:
    """Answers the passages it was given."""

    passages: tuple[ScoredPassage, ...] = ()
    generation: str = "fake-generation"
    degraded: str = ""
    seen: list[str] = field(default_factory=list)

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        self.seen.append(query)
        return self.passages[:limit]

    def answer(self, query: str, filters: SearchFilters, limit: int = 5) -> Answer:
        return Answer(self.search(query, filters, limit))


@dataclass
class FakeRecogniser:
    """Finds every occurrence of the words it was given."""

    words: tuple[str, ...] = ()

    def find(self, text: str) -> tuple[PersonalSpan, ...]:
        if not self.words:
            return ()
        pattern = "|".join(map(re.escape, self.words))
        return tuple(PersonalSpan(m.start(), m.end(), "person", m[0]) for m in re.finditer(pattern, text))


@dataclass
class FakeDrafter:
    """Quotes the redacted request back, so that a test sees what a model would have seen."""

    seen: list[str] = field(default_factory=list)

    def draft(
        self,
        ticket: RedactedTicket,
        case: TriageCase,
        company: Company,
        *,
        today: date,
        decision: str | None = None,
        style: Style | None = None,
    ) -> Draft:
        self.seen.append(ticket.request)
        return Draft("ACK", "pl", "Odpowiedź", f"Otrzymaliśmy: {ticket.request}", composer="fake")
