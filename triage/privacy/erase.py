"""The steps of an erasure: marks, held-back replies, what each store is asked to do, and the record of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.domain.case import CaseState
from triage.domain.privacy import IdentifierKind, Person, Seal, Tombstone
from triage.domain.ticket import Ticket
from triage.errors import Conflict
from triage.ports import PersonalDataRecogniser
from triage.ports.privacy import Erasure, PrivacyUnit
from triage.privacy.mask import identifier_mask, ticket_mask
from triage.privacy.plan import ErasurePlan, Fate, subject_of


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was done; holds no personal data.

    Attributes:
        id: names the erasure in the audit log.
        changed: records deleted or masked, by store.
    """

    id: str
    deleted: int
    pseudonymised: int
    mentions: int
    tombstones: int
    changed: Mapping[str, int]

    @classmethod
    def of(cls, plan: ErasurePlan, tombstones: int, changed: Mapping[str, int]) -> ErasureReport:
        """Count what a plan came to."""
        return cls(
            id=f"erasure:{uuid.uuid4().hex[:12]}",
            deleted=len(plan.of(Fate.DELETE)),
            pseudonymised=len(plan.of(Fate.PSEUDONYMISE)),
            mentions=len(plan.of(Fate.MASK_MENTION)),
            tombstones=tombstones,
            changed={name: count for name, count in changed.items() if count},
        )


def tombstones_of(
    tickets: Sequence[Ticket], person: Person | None, tenant: str, seal: Seal, at: datetime
) -> list[Tombstone]:
    """Marks of everything by which the person or one of their tickets could come back.

    Args:
        person: ``None`` marks the tickets alone, not whoever wrote them.
    """
    identifiers = set(person.identifiers) if person else set()
    for ticket in tickets:
        identifiers.add((IdentifierKind.TICKET, ticket.id))
        if ticket.external_id:
            identifiers.add((IdentifierKind.EXTERNAL, ticket.external_id))
        if person and ticket.requester.email:
            identifiers.add((IdentifierKind.EMAIL, ticket.requester.email))
    return [Tombstone(tenant, kind, seal.digest(tenant, kind, value), at) for kind, value in sorted(identifiers)]


def erasure_of(
    uow: PrivacyUnit, plan: ErasurePlan, pseudonym: str, recogniser: PersonalDataRecogniser, at: datetime
) -> Erasure:
    """What a plan asks of every store."""
    kept = {ticket_id: uow.tickets.get(ticket_id) for ticket_id in plan.of(Fate.PSEUDONYMISE)}
    return Erasure(
        subject=subject_of(uow, plan.person, plan.own),
        delete=plan.of(Fate.DELETE),
        masks={ticket_id: ticket_mask(ticket, plan.person, recogniser) for ticket_id, ticket in kept.items()},
        mentions=plan.of(Fate.MASK_MENTION),
        elsewhere=identifier_mask(plan.person),
        pseudonym=pseudonym,
        at=at,
    )


def stop_replies(uow: PrivacyUnit, plan: ErasurePlan, at: datetime) -> None:
    """No reply may leave to somebody who is being erased; one that is on its way must arrive first.

    Raises:
        Conflict: a reply is being sent.
    """
    for ticket_id in plan.own:
        case = uow.cases.get(ticket_id, for_update=True)
        if case.state is CaseState.SENDING:
            raise Conflict(f"The reply of case {ticket_id!r} is being sent: repeat it when that is settled.")
        for record in uow.approvals.of_case(ticket_id):
            if record.state == "granted":
                uow.approvals.mark(record.approval.id, "void")
        if case.state is CaseState.APPROVED:
            uow.cases.save(case.become(CaseState.PENDING_APPROVAL, at), expected_version=case.version)


def record(uow: PrivacyUnit, plan: ErasurePlan, report: ErasureReport, actor: str) -> None:
    """Put the erasure on the audit log: ids, dates and counts."""
    for one in plan.tickets:
        detail = {"erasure": report.id, "retention": one.retention, "kept_until": str(one.kept_until or "")}
        uow.audit.append(actor=actor, action=f"privacy_{one.fate.value}", subject=one.ticket_id, detail=detail)
    totals = {
        "deleted": report.deleted,
        "pseudonymised": report.pseudonymised,
        "mentions": report.mentions,
        "tombstones": report.tombstones,
    }
    detail = {name: str(count) for name, count in totals.items()} | {"schedule": plan.schedule}
    uow.audit.append(actor=actor, action="privacy_erased", subject=report.id, detail=detail)
