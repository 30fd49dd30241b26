"""Claiming and sending an approved reply, at most once.

The claim is committed *before* the sender is called, so a process killed in between leaves ``SENDING``;
:meth:`Dispatch.reconcile` then reads the outcome back and, where it cannot be told, shows ``DELIVERY_UNKNOWN`` to a
person. It is never sent again by itself. Only where the sender says that certainly nothing left and that what stood in
the way may pass, the reply is put off (:mod:`triage.domain.deferral`): its approval is granted again and everything it
bound is checked anew at the next claim.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from triage.approval.binding import void_reason
from triage.approval.correspondence import keep_what_was_sent
from triage.domain.case import CaseState, TriageCase
from triage.domain.deferral import next_try, pause_for_all
from triage.domain.four_eyes import FourEyes
from triage.domain.reply import Approval, ApprovedReply, Delivery
from triage.errors import DeliveryDeferred, DeliveryRefused, DeliveryUnknown
from triage.ports import Clock, ReplySender, UnitOfWork, UnitOfWorkFactory

_UNSETTLED = ("claimed", "unknown")
_FIRST_LOOK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Takes approved replies to the sender and keeps what became of them.

    Attributes:
        four_eyes: which replies need two approvers; asked again in the transaction that claims the send.
    """

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    four_eyes: FourEyes = field(default_factory=FourEyes, kw_only=True)

    def send(self, tenant: str, approval_id: str, sender: ReplySender) -> Delivery | None:
        """Claim the send, call the sender once, record the outcome.

        Returns:
            The delivery, or ``None`` when the approval was void, used, or its outcome is not (yet) known.
        """
        reply = self._claim(tenant, approval_id, sender.way)
        if reply is None:
            return None
        try:
            delivery = sender.send(reply)
        except DeliveryDeferred as exc:
            self._defer(tenant, approval_id, sender.way, exc)
            return None
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

        What is not found, or cannot be asked for, becomes ``DELIVERY_UNKNOWN`` and is looked for again, less and less
        often, as long as its approval would have lived: found later, it is ``SENT`` without anybody's doing.

        Returns:
            The delivery when the helpdesk holds it.

        Raises:
            DeliveryUnknown: the helpdesk does not say, and the claim was not given up yet.
        """
        with self.unit_of_work(tenant) as uow:
            state, pause = uow.approvals.get(approval_id).state, uow.sending_pauses.left(sender.way)
        if state == "granted" or (state == "unknown" and pause):
            self._look_again(tenant, approval_id)
            return None  # nothing left yet, or the way out rests: a server that asked for patience is not asked
        try:
            delivery = sender.find_delivery(approval_id)
        except DeliveryUnknown:
            if state != "unknown":
                raise
            delivery = None
        if delivery is not None and state in _UNSETTLED:
            self._settle(tenant, approval_id, CaseState.SENT, "sent", delivery)
        elif state == "claimed":
            self._settle(tenant, approval_id, CaseState.DELIVERY_UNKNOWN, "unknown")
        self._look_again(tenant, approval_id)
        return delivery

    def _look_again(self, tenant: str, approval_id: str) -> None:
        """Have an unknown outcome read back later: each time after as long again as the reply is old."""
        with self.unit_of_work(tenant) as uow:
            record = uow.approvals.get(approval_id, for_update=True)
            now, approval = self.clock.now(), record.approval
            wait = max(_FIRST_LOOK, now - approval.approved_at)
            if record.state == "unknown" and now + wait < approval.expires_at:
                uow.approvals.put_off(approval_id, wait)
                uow.commit()

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

    def _claim(self, tenant: str, approval_id: str, way: str) -> ApprovedReply | None:
        """Re-check everything the approval bound and take the single right to send, in one transaction."""
        with self.unit_of_work(tenant) as uow:
            approval = uow.approvals.get(approval_id).approval
            case = uow.cases.get(approval.case_id, for_update=True)
            record = uow.approvals.get(approval_id, for_update=True)
            if record.state != "granted" or record.waits or uow.stops.in_force() is not None:
                return None  # what is approved while everything is stopped is held, not lost
            ticket = uow.tickets.get(approval.case_id)
            withdrawn = any(uow.deciders.withdrawn(one) for one in approval.actors)
            reason = void_reason(record, case, ticket, self.clock.now(), self.four_eyes, withdrawn=withdrawn)
            if reason or case.draft is None:
                self._void(uow, case, approval, reason or "no draft")
                return None
            if pause := uow.sending_pauses.left(way):
                uow.approvals.put_off(approval_id, pause)
                uow.commit()
                return None
            uow.approvals.mark(approval_id, "claimed")
            self._advance(uow, case, CaseState.SENDING)
            uow.audit.append(actor="system", action="claimed", subject=case.ticket_id, detail={"approval": approval_id})
            uow.commit()
            return ApprovedReply(approval, case.draft.subject, case.draft.body, ticket.external_id)

    def _defer(self, tenant: str, approval_id: str, way: str, refusal: DeliveryDeferred) -> None:
        """Put a claimed reply that certainly did not leave off; it failed where there is no next try.

        The claim must still stand: what a person was shown as unknown meanwhile is theirs to decide.
        """
        asked = timedelta(seconds=refusal.asked_s)
        with self.unit_of_work(tenant) as uow:
            approval = uow.approvals.get(approval_id).approval
            case = uow.cases.get(approval.case_id, for_update=True)
            record = uow.approvals.get(approval_id, for_update=True)
            uow.sending_pauses.begin(way, pause_for_all(asked), str(refusal))
            wait = next_try(record.deferrals, asked, approval.expires_at - self.clock.now())
            newer = uow.tickets.get(case.ticket_id).revision > case.ticket_revision
            if record.state == "claimed" and wait is not None and not newer:
                uow.approvals.defer(approval_id, wait, str(refusal))
                self._advance(uow, case, CaseState.APPROVED)
                detail = {"approval": approval_id, "deferrals": str(record.deferrals + 1)}
                uow.audit.append(actor="system", action="deferred", subject=case.ticket_id, detail=detail)
                uow.commit()
                return
            uow.commit()
        self._settle(tenant, approval_id, CaseState.SEND_FAILED, "failed")

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
            approval = uow.approvals.get(approval_id).approval
            uow.tickets.get(approval.case_id, for_update=True)  # before the case, as whoever adds a message does
            case = uow.cases.get(approval.case_id, for_update=True)
            known = uow.approvals.get(approval_id, for_update=True).state
            if known == record:
                return
            uow.approvals.mark(approval_id, record, delivery)
            detail = {"approval": approval_id, "reference": delivery.reference if delivery else ""}
            if known in _UNSETTLED:
                if delivery is not None:
                    case = keep_what_was_sent(uow, case, approval, delivery.delivered_at, self.clock.now())
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
