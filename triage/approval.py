"""The one door to a customer: approve, edit, reject, claim, send. Each step is one unit of work.

Nothing else makes an :class:`~triage.domain.reply.ApprovedReply`, and a sender accepts nothing else. An approval binds
who decided, which version of the case and which messages they read, the digest of every word, the recipients, the
channel and an expiry. All of it is checked twice: when the person decides, and again in the transaction that claims the
send. A newer customer message, an edit, a second approval or a passed expiry voids it.

Sending is at most once: the claim is committed *before* the sender is called, so a process killed in between leaves
``SENDING``; :func:`reconcile` then reads the outcome back and, where it cannot be told, shows ``DELIVERY_UNKNOWN`` to a
person. It is never sent again by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from triage.domain.case import CaseState, TriageCase
from triage.domain.reply import Approval, ApprovedReply, Delivery, Draft, Finding, Severity
from triage.domain.ticket import Ticket
from triage.errors import (
    AlreadyDecided,
    ApprovalRefused,
    DeliveryRefused,
    DeliveryUnknown,
    DraftChanged,
    IllegalTransition,
    StaleVersion,
)
from triage.ports import Clock, ReplySender, UnitOfWork, UnitOfWorkFactory

Lint = Callable[[Draft, TriageCase, Ticket], tuple[Finding, ...]]
"""Checks a draft against its case and ticket; the lint stage with its policy bound."""

APPROVAL_LIFE = timedelta(hours=24)
_UNSETTLED = ("claimed", "unknown")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person had in front of them when they decided."""

    case_version: int
    draft_digest: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What every decision needs: where cases are stored, what time it is, how a draft is checked."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    lint: Lint

    def approve(
        self, tenant: str, case_id: str, *, actor: str, reading: Reading, confirmed: tuple[str, ...] = ()
    ) -> Approval:
        """Approve exactly the draft that was read, and enqueue its sending in the same transaction.

        Args:
            confirmed: codes of the findings of severity ``CONFIRM`` the person ticked deliberately.

        Raises:
            StaleVersion: the case has changed since it was read.
            DraftChanged: the draft is not the one that was read.
            AlreadyDecided: somebody approved before.
            ApprovalRefused: a blocking finding, an unconfirmed one, or no recipient.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id, for_update=True), uow.tickets.get(case_id)
            draft = _read_draft(case, reading)
            _refuse_unless_confirmed(self.lint(draft, case, ticket), confirmed)
            approval = self._bind(case, ticket, draft, actor, confirmed)
            uow.approvals.add(approval)
            self._advance(uow, case, CaseState.APPROVED)
            uow.audit.append(actor=actor, action="approved", subject=case_id, detail=_approval_detail(approval))
            uow.jobs.send(approval)
            uow.commit()
        return approval

    def edit(
        self, tenant: str, case_id: str, *, actor: str, reading: Reading, body: str, subject: str | None = None
    ) -> TriageCase:
        """Replace the draft's words by the agent's; the result is linted again and needs its own approval.

        Raises:
            StaleVersion: the case has changed since it was read.
            DraftChanged: the draft is not the one that was read.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id, for_update=True), uow.tickets.get(case_id)
            read = _read_draft(case, reading)
            draft = replace(
                read, subject=subject or read.subject, body=body, sentences=(), composer=f"agent:{actor}", degraded=""
            )
            draft = replace(draft, citations=tuple(c for c in draft.citations if c.quote in body))
            edited = case.become(CaseState.PENDING_APPROVAL, self.clock.now())
            edited = replace(edited, draft=draft, findings=self.lint(draft, case, ticket))
            uow.cases.save(edited, expected_version=case.version)
            detail = {"before": read.digest, "after": draft.digest, "version": str(edited.version)}
            uow.audit.append(actor=actor, action="edited", subject=case_id, detail=detail)
            uow.commit()
        return edited

    def reject(self, tenant: str, case_id: str, *, actor: str, reading: Reading, reason: str) -> TriageCase:
        """Decide that this draft is not sent; the reason is kept on the audit log.

        Raises:
            StaleVersion: the case has changed since it was read.
            ApprovalRefused: no reason was given.
        """
        if not reason.strip():
            raise ApprovalRefused("A rejection needs a reason.")
        with self.unit_of_work(tenant) as uow:
            case = uow.cases.get(case_id, for_update=True)
            if case.version != reading.case_version:
                raise StaleVersion()
            rejected = self._advance(uow, case, CaseState.REJECTED)
            uow.audit.append(actor=actor, action="rejected", subject=case_id, detail={"reason": reason})
            uow.commit()
        return rejected

    def send(self, tenant: str, approval_id: str, sender: ReplySender) -> Delivery | None:
        """Claim the send, call the sender once, record the outcome.

        Returns:
            The delivery, or ``None`` when the approval was void, used, or its outcome is not (yet) known.
        """
        reply = self._claim(tenant, approval_id)
        if reply is None:
            return None
        try:
            delivery = sender.send(reply)
        except DeliveryRefused:
            self._settle(tenant, approval_id, CaseState.SEND_FAILED, "failed")
            return None
        except DeliveryUnknown:
            self._settle(tenant, approval_id, CaseState.DELIVERY_UNKNOWN, "unknown")
            return None
        self._settle(tenant, approval_id, CaseState.SENT, "sent", delivery)
        return delivery

    def reconcile(self, tenant: str, approval_id: str, sender: ReplySender) -> Delivery | None:
        """Read the outcome of an interrupted send back; never sends.

        Returns:
            The delivery when the helpdesk holds it; otherwise the case becomes ``DELIVERY_UNKNOWN``.
        """
        delivery = sender.find_delivery(approval_id)
        with self.unit_of_work(tenant) as uow:
            state = uow.approvals.get(approval_id).state
        if state not in _UNSETTLED:
            return delivery
        if delivery is not None:
            self._settle(tenant, approval_id, CaseState.SENT, "sent", delivery)
        elif state == "claimed":
            self._settle(tenant, approval_id, CaseState.DELIVERY_UNKNOWN, "unknown")
        return delivery

    def give_up(self, tenant: str, approval_id: str, reason: str) -> None:
        """Hand a reply to a person: its sending, or reading it back, failed too often to be tried again.

        A reply that was never claimed has certainly not left: its approval is void and the draft waits for a person.
        One that was claimed becomes ``DELIVERY_UNKNOWN``.
        """
        with self.unit_of_work(tenant) as uow:
            approval = uow.approvals.get(approval_id).approval
            case = uow.cases.get(approval.case_id, for_update=True)
            state = uow.approvals.get(approval_id, for_update=True).state
            if state == "granted":
                self._void(uow, case, approval, reason)
        if state == "claimed":
            self._settle(tenant, approval_id, CaseState.DELIVERY_UNKNOWN, "unknown")

    def resolve(self, tenant: str, case_id: str, *, actor: str, delivered: bool) -> TriageCase:
        """A person looked in the helpdesk and says what became of a reply whose delivery was unknown.

        Raises:
            IllegalTransition: the case is not waiting for this answer.
        """
        state, record = (CaseState.SENT, "sent") if delivered else (CaseState.SEND_FAILED, "failed")
        with self.unit_of_work(tenant) as uow:
            case = uow.cases.get(case_id, for_update=True)
            if case.state is not CaseState.DELIVERY_UNKNOWN:
                raise IllegalTransition("Only a case in state 'delivery_unknown' can be resolved.")
            for known in uow.approvals.of_case(case_id):
                if known.state == "unknown":
                    uow.approvals.mark(known.approval.id, record)
            resolved = self._advance(uow, case, state)
            uow.audit.append(actor=actor, action="resolved", subject=case_id, detail={"delivered": str(delivered)})
            self._triage_if_behind(uow, resolved)
            uow.commit()
        return resolved

    def _claim(self, tenant: str, approval_id: str) -> ApprovedReply | None:
        """Re-check everything the approval bound and take the single right to send, in one transaction."""
        with self.unit_of_work(tenant) as uow:
            approval = uow.approvals.get(approval_id).approval
            case = uow.cases.get(approval.case_id, for_update=True)
            record = uow.approvals.get(approval_id, for_update=True)
            if record.state != "granted":
                return None
            ticket = uow.tickets.get(approval.case_id)
            reason = _void_reason(approval, case, ticket, self.clock)
            if reason or case.draft is None:
                self._void(uow, case, approval, reason or "no draft")
                return None
            uow.approvals.mark(approval_id, "claimed")
            self._advance(uow, case, CaseState.SENDING)
            uow.audit.append(actor="system", action="claimed", subject=case.ticket_id, detail={"approval": approval_id})
            uow.commit()
            return ApprovedReply(approval, case.draft.subject, case.draft.body, ticket.external_id)

    def _void(self, uow: UnitOfWork, case: TriageCase, approval: Approval, reason: str) -> None:
        uow.approvals.mark(approval.id, "void")
        if case.state is CaseState.APPROVED:
            self._advance(uow, case, CaseState.PENDING_APPROVAL)
        uow.audit.append(
            actor="system",
            action="approval_void",
            subject=case.ticket_id,
            detail={"approval": approval.id, "why": reason},
        )
        uow.commit()

    def _settle(
        self, tenant: str, approval_id: str, state: CaseState, record: str, delivery: Delivery | None = None
    ) -> None:
        """Record what became of a claimed send; said twice, or after a person said it, it does not move the case."""
        with self.unit_of_work(tenant) as uow:
            case = uow.cases.get(uow.approvals.get(approval_id).approval.case_id, for_update=True)
            known = uow.approvals.get(approval_id, for_update=True).state
            if known == record:
                return
            uow.approvals.mark(approval_id, record, delivery)
            detail = {"approval": approval_id, "reference": delivery.reference if delivery else ""}
            if known in _UNSETTLED:
                case = self._advance(uow, case, state)
                self._triage_if_behind(uow, case)
            else:
                detail["after"] = known  # a worker that was paused reports what a person had already settled
            uow.audit.append(actor="system", action=state.value, subject=case.ticket_id, detail=detail)
            uow.commit()

    def _triage_if_behind(self, uow: UnitOfWork, case: TriageCase) -> None:
        """A message that came in while a send was under way waits until the send is settled."""
        ticket = uow.tickets.get(case.ticket_id)
        if ticket.revision > case.ticket_revision and case.state is not CaseState.DELIVERY_UNKNOWN:
            uow.jobs.triage(ticket)

    def _advance(self, uow: UnitOfWork, case: TriageCase, state: CaseState) -> TriageCase:
        advanced = case.become(state, self.clock.now())
        uow.cases.save(advanced, expected_version=case.version)
        return advanced

    def _bind(self, case: TriageCase, ticket: Ticket, draft: Draft, actor: str, confirmed: tuple[str, ...]) -> Approval:
        if not ticket.requester.email:
            raise ApprovalRefused("The ticket has no address to reply to: add the requester's e-mail.")
        now = self.clock.now()
        return Approval(
            id=f"apr_{uuid.uuid4().hex}",
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
        )


