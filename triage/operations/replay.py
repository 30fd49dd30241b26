"""Taking up a dead letter again, because a person has mended what made it fail."""

from __future__ import annotations

from triage.domain.case import CaseState
from triage.domain.jobs import DeadLetter, JobKind
from triage.ports import Clock, UnitOfWorkFactory


def replay(unit_of_work: UnitOfWorkFactory, clock: Clock, tenant: str, job_id: int, *, actor: str) -> DeadLetter:
    """Queue a dead letter again, with all its attempts.

    A triage starts anew. A send is never repeated by this: its approval is void or claimed by now, so the job only
    reads back what became of the reply.

    Raises:
        NotFound: no such dead letter in this tenant.
    """
    with unit_of_work(tenant) as uow:
        letter = uow.dead_letters.take(job_id)
        if letter.kind is JobKind.TRIAGE:
            case = uow.cases.get(letter.case_id, for_update=True)
            if case.state is CaseState.NEEDS_ATTENTION:
                received = case.become(CaseState.RECEIVED, clock.now())
                uow.cases.save(received, expected_version=case.version)
        uow.dead_letters.requeue(letter)
        detail = {"job": str(letter.id), "kind": letter.kind.value}
        uow.audit.append(actor=actor, action="job_replayed", subject=letter.case_id, detail=detail)
        uow.commit()
    return letter
