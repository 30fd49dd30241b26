"""The storage of lessons from letters, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from triage.domain.access import Queues, is_within
from triage.domain.case import CaseState, TriageCase
from triage.domain.drafting import Edit, SolvedCase, Suggestion, SuggestionState
from triage.errors import NotFound

SETTLED = {CaseState.APPROVED, CaseState.SENDING, CaseState.SENT, CaseState.DELIVERY_UNKNOWN}


@dataclass
class DraftingRows:
    edits: list[tuple[str, Edit]] = field(default_factory=list)
    suggestions: dict[tuple[str, str], Suggestion] = field(default_factory=dict)
    solved: dict[tuple[str, str], SolvedCase] = field(default_factory=dict)

    def snapshot(self) -> DraftingRows:
        return DraftingRows(list(self.edits), dict(self.suggestions), dict(self.solved))


@dataclass
class MemoryEdits:
    rows: DraftingRows
    tenant: str

    def add(self, edit: Edit) -> None:
        self.rows.edits.append((self.tenant, edit))

    def of_case(self, case_id: str) -> tuple[Edit, ...]:
        mine = [edit for tenant, edit in self.rows.edits if (tenant, edit.case_id) == (self.tenant, case_id)]
        return tuple(sorted(mine, key=lambda edit: (edit.case_version, edit.at)))


@dataclass
class MemorySuggestions:
    rows: DraftingRows
    tenant: str

    def get(self, suggestion_id: str, *, for_update: bool = False) -> Suggestion:
        try:
            return self.rows.suggestions[self.tenant, suggestion_id]
        except KeyError:
            raise NotFound from None

    def put(self, suggestion: Suggestion) -> None:
        self.rows.suggestions[self.tenant, suggestion.id] = suggestion

    def find(
        self,
        *,
        state: SuggestionState | None = None,
        reply_kind: str | None = None,
        language: str | None = None,
        limit: int = 100,
    ) -> tuple[Suggestion, ...]:
        found = [
            one
            for (tenant, _), one in self.rows.suggestions.items()
            if tenant == self.tenant
            and state in (None, one.state)
            and reply_kind in (None, one.reply_kind)
            and language in (None, one.language)
        ]
        return tuple(sorted(found, key=lambda one: (-one.seen, -one.created_at.timestamp(), one.id))[:limit])


@dataclass
class MemorySolvedCases:
    rows: DraftingRows
    tenant: str
    case_of: Callable[[str], TriageCase]

    def put(self, solved: SolvedCase) -> None:
        self.rows.solved[self.tenant, solved.case_id] = solved

    def comparable(self, encoder: str, *, limit: int, queues: Queues = None) -> tuple[tuple[SolvedCase, str], ...]:
        mine = [one for (tenant, _), one in self.rows.solved.items() if tenant == self.tenant]
        mine = [one for one in mine if is_within(queues, self.case_of(one.case_id).team)]
        fit = [one for one in mine if one.encoder == encoder and self.case_of(one.case_id).state in SETTLED]
        fit.sort(key=lambda one: (-one.solved_at.timestamp(), one.case_id))
        return tuple((one, self.case_of(one.case_id).state.value) for one in fit[:limit])
