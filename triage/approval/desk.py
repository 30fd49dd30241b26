"""What a person decides about a draft: approve, edit, reject, say what became of a reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from triage.approval.binding import APPROVAL_LIFE, Reading, audited, bind, draft_as_read, refuse_unless_confirmed
from triage.approval.correspondence import keep_what_was_sent
from triage.approval.dispatch import Dispatch
from triage.domain.case import CaseState, TriageCase
from triage.domain.four_eyes import FirstApproval
from triage.domain.reply import Approval, Draft, Finding, quotes
from triage.domain.ticket import Ticket
from triage.errors import ApprovalRefused, IllegalTransition, StaleVersion
from triage.ports import UnitOfWork
from triage.ports.drafting import Lessons

Lint = Callable[[Draft, TriageCase, Ticket], tuple[Finding, ...]]
"""Checks a draft against its case and ticket; the lint stage with its policy bound."""


@dataclass(frozen=True, slots=True)
class Desk(Dispatch):
    """Every decision on a draft, and the dispatch of what was approved.

    Attributes:
        lint: how a draft is checked.
        lessons: told, in the same transaction, what people made of drafts.
        decisive: kinds of letters that answer, unless a person says otherwise.
    """

    lint: Lint
    lessons: Lessons | None = None
    decisive: frozenset[str] = frozenset()

    def approve(
        self,
        tenant: str,
        case_id: str,
        *,
        actor: str,
        reading: Reading,
        confirmed: tuple[str, ...] = (),
        answers: bool | None = None,
    ) -> Approval | FirstApproval:
        """Approve exactly the draft that was read, and enqueue its sending in the same transaction.

        Returns:
            The approval; or, of a reply that needs two approvers, the first one's decision, on which nothing is sent.

        Args:
            confirmed: codes of the findings of severity ``CONFIRM`` the person ticked deliberately.
            answers: whether the letter is the desk's answer, so that the clocks stop that wait for one; ``None``: as
                its kind says.

        Raises:
            StaleVersion: the case has changed since it was read.
            DraftChanged: the draft is not the one that was read.
            AlreadyDecided: somebody approved before.
            ApprovalRefused: a blocking finding, an unconfirmed one, no recipient, or twice the same of two approvers.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id, for_update=True), uow.tickets.get(case_id)
            draft = draft_as_read(case, reading)
            refuse_unless_confirmed(self.lint(draft, case, ticket), confirmed)
            first = self._first(uow, case, actor)
            approval = bind(case, ticket, draft, actor=actor, confirmed=confirmed, now=self.clock.now(), first=first)
            if first is None and self.four_eyes.reason(case):
                return self._keep_first(uow, case, draft, actor, confirmed)
            uow.approvals.add(approval)
            answering = draft.kind in self.decisive if answers is None else answers
            self._advance(uow, replace(case, answering=answering), CaseState.APPROVED)
            detail = audited(approval) | {"answers": str(answering).lower()}
            uow.audit.append(actor=actor, action="approved", subject=case_id, detail=detail)
            uow.jobs.send(approval)
            if self.lessons is not None:
                self.lessons.approved(uow, case, ticket)
            uow.commit()
        return approval

    def _first(self, uow: UnitOfWork, case: TriageCase, actor: str) -> FirstApproval | None:
        """The first approval of exactly these words, where two are needed and somebody else gave it."""
        first = uow.first_approvals.of_case(case.ticket_id)
        if not self.four_eyes.reason(case) or first is None:
            return None
        if not first.stands_for(case, self.clock.now(), APPROVAL_LIFE):
            return None
        if first.actor == actor:
            raise ApprovalRefused("You approved this reply already: it needs another person's approval too.")
        return first

    def _keep_first(
        self, uow: UnitOfWork, case: TriageCase, draft: Draft, actor: str, confirmed: tuple[str, ...]
    ) -> FirstApproval:
        first = FirstApproval(case.ticket_id, actor, case.version, draft.digest, confirmed, self.clock.now())
        uow.first_approvals.keep(first)
        detail = {"digest": draft.digest, "version": str(case.version), "why": self.four_eyes.reason(case)}
        uow.audit.append(actor=actor, action="approved_first", subject=case.ticket_id, detail=detail)
        uow.commit()
        return first

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
            read = draft_as_read(case, reading)
            draft = replace(
                read, subject=subject or read.subject, body=body, sentences=(), composer=f"agent:{actor}", degraded=""
            )
            draft = replace(draft, citations=tuple(one for one in draft.citations if quotes(body, one)))
            edited = case.become(CaseState.PENDING_APPROVAL, self.clock.now())
            edited = replace(edited, draft=draft, findings=self.lint(draft, case, ticket))
            uow.cases.save(edited, expected_version=case.version)
            detail = {"before": read.digest, "after": draft.digest, "version": str(edited.version)}
            uow.audit.append(actor=actor, action="edited", subject=case_id, detail=detail)
            if self.lessons is not None:
                self.lessons.edited(uow, case, ticket, draft, actor=actor)
            uow.commit()
        return edited

    def reject(self, tenant: str, case_id: str, *, actor: str, reading: Reading, reason: str) -> TriageCase:
        """Decide that this draft is not sent; the reason is kept with the case.

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
            rejected = self._advance(uow, replace(case, rejected_because=reason), CaseState.REJECTED)
            detail = {"version": str(rejected.version), "draft": case.draft.digest if case.draft else ""}
            uow.audit.append(actor=actor, action="rejected", subject=case_id, detail=detail)
            uow.commit()
        return rejected

    def withdraw(self, tenant: str, case_id: str, *, actor: str, reading: Reading) -> TriageCase:
        """Take an approval back whose reply has not left, as one that waits for another try; the draft waits again.

        Raises:
            StaleVersion: the case has changed since it was read.
            IllegalTransition: there is no approval to take back, or its reply is on its way.
        """
        with self.unit_of_work(tenant) as uow:
            case = uow.cases.get(case_id, for_update=True)
            if case.version != reading.case_version:
                raise StaleVersion()
            open_ones = [one.approval for one in uow.approvals.of_case(case_id) if one.state == "granted"]
            if case.state is not CaseState.APPROVED or not open_ones:
                raise IllegalTransition("Only an approval whose reply has not left can be taken back.")
            withdrawn = self._advance(uow, case, CaseState.PENDING_APPROVAL)
            for approval in open_ones:
                uow.approvals.mark(approval.id, "void")
                detail = {"approval": approval.id, "version": str(withdrawn.version)}
                uow.audit.append(actor=actor, action="approval_withdrawn", subject=case_id, detail=detail)
            uow.commit()
        return withdrawn

    def resolve(self, tenant: str, case_id: str, *, actor: str, delivered: bool) -> TriageCase:
        """A person looked in the helpdesk and says what became of a reply whose delivery was unknown.

        Raises:
            IllegalTransition: the case is not waiting for this answer.
        """
        state, record = (CaseState.SENT, "sent") if delivered else (CaseState.SEND_FAILED, "failed")
        with self.unit_of_work(tenant) as uow:
            uow.tickets.get(case_id, for_update=True)  # before the case, as whoever adds a message does
            case = uow.cases.get(case_id, for_update=True)
            if case.state is not CaseState.DELIVERY_UNKNOWN:
                raise IllegalTransition("Only a case in state 'delivery_unknown' can be resolved.")
            for known in uow.approvals.of_case(case_id):
                if known.state == "unknown":
                    uow.approvals.mark(known.approval.id, record)
                    if delivered:
                        given = known.approval
                        case = keep_what_was_sent(uow, case, given, given.approved_at, self.clock.now())
            resolved = self._advance(uow, case, state)
            uow.audit.append(actor=actor, action="resolved", subject=case_id, detail={"delivered": str(delivered)})
            self._triage_if_behind(uow, resolved)
            uow.commit()
        return resolved
