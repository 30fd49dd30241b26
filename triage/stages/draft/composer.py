"""The composer behind the ``Drafter`` port: :func:`compose` over what a case holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from triage.domain.case import TriageCase
from triage.domain.company import Company
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft
from triage.domain.style import Style
from triage.errors import StageFailed
from triage.stages.draft.compose import compose


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes letters from approved templates; needs no model, no network and no settings."""

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
        """Compose the reply of a case that was classified.

        Raises:
            StageFailed: the case has no classification yet.
        """
        if case.classification is None:
            raise StageFailed("draft", "the case has no classification")
        return compose(
            ticket,
            case.classification,
            case.facts,
            case.deadlines,
            case.passages,
            company,
            decision=decision,
            style=style,
            today=today,
        )
