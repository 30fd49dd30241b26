"""Deadlines: statutory and policy clocks running on a case."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
        any_reply: any letter keeps it, such as an acknowledgement; others are kept by an answer only.
        met_on: the day a letter that keeps it was sent; ``None`` while it runs.
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
    any_reply: bool = False
    met_on: date | None = None

    @property
    def caveat(self) -> str:
        """Why this date is weaker than a statute that was read; empty for one that was."""
        in_polish, in_english = _NO_LAW.get(self.origin) or _WEAKLY_SEEN.get(self.evidence, ("", ""))
        return in_polish if self.language == "pl" else in_english


def by_day_then_law(deadline: Deadline) -> tuple[date, date, bool, str]:
    """Sorts the earliest first; of two on one day the one whose miss breaks the law."""
    return deadline.safe_due, deadline.legal_due, deadline.origin is not Origin.STATUTE, deadline.rule


def still_running(found: tuple[Deadline, ...], earlier: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
    """Clocks found in a ticket, and those that an earlier message started and that wait for an answer.

    Whoever writes again, to ask how things stand or to say thanks, does not take a complaint back: what they write now
    is about something else and starts other clocks.
    """
    rules = {one.rule for one in found}
    kept = [one for one in earlier if one.rule not in rules and one.met_on is None and not one.any_reply]
    return tuple(sorted((*found, *kept), key=by_day_then_law))


def met_by_letters(
    deadlines: tuple[Deadline, ...], *, replied_on: date | None, answered_on: date | None
) -> tuple[Deadline, ...]:
    """The clocks, those stopped that a sent letter keeps; one that started after the letter runs on.

    Args:
        replied_on: the day of the newest letter, whatever it says.
        answered_on: the day of the newest letter that was an answer.
    """
    return tuple(_met(one, replied_on if one.any_reply else answered_on) for one in deadlines)


def _met(deadline: Deadline, day: date | None) -> Deadline:
    if deadline.met_on is not None or day is None or day < deadline.started_on:
        return deadline
    return replace(deadline, met_on=day)


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
