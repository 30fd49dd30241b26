"""Carrying the retention schedule out: what is older than its term goes; a dry run counts it by class first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from triage.calendars.counting import local_day, start_of_day
from triage.ports.privacy import AgedCase, AgingStore, Erasure, PrivacyUnit
from triage.privacy.plan import subject_of
from triage.privacy.schedule import CASES, RetentionClass, RetentionSchedule


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One class of the schedule on a day.

    Attributes:
        kept: records within their term; ``None`` where the store does not count them.
        overdue: records whose term has ended: what goes.
        waiting: cases whose term has ended but that nobody has settled; they stay and need a look.
    """

    id: str
    store: str
    what: str
    source: str
    evidence: str
    kept: int | None
    overdue: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """A dry run of the schedule."""

    schedule: str
    day: date
    classes: tuple[ClassCount, ...]
    cases: tuple[str, ...]

    @property
    def overdue(self) -> int:
        """How many records go."""
        return sum(one.overdue for one in self.classes)


def plan_retention(
    uow: PrivacyUnit, files: Sequence[AgingStore], schedule: RetentionSchedule, today: date
) -> RetentionPlan:
    """Count by class; changes nothing."""
    ended: dict[str, list[AgedCase]] = {}
    kept: dict[str, int] = {}
    for case in uow.case_ages.all():
        found = schedule.of_case(case.category, case.buyer, today)
        if found.ends(local_day(case.last_contact)) < today:
            ended.setdefault(found.id, []).append(case)
        else:
            kept[found.id] = kept.get(found.id, 0) + 1
    stores = {store.name: store for store in (*uow.aging_stores, *files)}
    counts = []
    for one in schedule.in_force(today):
        old = ended.get(one.id, [])
        settled = sum(case.settled for case in old)
        if one.store != CASES:
            settled = stores[one.store].count_before(_cut(one, today)) if one.store in stores else 0
        counts.append(
            ClassCount(
                one.id,
                one.store,
                one.what,
                one.source,
                one.evidence.value,
                kept.get(one.id, 0) if one.store == CASES else None,
                settled,
                len(old) - settled if one.store == CASES else 0,
            )
        )
    cases = tuple(case.ticket_id for old in ended.values() for case in old if case.settled)
    return RetentionPlan(schedule.version, today, tuple(counts), cases)


def delete_aged(
    uow: PrivacyUnit, files: Sequence[AgingStore], schedule: RetentionSchedule, today: date
) -> dict[str, int]:
    """Delete what has no case and is older than its term; returns counts by store."""
    stores = {store.name: store for store in (*uow.aging_stores, *files)}
    classes = (one for one in schedule.in_force(today) if one.store in stores)
    return {one.store: stores[one.store].delete_before(_cut(one, today)) for one in classes}


def erasure_of_aged(uow: PrivacyUnit, plan: RetentionPlan, at: datetime) -> Erasure:
    """The cases whose term has ended, to be deleted; nobody is looked for anywhere else."""
    subject = subject_of(uow, None, plan.cases)
    return Erasure(subject, plan.cases, masks={}, mentions=(), elsewhere=_unchanged, pseudonym="", at=at)


def _unchanged(text: str) -> str:
    return text


def _cut(one: RetentionClass, today: date) -> datetime:
    """The first moment whose records are still kept: a record made on a day is kept until the end of its last day."""
    day = today
    while one.ends(day) >= today:
        day = date.fromordinal(day.toordinal() - 1)
    return start_of_day(date.fromordinal(day.toordinal() + 1))
