"""The register of complaints about dangerous products of one tenant; a trigger of the table keeps it append-only."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, text
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.safety import Cluster, RegisteredEntry, SafetyEntry

_table = rows.safety_register


class SqlSafetyRegister:
    """See :class:`triage.ports.safety.SafetyRegister`."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, entry: SafetyEntry, at: datetime) -> int | None:
        """Register a complaint, unless the case's newest entry says the same; one at a time per tenant."""
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        self._session.execute(lock, {"name": f"safety:{self._tenant}"})
        mine = select(_table.c.position, _table.c.digest).where(_table.c.tenant == self._tenant)
        newest_first = mine.order_by(_table.c.position.desc()).limit(1)
        of_case = self._session.execute(newest_first.where(_table.c.case_id == entry.case_id)).first()
        if of_case is not None and of_case.digest == entry.digest:
            return None
        last = self._session.execute(newest_first).first()
        position = last.position + 1 if last else 1
        self._session.execute(
            insert(_table).values(
                tenant=self._tenant,
                position=position,
                case_id=entry.case_id,
                registered_at=at,
                received_on=entry.received_on,
                events=list(entry.events),
                product=entry.product,
                model=entry.model,
                batch=entry.batch,
                serial=entry.serial,
                article=entry.article,
                erase_after=entry.erase_after,
                digest=entry.digest,
            )
        )
        return position

    def entries(
        self,
        *,
        case_id: str | None = None,
        model: str | None = None,
        batch: str | None = None,
        limit: int,
        after: int = 0,
    ) -> list[RegisteredEntry]:
        """Entries in order; ``after`` is a position."""
        query = select(_table).where(_table.c.tenant == self._tenant, _table.c.position > after)
        for column, wanted in ((_table.c.case_id, case_id), (_table.c.model, model), (_table.c.batch, batch)):
            if wanted is not None:
                query = query.where(column == wanted)
        return [_registered(row) for row in self._session.execute(query.order_by(_table.c.position).limit(limit))]

    def clusters(self, since: date, *, of_batch: int, of_model: int) -> list[Cluster]:
        """Batches and models with at least so many cases since a day, the largest first."""
        query = select(_table).where(_table.c.tenant == self._tenant, _table.c.received_on >= since)
        entries = [_registered(row) for row in self._session.execute(query)]
        models = {one.entry.model for one in entries} - {""}
        found = [
            one
            for model in models
            for one in _cluster([each for each in entries if each.entry.model == model], model, "", of_model)
        ]
        for batch in {one.entry.batch for one in entries} - {""}:
            found += _of_batch([one for one in entries if one.entry.batch == batch], batch, of_batch)
        return sorted(found, key=lambda one: (-len(one.cases), one.model, one.batch))


def changed_entry(session: Session, tenant: str) -> int | None:
    """Position of the first entry that is not as the audit log says it was registered, or ``None``."""
    audit = rows.audit
    registered = select(audit.c.detail).where(audit.c.tenant == tenant, audit.c.action == "safety_registered")
    told = {int(detail["position"]): detail["digest"] for detail in session.execute(registered).scalars()}
    with closing(_all(session, tenant)) as entries:
        for one in entries:
            if told.get(one.position) != one.entry.digest.hex():
                return one.position
    return None


def _all(session: Session, tenant: str) -> Generator[RegisteredEntry]:
    query = select(_table).where(_table.c.tenant == tenant).order_by(_table.c.position)
    with session.execute(query.execution_options(yield_per=1000)) as found:
        for row in found:
            yield _registered(row)


def _of_batch(complaints: list[RegisteredEntry], batch: str, least: int) -> list[Cluster]:
    """Clusters of one batch number, model by model; a complaint that names no model counts with each of them."""
    models = {one.entry.model for one in complaints} - {""} or {""}
    return [
        cluster
        for model in models
        for cluster in _cluster([one for one in complaints if one.entry.model in ("", model)], model, batch, least)
    ]


def _cluster(complaints: Iterable[RegisteredEntry], model: str, batch: str, least: int) -> list[Cluster]:
    """The cluster of these complaints, if they are of enough cases."""
    in_order = sorted(complaints, key=lambda one: (one.entry.received_on, one.position))
    ordered = [one.entry for one in in_order]
    cases = tuple(dict.fromkeys(one.case_id for one in ordered))
    if len(cases) < least:
        return []
    events = tuple(sorted({event for one in ordered for event in one.events}))
    return [Cluster(model, batch, cases, events, ordered[0].received_on, ordered[-1].received_on)]


def _registered(row: Row[Any]) -> RegisteredEntry:
    entry = SafetyEntry(
        row.case_id,
        row.received_on,
        tuple(row.events),
        row.product,
        row.model,
        row.batch,
        row.serial,
        row.article,
        row.erase_after,
    )
    return RegisteredEntry(row.position, row.registered_at, entry)
