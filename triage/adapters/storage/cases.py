"""Stored cases of one tenant, and the queue over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Row, Text, and_, any_, bindparam, cast, insert, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from triage.adapters.storage import rows
from triage.adapters.storage.changes import record_changes
from triage.adapters.storage.codec import case_from_document, case_to_row
from triage.adapters.storage.queue import queue_page
from triage.adapters.storage.recordset import as_parameter, given_rows
from triage.adapters.storage.sessions import session_of
from triage.domain.case import CLOSED, CaseState, TriageCase
from triage.errors import CaseNotFound, StaleVersion
from triage.ports import QueueFilter

_STILL = [CaseState.NEEDS_ATTENTION, CaseState.SEND_FAILED, *sorted(CLOSED)]
_ADD = insert(rows.cases).from_select(*given_rows(rows.cases))


class SqlCaseRepository:
    """One document per case; its version is the optimistic lock."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add_all(self, cases: Sequence[TriageCase]) -> None:
        """Store the first versions of cases."""
        if cases:
            self._session.execute(_ADD, as_parameter(rows.cases, map(case_to_row, cases)))
            record_changes(self._session, self._tenant, cases)

    def get(self, ticket_id: str, *, for_update: bool = False) -> TriageCase:
        """Return the case of a ticket.

        Raises:
            CaseNotFound: no such case in this tenant.
        """
        table = rows.cases
        query = select(table.c.document).where(table.c.tenant == self._tenant, table.c.ticket_id == ticket_id)
        document = self._session.execute(query.with_for_update() if for_update else query).scalar_one_or_none()
        if document is None:
            raise CaseNotFound(f"There is no case {ticket_id!r}.")
        return case_from_document(document)

    def get_all(self, ticket_ids: Sequence[str]) -> dict[str, TriageCase]:
        """Cases by their ticket's id; those that are not there are left out."""
        query = select(rows.cases.c.document).where(*self._among(ticket_ids))
        found = map(case_from_document, self._session.execute(query).scalars())
        return {case.ticket_id: case for case in found}

    def save_all(self, cases: Sequence[tuple[TriageCase, int]]) -> frozenset[str]:
        """Store the next versions of different cases, each with the version it was made from.

        Returns:
            Ids of those that were stored; the others had another version, or are gone, and stay as they are.
        """
        table = rows.cases
        kept = (table.c.ticket_id, table.c.version, table.c.state, table.c.ticket_revision)
        query = select(*kept).where(*self._among([case.ticket_id for case, _ in cases]))
        locked = self._session.execute(query.order_by(table.c.ticket_id).with_for_update())
        before = {row.ticket_id: row for row in locked}
        there = [(case, made_from) for case, made_from in cases if case.ticket_id in before]
        fresh = [case for case, made_from in there if before[case.ticket_id].version == made_from]
        if not fresh:
            return frozenset()
        names = [column.name for column in table.columns if column.name not in ("tenant", "ticket_id")]
        mine = (table.c.tenant == self._tenant, table.c.ticket_id == bindparam("of_ticket"))
        changed = update(table).where(*mine).values({name: bindparam(f"new_{name}") for name in names})
        values = [
            {"of_ticket": case.ticket_id, **{f"new_{name}": row[name] for name in names}}
            for case, row in ((case, case_to_row(case)) for case in fresh)
        ]
        self._session.connection().execute(changed, values)
        for triaged in (False, True):
            alike = [case for case in fresh if _was_triaged(before[case.ticket_id], case) is triaged]
            record_changes(self._session, self._tenant, alike, triaged=triaged)
        return frozenset(case.ticket_id for case in fresh)

    def _among(self, ticket_ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
        table = rows.cases
        return table.c.tenant == self._tenant, table.c.ticket_id == any_(cast(list(ticket_ids), ARRAY(Text)))

    def save(self, case: TriageCase, *, expected_version: int) -> None:
        """Store the next version of a case.

        Raises:
            StaleVersion: the stored version is not ``expected_version``.
        """
        table = rows.cases
        where = (
            table.c.tenant == self._tenant,
            table.c.ticket_id == case.ticket_id,
            table.c.version == expected_version,
        )
        kept = (table.c.ticket_id, table.c.state, table.c.ticket_revision)
        before = select(*kept).where(*where).with_for_update().cte("before")
        same = (table.c.tenant == self._tenant, table.c.ticket_id == before.c.ticket_id)
        saved = update(table).where(*same).values(case_to_row(case)).returning(before)
        last = self._session.execute(saved).first()
        if last is None:
            raise StaleVersion()
        record_changes(self._session, self._tenant, [case], triaged=_was_triaged(last, case))

    def queue(self, filters: QueueFilter, *, limit: int, after: str | None = None) -> tuple[TriageCase, ...]:
        """A page of cases as a list shows them; see :mod:`triage.adapters.storage.queue`."""
        page = queue_page(self._session, self._tenant, filters, limit=limit, after=after)
        return tuple(case_from_document(document) for document in page)

    def growing_older(self, day: date, *, limit: int, after: str | None = None) -> tuple[TriageCase, ...]:
        """Whole cases that wait for approval, and those due by a day whose reply is not on its way, by ticket id."""
        table = rows.cases
        due = and_(table.c.safe_due <= day, table.c.state.in_(_STILL))
        waiting = table.c.state == CaseState.PENDING_APPROVAL
        near = select(table.c.document).where(table.c.tenant == self._tenant, or_(waiting, due))
        page = near.where(table.c.ticket_id > after) if after is not None else near
        found = self._session.execute(page.order_by(table.c.ticket_id).limit(limit)).scalars()
        return tuple(map(case_from_document, found))

    def teams(self, ticket_ids: Sequence[str]) -> Mapping[str, str]:
        """Whose queue each of these cases is in; those that there are not are left out."""
        table = rows.cases
        query = select(table.c.ticket_id, table.c.team).where(table.c.tenant == self._tenant)
        found = self._session.execute(query.where(table.c.ticket_id.in_(ticket_ids)))
        return {row.ticket_id: row.team for row in found}


def tenants_with_cases(sessions: sessionmaker[Session]) -> tuple[str, ...]:
    """Whose cases are stored."""
    with session_of(sessions) as session:
        return tuple(session.execute(select(rows.cases.c.tenant).distinct()).scalars())


def _was_triaged(before: Row[*tuple[Any, ...]], case: TriageCase) -> bool:
    """Whether this version is what a triage made, so that its measures are counted once."""
    ended = case.state in (CaseState.PENDING_APPROVAL, CaseState.NEEDS_ATTENTION)
    return ended and (before.state == CaseState.RECEIVED or case.ticket_revision > before.ticket_revision)