def _read_draft(case: TriageCase, reading: Reading) -> Draft:
    if case.state in (CaseState.APPROVED, CaseState.SENDING, CaseState.SENT, CaseState.DELIVERY_UNKNOWN):
        raise AlreadyDecided()
    if case.version != reading.case_version:
        raise StaleVersion()
    if case.draft is None:
        raise ApprovalRefused("The case has no draft: write a reply first.")
    if case.draft.digest != reading.draft_digest:
        raise DraftChanged()
    return case.draft


def _refuse_unless_confirmed(findings: tuple[Finding, ...], confirmed: tuple[str, ...]) -> None:
    blocking = [finding.code for finding in findings if finding.severity is Severity.BLOCK]
    if blocking:
        raise ApprovalRefused(f"The draft must be changed first: {', '.join(sorted(set(blocking)))}.")
    open_codes = {finding.code for finding in findings if finding.severity is Severity.CONFIRM} - set(confirmed)
    if open_codes:
        raise ApprovalRefused(
            f"Confirm these findings deliberately or edit the draft: {', '.join(sorted(open_codes))}."
        )


def _void_reason(approval: Approval, case: TriageCase, ticket: Ticket, clock: Clock) -> str:
    """Why an approval no longer holds, or an empty string when all it bound is unchanged."""
    checks = {
        "expired": clock.now() >= approval.expires_at,
        "case changed": case.state is not CaseState.APPROVED or case.version != approval.case_version,
        "newer message": ticket.revision != approval.ticket_revision,
        "draft changed": case.draft is None or case.draft.digest != approval.draft_digest,
        "recipient changed": approval.recipients != (ticket.requester.email,),
    }
    return ", ".join(name for name, failed in checks.items() if failed)


def _approval_detail(approval: Approval) -> dict[str, str]:
    return {
        "approval": approval.id,
        "digest": approval.draft_digest,
        "version": str(approval.case_version),
        "revision": str(approval.ticket_revision),
        "confirmed": ",".join(approval.confirmed),
    }
