"""Stored cases of one tenant, and the queue over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.changes import record_changes
from triage.adapters.storage.codec import case_from_document, case_to_row
from triage.adapters.storage.queue import queue_page
from triage.domain.case import CaseState, TriageCase
from triage.errors import CaseNotFound, StaleVersion
from triage.ports import QueueFilter


class SqlCaseRepository:
    """One document per case; its version is the optimistic lock."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add_all(self, cases: Sequence[TriageCase]) -> None:
        """Store the first versions of cases."""
        if cases:
            self._session.execute(insert(rows.cases), [case_to_row(case) for case in cases])
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
        """A page of cases; see :mod:`triage.adapters.storage.queue`."""
        page = queue_page(self._session, self._tenant, filters, limit=limit, after=after)
        return tuple(case_from_document(document) for document in page)

    def teams(self, ticket_ids: Sequence[str]) -> Mapping[str, str]:
        """Whose queue each of these cases is in; those that there are not are left out."""
        table = rows.cases
        query = select(table.c.ticket_id, table.c.team).where(table.c.tenant == self._tenant)
        found = self._session.execute(query.where(table.c.ticket_id.in_(ticket_ids)))
        return {row.ticket_id: row.team for row in found}


def _was_triaged(before: Row[tuple[str, str, int]], case: TriageCase) -> bool:
    """Whether this version is what a triage made, so that its measures are counted once."""
    ended = case.state in (CaseState.PENDING_APPROVAL, CaseState.NEEDS_ATTENTION)
    return ended and (before.state == CaseState.RECEIVED or case.ticket_revision > before.ticket_revision)
