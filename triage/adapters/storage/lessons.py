"""Stored edits, suggested wordings and solved cases of one tenant."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.queue import in_queues
from triage.domain.access import Queues
from triage.domain.case import CaseState
from triage.domain.drafting import Change, ChangeKind, Edit, SolvedCase, Suggestion, SuggestionState
from triage.errors import NotFound

_SETTLED = tuple(
    state.value for state in (CaseState.APPROVED, CaseState.SENDING, CaseState.SENT, CaseState.DELIVERY_UNKNOWN)
)


class SqlEditLog:
    """What agents did to drafts; rows go with their ticket."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, edit: Edit) -> None:
        """Write an edit down."""
        values = asdict(edit) | {"tenant": self._tenant, "changes": [asdict(change) for change in edit.changes]}
        self._session.execute(insert(rows.draft_edits).values(values))

    def of_case(self, case_id: str) -> tuple[Edit, ...]:
        """All edits of a case's drafts, oldest first."""
        table = rows.draft_edits
        query = select(table).where(table.c.tenant == self._tenant, table.c.case_id == case_id)
        found = self._session.execute(query.order_by(table.c.case_version, table.c.at)).mappings()
        return tuple(Edit(**_without_tenant(dict(row)) | {"changes": _changes(row["changes"])}) for row in found)


class SqlSuggestionRepository:
    """Suggested wordings."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def get(self, suggestion_id: str, *, for_update: bool = False) -> Suggestion:
        """Return a suggestion.

        Raises:
            NotFound: no such suggestion in this tenant.
        """
        table = rows.suggestions
        query = select(table).where(table.c.tenant == self._tenant, table.c.id == suggestion_id)
        found = self._session.execute(query.with_for_update() if for_update else query).first()
        if found is None:
            raise NotFound(f"There is no suggestion {suggestion_id!r}.")
        return _suggestion(found)

    def put(self, suggestion: Suggestion) -> None:
        """Store a suggestion, new or changed."""
        values = asdict(suggestion) | {"state": suggestion.state.value, "cases": list(suggestion.cases)}
        statement = upsert(rows.suggestions).values(values | {"tenant": self._tenant})
        changed = {name: value for name, value in values.items() if name != "id"}
        self._session.execute(statement.on_conflict_do_update(index_elements=["tenant", "id"], set_=changed))

    def find(
        self, *, state: SuggestionState | None = None, reply_kind: str | None = None, language: str | None = None,
        limit: int = 100,
    ) -> tuple[Suggestion, ...]:  # fmt: skip
        """Suggestions, the most often seen first."""
        table = rows.suggestions
        query = select(table).where(table.c.tenant == self._tenant)
        for column, wanted in ((table.c.state, state), (table.c.reply_kind, reply_kind), (table.c.language, language)):
            if wanted is not None:
                query = query.where(column == str(wanted))
        query = query.order_by(table.c.seen.desc(), table.c.created_at.desc(), table.c.id).limit(limit)
        return tuple(_suggestion(row) for row in self._session.execute(query))


class SqlSolvedCaseRepository:
    """Solved cases, one row per case; rows go with their ticket."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def put(self, solved: SolvedCase) -> None:
        """Store a case's newest approved reply."""
        values = asdict(solved)
        statement = upsert(rows.solved_cases).values(values | {"tenant": self._tenant})
        changed = {name: value for name, value in values.items() if name != "case_id"}
        self._session.execute(statement.on_conflict_do_update(index_elements=["tenant", "case_id"], set_=changed))

    def comparable(self, encoder: str, *, limit: int, queues: Queues = None) -> tuple[tuple[SolvedCase, str], ...]:
        """The newest solved cases whose vector this encoder made, each with its case's present state."""
        solved, cases = rows.solved_cases, rows.cases
        query = (
            select(solved, cases.c.state)
            .join(cases, (cases.c.tenant == solved.c.tenant) & (cases.c.ticket_id == solved.c.case_id))
            .where(solved.c.tenant == self._tenant, solved.c.encoder == encoder, cases.c.state.in_(_SETTLED))
            .where(func.length(solved.c.vector) > 0, *in_queues(queues))
            .order_by(solved.c.solved_at.desc(), solved.c.case_id)
            .limit(limit)
        )
        found = self._session.execute(query).mappings()
        return tuple((SolvedCase(**_without_tenant(dict(row), "state")), row["state"]) for row in found)


def _without_tenant(row: dict[str, Any], *others: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("tenant", *others)}


def _changes(stored: list[dict[str, str]]) -> tuple[Change, ...]:
    return tuple(Change(ChangeKind(one["kind"]), one["before"], one["after"]) for one in stored)


def _suggestion(row: Row[Any]) -> Suggestion:
    fields = _without_tenant(dict(row._mapping))
    return Suggestion(**fields | {"state": SuggestionState(row.state), "cases": tuple(row.cases)})
