"""Stored decisions of people about fields, and how far the machine may go, of one tenant."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from triage.adapters.storage import rows
from triage.domain.labels import Correction, Field, Level, Levels
from triage.domain.learning import AutomationSetting, Truth


class SqlCorrectionRepository:
    """Decisions, only ever appended; they go with their ticket."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def add(self, correction: Correction) -> None:
        """Store a decision."""
        values = asdict(correction) | {
            "tenant": self._tenant,
            "field": correction.field.value,
            "suggested": list(correction.suggested),
            "value": list(correction.value),
        }
        self._session.execute(insert(rows.corrections).values(values))

    def of_ticket(self, ticket_id: str) -> tuple[Correction, ...]:
        """All decisions about a ticket, oldest first."""
        table = rows.corrections
        query = select(table).where(table.c.tenant == self._tenant, table.c.ticket_id == ticket_id)
        found = self._session.execute(query.order_by(table.c.at, table.c.case_version, table.c.id)).mappings()
        return tuple(
            Correction(
                **{
                    **row,
                    "field": Field(row["field"]),
                    "suggested": tuple(row["suggested"]),
                    "value": tuple(row["value"]),
                }
            )
            for row in found
        )

    def truths(self, since: datetime) -> tuple[Truth, ...]:
        """The newest category a person gave each ticket, given at ``since`` or later, oldest first."""
        table = rows.corrections
        newest = (
            select(table)
            .ext(distinct_on(table.c.ticket_id))
            .where(table.c.tenant == self._tenant, table.c.field == Field.CATEGORY.value)
            .order_by(table.c.ticket_id, table.c.at.desc(), table.c.case_version.desc())
            .subquery()
        )
        query = select(newest).where(newest.c.at >= since, func.cardinality(newest.c.value) > 0)
        found = self._session.execute(query.order_by(newest.c.at, newest.c.ticket_id))
        return tuple(Truth(row.ticket_id, row.value[0], row.actor, row.at) for row in found)


class SqlAutomationRepository:
    """Levels of automation."""

    def __init__(self, session: Session, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    def settings(self) -> tuple[AutomationSetting, ...]:
        """What was set; a field that is not named is off."""
        table = rows.automation
        found = self._session.execute(select(table).where(table.c.tenant == self._tenant).order_by(table.c.field))
        return tuple(
            AutomationSetting(Field(row.field), Level(row.level), row.changed_by, row.changed_at) for row in found
        )

    def levels(self) -> Levels:
        """Level by field."""
        return {setting.field: setting.level for setting in self.settings()}

    def put(self, setting: AutomationSetting) -> None:
        """Set the level of a field."""
        table = rows.automation
        changed = {
            "level": setting.level.value,
            "changed_by": setting.changed_by,
            "changed_at": setting.changed_at,
        }
        statement = upsert(table).values(tenant=self._tenant, field=setting.field.value, **changed)
        self._session.execute(statement.on_conflict_do_update(index_elements=["tenant", "field"], set_=changed))
