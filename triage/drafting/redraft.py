"""Another letter on request: an agent picks a decision, a tone, a length, or fills the gaps of a template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from triage.domain.case import CaseState, TriageCase
from triage.domain.company import Company
from triage.domain.reply import Draft, Finding
from triage.domain.style import Choice
from triage.domain.ticket import Ticket
from triage.errors import AlreadyDecided, DecisionRefused, IllegalTransition, StaleVersion
from triage.ports import Clock, UnitOfWorkFactory
from triage.stages.draft import slots_of

Write = Callable[[Ticket, TriageCase, Choice], tuple[Draft, tuple[Finding, ...]]]
"""Drafts and checks a letter for a case; the pipeline's stages with their tools bound."""
_DECIDED = (CaseState.APPROVED, CaseState.SENDING, CaseState.SENT, CaseState.DELIVERY_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind of letter an agent may ask for.

    Attributes:
        decision: whether it decides something; such letters are written only when a person picks them.
        facts: the gaps of its template and what to fill in, in reading order.
    """

    kind: str
    language: str
    decision: bool
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Redrafting:
    """Writes the draft of a stored case anew, as an agent chose."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    write: Write
    company: Company

    def offers(self, language: str) -> tuple[Offer, ...]:
        """The kinds of letters there are, those that decide among them."""
        return tuple(
            Offer(template.kind, language, template.decision, slots_of(template, self.company))
            for template in self.company.templates
            if template.language == language and not template.kind.startswith("_")
        )

    def redraft(self, tenant: str, case_id: str, *, actor: str, version_read: int, choice: Choice) -> TriageCase:
        """Replace the draft by a letter of the agent's choice; it is checked and waits for approval like any other.

        The letter is written outside the transactions, because a language model may take its time; the case's version
        fences what is stored.

        Raises:
            CaseNotFound: no such case in this tenant.
            StaleVersion: the case has changed since it was read.
            AlreadyDecided: its reply was approved or sent.
            IllegalTransition: it has not been triaged yet.
            DecisionRefused: there is no such decision, no such gap, or the case may not get this letter.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id), uow.tickets.get(case_id)
        self._refuse_unless_open(case, version_read)
        self._refuse_unknown(choice)
        draft, findings = self.write(ticket, case, choice)
        if choice.decision is not None and draft.kind != choice.decision:
            raise DecisionRefused(f"A case that reports danger gets {draft.kind} first, whatever was decided.")
        written = replace(
            case.become(CaseState.PENDING_APPROVAL, self.clock.now()),
            draft=draft,
            findings=findings,
            failure=None,
            provenance=replace(case.provenance, composer=draft.composer),
        )
        with self.unit_of_work(tenant) as uow:
            uow.cases.save(written, expected_version=case.version)
            uow.audit.append(actor=actor, action="redrafted", subject=case_id, detail=_audited(written, draft, choice))
            uow.commit()
        return written

    def _refuse_unless_open(self, case: TriageCase, version_read: int) -> None:
        if case.version != version_read:
            raise StaleVersion()
        if case.state in _DECIDED:
            raise AlreadyDecided()
        if case.classification is None:
            raise IllegalTransition("The case has not been triaged yet: wait for its classification.")

    def _refuse_unknown(self, choice: Choice) -> None:
        deciding = {one.kind: one for one in self.company.templates if one.decision}
        if choice.decision is not None and choice.decision not in deciding:
            raise DecisionRefused("There is no such decision: GET /v1/replies lists them.")
        if choice.facts and choice.decision is None:
            raise DecisionRefused("Facts fill the gaps of a decision: name the decision too.")
        if choice.decision is not None:
            unknown = set(choice.facts) - set(slots_of(deciding[choice.decision], self.company))
            if unknown:
                raise DecisionRefused(f"This letter has no such gap: {', '.join(sorted(unknown))}.")


def _audited(case: TriageCase, draft: Draft, choice: Choice) -> dict[str, str]:
    style = choice.style
    return {
        "version": str(case.version),
        "kind": draft.kind,
        "decision": choice.decision or "",
        "tone": style.tone.value if style else "",
        "length": style.length.value if style else "",
        "facts": ",".join(sorted(choice.facts)),
        "after": draft.digest,
        "prompt": draft.prompt,
    }
