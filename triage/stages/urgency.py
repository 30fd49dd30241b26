"""Urgency: an explained sum. Each factor shows its points and the words or dates that gave them.

Weights are data (``urgency.yaml``). A safety hit forces P1 whatever the sum; tone adds at most a few points, so that an
angry ticket never passes one whose statutory day is near.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from triage.domain.classification import Classification, Facts
from triage.domain.company import UrgencyPolicy
from triage.domain.deadline import Deadline, Origin
from triage.domain.folding import fold
from triage.domain.priority import Urgency, UrgencyFactor, UrgencyLevel
from triage.domain.redaction import RedactedTicket
from triage.domain.ticket import Author

DEADLINE: Final = "deadline"


def weigh(
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    deadlines: tuple[Deadline, ...],
    policy: UrgencyPolicy,
    today: date,
) -> Urgency:
    """Sum the factors and map the sum to a level.

    Returns:
        Level, score and every factor with non-zero points, largest first.
    """
    factors = [
        *_category(classification, policy),
        *_flags(classification, policy),
        *_deadline(deadlines, policy, today),
        *_cues(ticket, policy),
        *_repeats(ticket, policy),
        *_value(facts, policy),
        *_tone(classification, policy),
    ]
    factors += _lifts(factors, policy)
    score = sum(factor.points for factor in factors)
    forced = next((flag.code for flag in classification.flags if flag.code in policy.forced), None)
    level = UrgencyLevel.P1 if forced else _level(score, policy)
    shown = tuple(sorted((factor for factor in factors if factor.points), key=lambda factor: -factor.points))
    return Urgency(level, score, shown, forced)


def reweigh(urgency: Urgency, deadlines: tuple[Deadline, ...], policy: UrgencyPolicy, today: date) -> Urgency:
    """The same sum on another day: the date's factor is that day's, what a person set stays in force."""
    anew = {DEADLINE, *(name for name, _, _ in policy.at_least)}
    factors = [factor for factor in urgency.factors if factor.name not in anew]
    factors += _deadline(deadlines, policy, today)
    factors += _lifts(factors, policy)
    shown = tuple(sorted(factors, key=lambda factor: -factor.points))
    score = sum(factor.points for factor in shown)
    level = UrgencyLevel.P1 if urgency.forced_by else _level(score, policy)
    weighed = Urgency(level, score, shown, urgency.forced_by)
    return weighed if urgency.computed is None else weighed.decided_as(urgency.level)


def _lifts(factors: Sequence[UrgencyFactor], policy: UrgencyPolicy) -> Iterator[UrgencyFactor]:
    """What is missing to the least score of factors that stand together, each counting what was lifted before."""
    score = sum(factor.points for factor in factors)
    for name, least, together in policy.at_least:
        met = [factor for factor in factors if factor.points and factor.name in together]
        if score < least and together == {factor.name for factor in met}:
            yield UrgencyFactor(name, least - score, ", ".join(factor.evidence for factor in met))
            score = least


def _level(score: int, policy: UrgencyPolicy) -> UrgencyLevel:
    return next(UrgencyLevel(level) for level, least in policy.thresholds if score >= least)


def _category(classification: Classification, policy: UrgencyPolicy) -> Iterator[UrgencyFactor]:
    known = policy.categories
    points = known.get(classification.code, known.get(classification.matter, 0))
    if points:
        yield UrgencyFactor("category", points, f"{classification.code} {classification.label}")


def _flags(classification: Classification, policy: UrgencyPolicy) -> Iterator[UrgencyFactor]:
    for flag in classification.flags:
        if policy.flags.get(flag.code):
            yield UrgencyFactor(f"flag:{flag.code}", policy.flags[flag.code], flag.evidence)


def _deadline(deadlines: tuple[Deadline, ...], policy: UrgencyPolicy, today: date) -> Iterator[UrgencyFactor]:
    """The most pressing date the desk owes, by law, contract or a promise the company holds to be as good."""
    running = [one for one in deadlines if one.met_on is None]
    owed = [one for one in running if one.origin is not Origin.POLICY or one.rule in policy.promises]
    points, pressing = max(
        ((_of_days_left(one, policy, today), one) for one in owed),
        key=lambda pair: (pair[0], -pair[1].legal_due.toordinal()),
        default=(0, None),
    )
    if points and pressing:
        left = (pressing.legal_due - today).days
        yield UrgencyFactor(DEADLINE, points, f"{pressing.rule}: {pressing.legal_due.isoformat()} ({left} d)")


def _of_days_left(deadline: Deadline, policy: UrgencyPolicy, today: date) -> int:
    left = (deadline.legal_due - today).days
    points = next((points for days, points in policy.days_left if left <= days), 0)
    return points if left < 0 else min(points, policy.short_terms.get(deadline.rule, points))


def _cues(ticket: RedactedTicket, policy: UrgencyPolicy) -> Iterator[UrgencyFactor]:
    request = ticket.request
    folded = fold(request)
    for name, points, pattern in policy.cues:
        match = pattern.search(folded)
        if match:
            yield UrgencyFactor(name, points, request[match.start() : match.end()])


def _repeats(ticket: RedactedTicket, policy: UrgencyPolicy) -> Iterator[UrgencyFactor]:
    """Messages of the customer since the desk last answered, beyond the first one."""
    waiting = 0
    for message in reversed(ticket.messages):
        if message.author is Author.AGENT:
            break
        waiting += message.author is Author.CUSTOMER
    points = min(policy.repeat_cap, policy.repeat_points * max(0, waiting - 1))
    if points:
        yield UrgencyFactor("unanswered_messages", points, f"{waiting} messages without an answer")


def _value(facts: Facts, policy: UrgencyPolicy) -> Iterator[UrgencyFactor]:
    amounts = [fact for fact in facts.of("amount") if fact.value.endswith("PLN")]
    largest = max(amounts, key=lambda fact: float(fact.value.split()[0]), default=None)
    if largest is None:
        return
    points = next((points for least, points in policy.value if float(largest.value.split()[0]) >= least), 0)
    if points:
        yield UrgencyFactor("value", points, largest.text)


def _tone(classification: Classification, policy: UrgencyPolicy) -> Iterator[UrgencyFactor]:
    yield UrgencyFactor("tone", policy.tone.get(classification.tone, 0), classification.tone)
