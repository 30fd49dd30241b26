"""Reading the register of complaints about dangerous products: its entries, and what may belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from triage.calendars.counting import local_day
from triage.domain.safety import Cluster, RegisteredEntry
from triage.ports import Clock, UnitOfWorkFactory
from triage.safety.hazards import HazardTable


@dataclass(frozen=True, slots=True)
class SafetyDesk:
    """The register as quality and law read it."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    hazards: HazardTable

    def entries(
        self,
        tenant: str,
        *,
        case_id: str | None = None,
        model: str | None = None,
        batch: str | None = None,
        limit: int,
        after: int = 0,
    ) -> Sequence[RegisteredEntry]:
        """Entries in order; ``after`` is a position."""
        with self.unit_of_work(tenant) as uow:
            return uow.safety.entries(case_id=case_id, model=model, batch=batch, limit=limit, after=after)

    def clusters(self, tenant: str) -> Sequence[Cluster]:
        """Batches and models that were reported so often that somebody must look (``clusters`` of hazards.yaml)."""
        policy = self.hazards.clusters
        since = local_day(self.clock.now()) - timedelta(days=policy.days)
        with self.unit_of_work(tenant) as uow:
            return uow.safety.clusters(since, of_batch=policy.batch, of_model=policy.model)
