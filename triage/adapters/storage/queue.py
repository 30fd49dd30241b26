"""Pages of the queue: keyset-paged, so that a page's cost does not grow with its number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, cast, not_, or_, select, text, tuple_
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.codec import FAR_FUTURE
from triage.adapters.storage.named import Named, Walk
from triage.domain.access import Queues
from triage.domain.case import CLOSED
from triage.errors import CaseNotFound
from triage.ports.queue import QueueFilter, QueueOrder

_cases, _tickets = rows.cases, rows.tickets
_ORDERS: dict[QueueOrder, tuple[ColumnElement[Any], ...]] = {
    QueueOrder.URGENCY: (_cases.c.level, _cases.c.safe_due, _cases.c.ticket_id),
    QueueOrder.SAFE_DUE: (_cases.c.safe_due, _cases.c.ticket_id),
    QueueOrder.RECEIVED: (_tickets.c.received_at, _tickets.c.id),
    QueueOrder.NEWEST: (_tickets.c.received_at, _tickets.c.id),
}
NOT_SHOWN = ["facts", "findings", "passages", "proposals", "provenance", "rights", "shadow", "timings_ms"]
"""Parts of a case that a list does not show: most of its bytes, and none of them without a default."""
_same_ticket = and_(_tickets.c.tenant == _cases.c.tenant, _tickets.c.id == _cases.c.ticket_id)


def queue_page(
    session: Session, tenant: str, filters: QueueFilter, *, limit: int, after: str | None
) -> list[dict[str, Any]]:
    """Documents of the cases of one page, without what a list does not show.

    Raises:
        CaseNotFound: there is no case ``after`` to continue after.
    """
    order = _ORDERS[filters.order]
    newest_first, later = filters.order is QueueOrder.NEWEST, []
    if after is not None:
        last = session.execute(
            _joined(select(*order), filters.order, tenant).where(_cases.c.ticket_id == after)
        ).first()
        if last is None:
            raise CaseNotFound(f"There is no case {after!r} to continue after.")
        place, position = tuple_(*order), tuple_(*last)
        later = [place < position if newest_first else place > position]
    if filters.words:
        walk = Walk(tenant, order, newest_first, tuple(later), tuple(_conditions(filters)))
        return Named(session, walk, limit, filters.words, _shown).page()
    query = _joined(select(_cases.c.document), filters.order, tenant).where(*_conditions(filters), *later)
    query = query.order_by(*(column.desc() if newest_first else column for column in order))
    return list(session.execute(_shown(query.limit(limit))).scalars())


def _shown(page: Select[Any]) -> Select[Any]:
    """Documents of a page's cases without what a list does not show; cut only once the page is made."""
    document = page.subquery("page").c.document
    return select(document.op("-")(cast(NOT_SHOWN, ARRAY(Text))))


def _joined(query: Select[Any], order: QueueOrder, tenant: str) -> Select[Any]:
    """The tenant's cases, beside their tickets where those say the order."""
    if order in (QueueOrder.RECEIVED, QueueOrder.NEWEST):
        # the ticket's tenant too: it is what the index that gives the order begins with
        return query.join_from(_tickets, _cases, _same_ticket).where(
            _tickets.c.tenant == tenant, _cases.c.tenant == tenant
        )
    return query.where(_cases.c.tenant == tenant)


def _conditions(filters: QueueFilter) -> list[ColumnElement[bool]]:
    columns = _cases.c
    wanted = {
        columns.state: filters.state and filters.state.value,
        columns.level: filters.level and filters.level.value,
        columns.category: filters.category,
        columns.category_by: filters.category_by and filters.category_by.value,
    }
    found = [column == value for column, value in wanted.items() if value is not None]
    if filters.tag is not None:
        found.append(columns.tags.contains([filters.tag]))
    if filters.safe_due_before is not None:
        found.append(columns.safe_due < filters.safe_due_before)
    if filters.owed:
        found.append(or_(columns.state.not_in(sorted(CLOSED)), columns.safe_due < FAR_FUTURE))
    return found + _handling(filters)


def _handling(filters: QueueFilter) -> list[ColumnElement[bool]]:
    """Whose the case is, and whether it sleeps."""
    columns, found = _cases.c, []
    if filters.assignee is not None:
        found.append(columns.assignee == filters.assignee)
        if filters.assignee:
            found.append(columns.assignee != text("''"))  # says to the planner that the partial index will do
    found += in_queues(filters.teams)
    if filters.asleep is not None:
        awake = or_(columns.snoozed_until.is_(None), columns.snoozed_until <= filters.now)
        found.append(not_(awake) if filters.asleep else awake)
    return found


def in_queues(queues: Queues) -> list[ColumnElement[bool]]:
    """Cases of these teams only."""
    return [] if queues is None else [_cases.c.team.in_(sorted(queues))]
