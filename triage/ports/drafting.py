"""What letters and what is learnt from them need of storage, for one tenant in one transaction."""

from __future__ import annotations

from typing import Protocol

from triage.domain.access import Queues
from triage.domain.case import TriageCase
from triage.domain.drafting import Edit, SolvedCase, Suggestion, SuggestionState
from triage.domain.reply import Draft
from triage.domain.ticket import Ticket


class EditLog(Protocol):
    """What agents did to drafts; only ever appended."""

    def add(self, edit: Edit) -> None:
        """Write an edit down."""

    def of_case(self, case_id: str) -> tuple[Edit, ...]:
        """All edits of a case's drafts, oldest first."""


class SuggestionRepository(Protocol):
    """Suggested wordings."""

    def get(self, suggestion_id: str, *, for_update: bool = False) -> Suggestion:
        """Return a suggestion.

        Raises:
            NotFound: no such suggestion in this tenant.
        """

    def put(self, suggestion: Suggestion) -> None:
        """Store a suggestion, new or changed."""

    def find(
        self, *, state: SuggestionState | None = None, reply_kind: str | None = None, language: str | None = None,
        limit: int = 100,
    ) -> tuple[Suggestion, ...]:  # fmt: skip
        """Suggestions, the most often seen first."""


class SolvedCaseRepository(Protocol):
    """Solved cases, one row per case."""

    def put(self, solved: SolvedCase) -> None:
        """Store a case's newest approved reply."""

    def comparable(self, encoder: str, *, limit: int, queues: Queues = None) -> tuple[tuple[SolvedCase, str], ...]:
        """The newest solved cases whose vector this encoder made, each with its case's present state.

        Cases that were taken up again since (a newer message, a voided approval) are left out.
        """


class DraftingUnit(Protocol):
    """The part of a unit of work that keeps lessons."""

    @property
    def edits(self) -> EditLog:
        """What agents did to the tenant's drafts."""

    @property
    def suggestions(self) -> SuggestionRepository:
        """The tenant's suggested wordings."""

    @property
    def solved_cases(self) -> SolvedCaseRepository:
        """The tenant's solved cases."""


class Lessons(Protocol):
    """Told by the desk, within its transaction, what a person made of a draft."""

    def edited(self, uow: DraftingUnit, case: TriageCase, ticket: Ticket, after: Draft, *, actor: str) -> None:
        """An agent replaced the words of ``case.draft``."""

    def approved(self, uow: DraftingUnit, case: TriageCase, ticket: Ticket) -> None:
        """A person approved ``case.draft``."""
