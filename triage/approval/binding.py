"""What an approval binds, what must hold when it is given, and why it may no longer hold."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from triage.domain.case import CaseState, TriageCase
from triage.domain.four_eyes import FirstApproval, FourEyes
from triage.domain.reply import Approval, Draft, Finding, Severity
from triage.domain.ticket import OWN_REPLY, Ticket
from triage.errors import AlreadyDecided, ApprovalRefused, DraftChanged, StaleVersion
from triage.ports import ApprovalRecord

_SET_ADDRESS: Final = "set it by `PUT /v1/cases/{id}/requester`"
APPROVAL_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person had in front of them when they decided."""

    case_version: int
    draft_digest: str


def bind(
    case: TriageCase,
    ticket: Ticket,
    draft: Draft,
    *,
    actor: str,
    confirmed: tuple[str, ...],
    now: datetime,
    first: FirstApproval | None = None,
) -> Approval:
    """Bind an approval to everything that was read, and to who approved the same words first.

    Raises:
        ApprovalRefused: the ticket has no address to reply to, or one that cannot be any.
    """
    if not ticket.requester.email:
        raise ApprovalRefused(f"The ticket has no address to reply to: {_SET_ADDRESS}.")
    if not ticket.requester.has_address:
        raise ApprovalRefused(f"The ticket's address is no e-mail address, no reply would arrive: {_SET_ADDRESS}.")
    return Approval(
        id=f"{OWN_REPLY}{uuid.uuid4().hex}",
        tenant=case.tenant,
        case_id=case.ticket_id,
        actor=actor,
        case_version=case.version + 1,
        ticket_revision=ticket.revision,
        draft_digest=draft.digest,
        recipients=(ticket.requester.email,),
        channel=ticket.channel,
        approved_at=now,
        expires_at=now + APPROVAL_LIFE,
        confirmed=confirmed,
        first_actor=first.actor if first else "",
    )


def draft_as_read(case: TriageCase, reading: Reading) -> Draft:
    """The case's draft, which must be the one that was read.

    Raises:
        AlreadyDecided: somebody approved before.
        StaleVersion: the case has changed since it was read.
        ApprovalRefused: there is no draft.
        DraftChanged: the draft is not the one that was read.
    """
    if case.state in (CaseState.APPROVED, CaseState.SENDING, CaseState.SENT, CaseState.DELIVERY_UNKNOWN):
        raise AlreadyDecided()
    if case.version != reading.case_version:
        raise StaleVersion()
    if case.draft is None:
        raise ApprovalRefused("The case has no draft: write a reply first.")
    if case.draft.digest != reading.draft_digest:
        raise DraftChanged()
    return case.draft


def refuse_unless_confirmed(findings: tuple[Finding, ...], confirmed: tuple[str, ...]) -> None:
    """Let a draft pass whose findings forbid nothing, or were each confirmed.

    Raises:
        ApprovalRefused: a blocking finding, or one that was not confirmed.
    """
    blocking = [finding.code for finding in findings if finding.severity is Severity.BLOCK]
    if blocking:
        raise ApprovalRefused(f"The draft must be changed first: {', '.join(sorted(set(blocking)))}.")
    open_codes = {finding.code for finding in findings if finding.severity is Severity.CONFIRM} - set(confirmed)
    if open_codes:
        raise ApprovalRefused(
            f"Confirm these findings deliberately or edit the draft: {', '.join(sorted(open_codes))}."
        )


def void_reason(
    record: ApprovalRecord, case: TriageCase, ticket: Ticket, now: datetime, four_eyes: FourEyes, *, withdrawn: bool
) -> str:
    """Why an approval no longer holds, or an empty string when all it bound is unchanged.

    Args:
        record: each try of its that was deferred moved the case by two versions: claimed, and approved again.
        withdrawn: somebody who gave it may no longer decide.
    """
    approval, version = record.approval, record.approval.case_version + 2 * record.deferrals
    checks = {
        "expired": now >= approval.expires_at,
        "case changed": case.state is not CaseState.APPROVED or case.version != version,
        "newer message": ticket.revision != approval.ticket_revision,
        "draft changed": case.draft is None or case.draft.digest != approval.draft_digest,
        "second approver missing": not approval.first_actor and four_eyes.reason(case) != "",
        "right to decide withdrawn": withdrawn,
        "recipient changed": approval.recipients != (ticket.requester.email,),
        "channel changed": approval.channel is not ticket.channel,
    }
    return ", ".join(name for name, failed in checks.items() if failed)


def audited(approval: Approval) -> dict[str, str]:
    """What the audit log keeps of an approval: ids, digests and versions."""
    return {
        "approval": approval.id,
        "digest": approval.draft_digest,
        "version": str(approval.case_version),
        "revision": str(approval.ticket_revision),
        "confirmed": ",".join(approval.confirmed),
        "first": approval.first_actor,
    }
