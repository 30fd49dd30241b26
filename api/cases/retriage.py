"""Triage a case again: because an agent asks, or because models and documents have changed since."""

from __future__ import annotations

from api.backend import Backend
from triage.domain.case import CaseState, TriageCase
from triage.errors import StaleVersion


def retriage(backend: Backend, tenant: str, case_id: str, *, actor: str, version_read: int) -> TriageCase:
    """Take a case back to ``RECEIVED`` and enqueue its triage; its draft is replaced, an approval not yet used is void.

    Raises:
        CaseNotFound: no such case in this tenant.
        StaleVersion: the case has changed since it was read.
        IllegalTransition: the reply is on its way, or nobody knows whether it left.
    """
    with backend.unit_of_work(tenant) as uow:
        case, ticket = uow.cases.get(case_id, for_update=True), uow.tickets.get(case_id)
        if case.version != version_read:
            raise StaleVersion()
        reopened = case.become(CaseState.RECEIVED, backend.clock.now())
        uow.cases.save(reopened, expected_version=case.version)
        for record in uow.approvals.of_case(case_id):
            if record.state == "granted":
                uow.approvals.mark(record.approval.id, "void")
        uow.jobs.triage(ticket)
        uow.audit.append(actor=actor, action="retriage", subject=case_id, detail={"version": str(reopened.version)})
        uow.commit()
    return reopened
