"""What reads and writes text: classifier, retriever, recogniser of personal data, drafter; and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from knowledge_base.answer import Answer, ScoredPassage, SearchFilters
from triage.domain.case import TriageCase
from triage.domain.classification import Prediction
from triage.domain.company import Company
from triage.domain.redaction import PersonalSpan, RedactedText, RedactedTicket
from triage.domain.reply import Draft
from triage.domain.style import Style
from triage.domain.summary import SummaryLine


class Clock(Protocol):
    """Tells the time; tests bring their own."""

    def now(self) -> datetime:
        """The current moment, aware."""


class Classifier(Protocol):
    """Predicts the category of a ticket's text."""

    @property
    def name(self) -> str:
        """Model id with its version, stored as provenance."""

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        """One calibrated prediction per text, in order."""


class Retriever(Protocol):
    """Finds passages of the knowledge base."""

    @property
    def generation(self) -> str:
        """Id of the index generation that answers."""

    @property
    def degraded(self) -> str:
        """Why answers are not as good as they could be, such as documents that are missing; empty when they are."""

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        """The best passages, best first; empty when the knowledge base has no answer."""

    def answer(self, query: str, filters: SearchFilters, limit: int = 5) -> Answer:
        """The same, and where there is no answer the passages that come nearest."""


class PersonalDataRecogniser(Protocol):
    """Finds personal data in a text."""

    def find(self, text: str) -> tuple[PersonalSpan, ...]:
        """Non-overlapping spans, in reading order."""


class Drafter(Protocol):
    """Writes a proposed reply; the default one composes it from templates and quoted passages."""

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
        """Draft a reply from what the case holds so far; ``decision`` and ``style`` are what a person picked."""


class LineWriter(Protocol):
    """Tells a contact history in its own words; nothing it writes is believed before it was checked."""

    @property
    def name(self) -> str:
        """Model id, stored as the summary's summariser."""

    def write(self, ticket: RedactedTicket, language: str) -> tuple[SummaryLine, ...]:
        """Lines of what happened, each with the ids of the messages it rests on; none when the model cannot be used."""
