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
        language: of effect, assumption and caveat: ``pl``, or another for English.
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
    language: str = "en"

    @property
    def caveat(self) -> str:
        """Why this date is weaker than a statute that was read; empty for one that was."""
        in_polish, in_english = _NO_LAW.get(self.origin) or _WEAKLY_SEEN.get(self.evidence, ("", ""))
        return in_polish if self.language == "pl" else in_english


_POLICY = ("zasada firmy, nie prawo", "company policy, not law")
_NO_LAW = {Origin.POLICY: _POLICY, Origin.CONTRACT: ("umowa, nie prawo", "contract, not law")}
_WEAKLY_SEEN = {
    "K": (
        "prawo, ale z wiedzy ogólnej: aktu nie widziano, trzeba sprawdzić",
        "law, but from background knowledge: the act was not seen, check it",
    ),
    "W": ("prawo, ale ze słabego źródła: trzeba sprawdzić", "law, but from a weak source: check it"),
    "P": _POLICY,
}
