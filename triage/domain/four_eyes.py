"""Which replies need a second approver, as the company's data says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from triage.domain.case import TriageCase


@dataclass(frozen=True, slots=True)
class FourEyes:
    """When one person is not enough; nothing set means one always is.

    Attributes:
        amount_pln: from this amount named in the case on; ``None`` for any amount.

    Source: OWASP ASVS 5.0, 2.3.5 (multi-user approval of high-value steps).
    """

    categories: frozenset[str] = frozenset()
    reply_kinds: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    amount_pln: Decimal | None = None

    def reason(self, case: TriageCase) -> str:
        """Why this case's reply needs a second approver; empty when it does not."""
        found = case.classification
        named = (fact.value.split()[0] for fact in case.facts.of("amount") if fact.value.endswith("PLN"))
        largest = max(map(Decimal, named), default=Decimal(0))
        reasons = {
            "category": found is not None and found.code in self.categories,
            "flag": found is not None and not self.flags.isdisjoint(found.flag_codes),
            "reply": case.draft is not None and case.draft.kind in self.reply_kinds,
            "amount": self.amount_pln is not None and largest >= self.amount_pln,
        }
        return ", ".join(name for name, holds in reasons.items() if holds)


@dataclass(frozen=True, slots=True)
class FirstApproval:
    """What the first of two approvers read and confirmed; nothing is sent on it alone."""

    case_id: str
    actor: str
    case_version: int
    draft_digest: str
    confirmed: tuple[str, ...]
    approved_at: datetime

    def stands_for(self, case: TriageCase, now: datetime, life: timedelta) -> bool:
        """Whether it is about the case and the draft as they are now, and not too old."""
        return (
            self.case_version == case.version
            and case.draft is not None
            and self.draft_digest == case.draft.digest
            and now < self.approved_at + life
        )
