"""The storage of learning from people, in memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from triage.domain.access import Queues, is_within
from triage.domain.case import TriageCase
from triage.domain.labels import Correction, Field, Levels
from triage.domain.learning import AutomationSetting, ModelRole, Reading, Truth
from triage.errors import AlreadyDecided, NotFound


@dataclass
class Drawn:
    at: datetime
    truth: Truth | None = None


@dataclass
class LearningRows:
    corrections: list[Correction] = field(default_factory=list)
    automation: dict[tuple[str, Field], AutomationSetting] = field(default_factory=dict)
    readings: dict[tuple[str, str, int, str], Reading] = field(default_factory=dict)
    drawn: dict[tuple[str, str], Drawn] = field(default_factory=dict)

    def snapshot(self) -> LearningRows:
        return LearningRows(list(self.corrections), dict(self.automation), dict(self.readings), deepcopy(self.drawn))


@dataclass
class MemoryCorrections:
    rows: LearningRows
    tenant: str

    def add(self, correction: Correction) -> None:
        self.rows.corrections.append(correction)

    def of_ticket(self, ticket_id: str) -> tuple[Correction, ...]:
        return tuple(one for one in self._mine() if one.ticket_id == ticket_id)

    def truths(self, since: datetime) -> tuple[Truth, ...]:
        newest = {one.ticket_id: one for one in self._mine() if one.field is Field.CATEGORY}
        kept = [one for one in newest.values() if one.value and one.at >= since]
        return tuple(
            Truth(one.ticket_id, one.value[0], one.actor, one.at)
            for one in sorted(kept, key=lambda one: (one.at, one.ticket_id))
        )

    def _mine(self) -> list[Correction]:
        mine = [one for one in self.rows.corrections if one.tenant == self.tenant]
        return sorted(mine, key=lambda one: (one.at, one.case_version, one.id))


@dataclass
class MemoryAutomation:
    rows: LearningRows
    tenant: str

    def settings(self) -> tuple[AutomationSetting, ...]:
        mine = [setting for (tenant, _), setting in self.rows.automation.items() if tenant == self.tenant]
        return tuple(sorted(mine, key=lambda setting: setting.field.value))

    def levels(self) -> Levels:
        return {setting.field: setting.level for setting in self.settings()}

    def put(self, setting: AutomationSetting) -> None:
        self.rows.automation[self.tenant, setting.field] = setting


@dataclass
class MemoryPredictions:
    rows: LearningRows
    tenant: str
    case_of: Callable[[str], TriageCase]

    def add(self, readings: Sequence[Reading]) -> None:
        for reading in readings:
            key = (self.tenant, reading.ticket_id, reading.revision, reading.model)
            self.rows.readings.setdefault(key, reading)

    def between(self, since: datetime, until: datetime) -> tuple[Reading, ...]:
        first: dict[tuple[str, str, ModelRole], Reading] = {}
        for reading in sorted(self._mine(), key=lambda reading: reading.revision):
            if since <= reading.at < until:
                first.setdefault((reading.ticket_id, reading.model, reading.role), reading)
        return tuple(sorted(first.values(), key=lambda reading: (reading.at, reading.ticket_id, reading.model)))

    def most_informative(self, limit: int, queues: Queues = None) -> tuple[Reading, ...]:
        newest: dict[str, Reading] = {}
        for reading in sorted(self._mine(), key=lambda reading: (reading.at, reading.revision)):
            case = self.case_of(reading.ticket_id)
            undecided = reading.role is ModelRole.SERVING and case.decided(Field.CATEGORY) is None
            if undecided and is_within(queues, case.team):
                newest[reading.ticket_id] = reading
        return tuple(sorted(newest.values(), key=lambda reading: (reading.margin, reading.ticket_id))[:limit])

    def _mine(self) -> list[Reading]:
        return [reading for (tenant, *_), reading in self.rows.readings.items() if tenant == self.tenant]


@dataclass
class MemoryBlindSample:
    rows: LearningRows
    tenant: str
    case_of: Callable[[str], TriageCase]

    def draw(self, size: int, since: datetime, *, actor: str, at: datetime) -> int:
        candidates = {
            reading.ticket_id
            for (tenant, *_), reading in self.rows.readings.items()
            if tenant == self.tenant
            and reading.at >= since
            and reading.role is ModelRole.SERVING
            and (tenant, reading.ticket_id) not in self.rows.drawn
        }
        chosen = random.sample(sorted(candidates), min(size, len(candidates)))
        self.rows.drawn |= {(self.tenant, ticket_id): Drawn(at) for ticket_id in chosen}
        return len(chosen)

    def waiting(self, limit: int, queues: Queues = None) -> tuple[str, ...]:
        open_ones = [(drawn.at, ticket_id) for ticket_id, drawn in self._mine() if drawn.truth is None]
        mine = [ticket_id for _, ticket_id in sorted(open_ones) if is_within(queues, self.case_of(ticket_id).team)]
        return tuple(mine[:limit])

    def label(self, ticket_id: str, category: str, *, actor: str, at: datetime) -> None:
        drawn = self.rows.drawn.get((self.tenant, ticket_id))
        if drawn is None:
            raise NotFound
        if drawn.truth is not None:
            raise AlreadyDecided
        drawn.truth = Truth(ticket_id, category, actor, at, blind=True)

    def truths(self, since: datetime) -> tuple[Truth, ...]:
        found = [drawn.truth for _, drawn in self._mine() if drawn.truth is not None and drawn.truth.at >= since]
        return tuple(sorted(found, key=lambda truth: (truth.at, truth.ticket_id)))

    def _mine(self) -> list[tuple[str, Drawn]]:
        return [(ticket_id, drawn) for (tenant, ticket_id), drawn in self.rows.drawn.items() if tenant == self.tenant]
