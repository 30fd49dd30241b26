"""Deadlines: statutory and policy clocks running on a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Origin(StrEnum):
    """Whether missing the date breaks the law or only the company's promise."""

    STATUTE = "statute"
    POLICY = "policy"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One running clock.

    Attributes:
        rule: id in the rule table (``UPK-7A-REPLY``).
        started_on: the day of the event, not counted itself (KC art. 111 § 2).
        nominal: last day as counted.
        legal_due: after the roll of KC art. 115 (or Reg. 1182/71 for EU terms).
        safe_due: the working day to aim at: before the nominal date, minus the buffer.
        source: act and article, with the text version.
        effect: what happens when it is missed.
        evidence: how well the rule is sourced (``S``, ``W``, ``K``, ``P`` of the rule table).
        assumed: what was assumed about the start, empty when known.
    """

    rule: str
    started_on: date
    nominal: date
    legal_due: date
    safe_due: date
    source: str
    effect: str
    origin: Origin
    evidence: str = "S"
    assumed: str = ""

    @property
    def caveat(self) -> str:
        """Why this date is weaker than a statute that was read; empty for one that was."""
        if self.origin is not Origin.STATUTE:
            return _NO_LAW[self.origin]
        return _WEAKLY_SEEN.get(self.evidence, "")


_NO_LAW = {Origin.POLICY: "company policy, not law", Origin.CONTRACT: "contract, not law"}
_WEAKLY_SEEN = {
    "K": "law, but from background knowledge: the act was not seen, check it",
    "W": "law, but from a weak source: check it",
    "P": "company policy, not law",
}
