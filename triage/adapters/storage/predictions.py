"""What models said about tickets, and the sample that is labelled blind, of one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.adapters.storage.queue import in_queues
from triage.domain.access import Queues
from triage.domain.classification import AbstainReason
from triage.domain.labels import SetBy
from triage.domain.learning import ModelRole, Reading, Truth
from triage.errors import AlreadyDecided, NotFound

_NAMES = tuple(field.name for field in fields(Reading))


class SqlPredictionLog:
    """Readings, only ever appended; they go with their ticket."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, readings: Sequence[Reading]) -> None:
        """Write readings down; one that is there already stays as it is."""
        if readings:
            values = [_reading_row(reading, self._tenant) for reading in readings]
            self._session.execute(upsert(rows.predictions).on_conflict_do_nothing(), values)

    def between(self, since: datetime, until: datetime) -> tuple[Reading, ...]:
        """The first reading of each ticket by each model in ``[since, until)``, oldest first."""
        table = rows.predictions
        first = (
            select(table)
            .ext(distinct_on(table.c.ticket_id, table.c.model, table.c.role))
            .where(table.c.tenant == self._tenant, table.c.at >= since, table.c.at < until)
            .order_by(table.c.ticket_id, table.c.model, table.c.role, table.c.revision)
            .subquery()
        )
        found = self._session.execute(select(first).order_by(first.c.at, first.c.ticket_id, first.c.model))
        return tuple(_reading(row) for row in found)

    def most_informative(self, limit: int, queues: Queues = None) -> tuple[Reading, ...]:
        """The newest serving reading of tickets whose category no person gave, smallest margin first."""
        table, cases = rows.predictions, rows.cases
        newest = (
            select(table)
            .ext(distinct_on(table.c.ticket_id))
            .join(cases, (cases.c.tenant == table.c.tenant) & (cases.c.ticket_id == table.c.ticket_id))
            .where(
                table.c.tenant == self._tenant,
                table.c.role == ModelRole.SERVING.value,
                cases.c.category_by.is_distinct_from(SetBy.PERSON.value),
                *in_queues(queues),
            )
            .order_by(table.c.ticket_id, table.c.at.desc(), table.c.revision.desc())
            .subquery()
        )
        found = self._session.execute(select(newest).order_by(newest.c.margin, newest.c.ticket_id).limit(limit))
        return tuple(_reading(row) for row in found)


class SqlBlindSample:
    """Tickets drawn by chance, and what people said of them without seeing a suggestion."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def draw(self, size: int, since: datetime, *, actor: str, at: datetime) -> int:
        """Draw tickets that were triaged at ``since`` or later and not drawn before; returns how many there were."""
        sample, log = rows.blind_sample, rows.predictions
        drawn = exists().where(sample.c.tenant == log.c.tenant, sample.c.ticket_id == log.c.ticket_id)
        candidates = (
            select(log.c.ticket_id)
            .distinct()
            .where(log.c.tenant == self._tenant, log.c.at >= since, log.c.role == ModelRole.SERVING.value, ~drawn)
            .subquery()
        )
        chosen = select(
            literal(self._tenant), candidates.c.ticket_id, literal(at), literal(actor)
        ).order_by(func.random()).limit(size)  # fmt: skip
        statement = insert(sample).from_select(["tenant", "ticket_id", "drawn_at", "drawn_by"], chosen)
        return len(self._session.execute(statement.returning(sample.c.ticket_id)).all())

    def waiting(self, limit: int, queues: Queues = None) -> tuple[str, ...]:
        """Ids of drawn tickets that nobody labelled yet, in the order of drawing."""
        table, cases = rows.blind_sample, rows.cases
        same = (cases.c.tenant == table.c.tenant) & (cases.c.ticket_id == table.c.ticket_id)
        query = select(table.c.ticket_id).join(cases, same).where(*in_queues(queues))
        query = query.where(table.c.tenant == self._tenant, table.c.category.is_(None))
        return tuple(self._session.execute(query.order_by(table.c.drawn_at, table.c.ticket_id).limit(limit)).scalars())

    def label(self, ticket_id: str, category: str, *, actor: str, at: datetime) -> None:
        """Keep what a person said.

        Raises:
            NotFound: the ticket is not in the sample.
            AlreadyDecided: somebody labelled it before.
        """
        table = rows.blind_sample
        mine = (table.c.tenant == self._tenant, table.c.ticket_id == ticket_id)
        statement = update(table).where(*mine, table.c.category.is_(None))
        said = {"category": category, "labelled_by": actor, "labelled_at": at}
        if self._session.execute(statement.values(said).returning(table.c.ticket_id)).first() is not None:
            return
        if self._session.execute(select(table.c.ticket_id).where(*mine)).first() is None:
            raise NotFound(f"Ticket {ticket_id!r} is not in the blind sample.")
        raise AlreadyDecided("This ticket of the sample was labelled before.")

    def truths(self, since: datetime) -> tuple[Truth, ...]:
        """Labels given at ``since`` or later, oldest first."""
        table = rows.blind_sample
        query = select(table).where(table.c.tenant == self._tenant, table.c.labelled_at >= since)
        found = self._session.execute(query.order_by(table.c.labelled_at, table.c.ticket_id))
        return tuple(Truth(row.ticket_id, row.category, row.labelled_by, row.labelled_at, blind=True) for row in found)


def _reading_row(reading: Reading, tenant: str) -> dict[str, Any]:
    reason = reading.abstain_reason
    return {name: getattr(reading, name) for name in _NAMES} | {
        "tenant": tenant,
        "role": reading.role.value,
        "abstain_reason": reason.value if reason else None,
    }


def _reading(row: Row[Any]) -> Reading:
    return Reading(
        row.ticket_id,
        row.revision,
        row.model,
        ModelRole(row.role),
        row.code,
        row.probability,
        row.margin,
        AbstainReason(row.abstain_reason) if row.abstain_reason else None,
        row.language,
        row.product,
        row.at,
    )
