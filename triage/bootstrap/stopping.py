"""The pipeline's tools under an emergency stop: whatever would ask a language model falls back, and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from triage.domain.case import TriageCase
from triage.domain.company import Company
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft
from triage.domain.style import Style
from triage.pipeline import Tools
from triage.ports import Drafter
from triage.stages.draft import Composer

LABEL = "llm: held by the emergency stop"
IsStopped = Callable[[str], bool]
"""Whether a tenant is under an emergency stop now."""


@dataclass(frozen=True, slots=True)
class StoppableDrafter:
    """Asks the model's drafter unless the case's tenant is stopped; the composer writes then."""

    asking: Drafter
    composer: Drafter
    is_stopped: IsStopped

    def draft(
        self,
        ticket: RedactedTicket,
        case: TriageCase,
        company: Company,
        *,
        today: date,
        decision: str | None = None,
        style: Style | None = None,
    ) -> Draft:
        """A letter of the model, or the composer's, labelled, under a stop."""
        stopped = self.is_stopped(case.tenant)
        drafter = self.composer if stopped else self.asking
        letter = drafter.draft(ticket, case, company, today=today, decision=decision, style=style)
        return replace(letter, degraded=LABEL) if stopped else letter


def asks_a_model(tools: Tools) -> bool:
    """Whether a language model writes drafts or summaries: seconds a ticket, not milliseconds."""
    return not isinstance(tools.drafter, Composer) or tools.line_writer is not None


def stoppable(tools: Tools, is_stopped: IsStopped) -> Tools:
    """Tools whose drafter obeys the stop; those that ask no model stay as they are."""
    if isinstance(tools.drafter, Composer):
        return tools
    return replace(tools, drafter=StoppableDrafter(tools.drafter, Composer(), is_stopped))


def without_writers(tools: Tools, tenant: str, is_stopped: IsStopped) -> Tools:
    """Tools for one ticket; under a stop no model tells its history, the extractive summary stands alone."""
    return replace(tools, line_writer=None) if tools.line_writer is not None and is_stopped(tenant) else tools
