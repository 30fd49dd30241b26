"""Starting clocks: from category, buyer and known dates to every running term, with what was assumed and what to ask.

The most protective reading is taken while something is unknown: an unknown buyer counts as a consumer, a sole trader as
one protected like a consumer, an unknown form of sale as a distance contract. Each such reading is named on the clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from triage.calendars.clock_table import RECEIPT, Carriage, ClockStart, ClockTable, DateSource, Sale, Wording
from triage.calendars.counting import count, due_on, local_day
from triage.calendars.rules import DatedBy, Duty, Evidence, Party, Rule, RuleTable
from triage.domain.classification import Facts
from triage.domain.deadline import Deadline, Origin, by_day_then_law

CONTRACT_DATES = ("purchase_date", "delivery_date")
"""Kinds of date that tell when the contract was made, best first."""

BUYER_PARTY: Mapping[str, Party] = {
    "consumer": Party.CONSUMER,
    "sole_trader": Party.PNPK,
    "business": Party.BUSINESS,
    "unknown": Party.CONSUMER,
}
_BUYERS = frozenset({Party.CONSUMER, Party.PNPK, Party.BUSINESS})


@dataclass(frozen=True, slots=True)
class Question:
    """Something a person has to find out; ``about`` names the rule or the assumption it settles."""

    about: str
    wording: Wording


@dataclass(frozen=True, slots=True)
class ClockRequest:
    """What is known about a ticket when its clocks are started.

    Attributes:
        codes: categories, the primary first.
        buyer: ``consumer``, ``sole_trader``, ``business`` or ``unknown``.
        received_at: when the message was available to the desk (aware; KC art. 61).
        dates: kind of date to day, see :func:`known_dates`.
        events: what else happened, see :class:`triage.calendars.events.EventCues`.
        language: of the words on the clocks, ``pl`` or ``en``; that of the agent, not of the customer.
    """

    codes: tuple[str, ...]
    buyer: str
    received_at: datetime
    dates: Mapping[str, date] = field(default_factory=dict)
    remedies: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    sale: str = Sale.UNKNOWN
    carriage: str = Carriage.UNKNOWN
    language: str = "pl"

    @property
    def received_on(self) -> date:
        """The day of receipt in Warsaw."""
        return local_day(self.received_at)


@dataclass(frozen=True, slots=True)
class ClockReport:
    """Every clock of a ticket.

    Attributes:
        deadlines: terms the desk itself must keep, sorted by ``safe_due``.
        periods: liability, presumption, retention; the customer's and the carrier's own terms; rights that had lapsed
            before the ticket came. None of these can be missed by the desk. Sorted by ``legal_due``.
        questions: what to find out, each once.
    """

    deadlines: tuple[Deadline, ...]
    periods: tuple[Deadline, ...]
    questions: tuple[Question, ...]


def known_dates(facts: Facts, order: Mapping[str, str], table: ClockTable) -> dict[str, date]:
    """Collect the dates of a ticket: the shop's order data first, then the surest fact of each kind.

    Values that are no full ISO date (``2026-11``) are left out: a clock does not start on a guess.
    """
    dates: dict[str, date] = {}
    for key, kind in table.order_keys.items():
        if kind not in dates and (day := _iso_day(order.get(key, ""))):
            dates[kind] = day
    for fact in sorted(facts.items, key=lambda fact: -fact.confidence):
        if fact.kind.endswith("_date") and fact.kind not in dates and (day := _iso_day(fact.value)):
            dates[fact.kind] = day
    return dates


def start_clocks(request: ClockRequest, rules: RuleTable, table: ClockTable) -> ClockReport:
    """Start every clock the categories call for.

    Args:
        request: what is known.
        rules: lengths and counting, dated.
        table: which rules start, and from which dates.

    Returns:
        Running terms, periods and questions; a rule starts at most once.
    """
    dates = dict(request.dates)
    deadlines: list[Deadline] = []
    periods: list[Deadline] = []
    questions: dict[str, Question] = {}
    for start in _starts(request, table):
        trigger = table.triggers[rules.rules[start.rule][-1].trigger]
        source = _source(start, trigger.sources, dates, request.received_on)
        rule = _version(start.rule, source, request, dates, rules)
        if rule is None:
            continue
        if trigger.ask.pl and (source is None or source.assumed.pl) and (start.asks or not start.kinds):
            questions.setdefault(trigger.ask.pl, Question(rule.id, trigger.ask))
        if source is None:
            continue
        words = [source.assumed]
        for name in _assumptions(start, rule, request, dates):
            assumption = table.assumptions[name]
            words.append(assumption.assumed)
            if assumption.ask.pl:
                questions.setdefault(assumption.ask.pl, Question(name, assumption.ask))
        deadline = _deadline(rule, source, dates, request, rules, words)
        if start.ends_as:
            dates[start.ends_as] = deadline.legal_due
        desk_can_miss_it = rule.duty is Duty.DESK and not (rule.lapses and deadline.legal_due < request.received_on)
        (deadlines if desk_can_miss_it else periods).append(deadline)
    return ClockReport(
        tuple(sorted(deadlines, key=by_day_then_law)),
        tuple(sorted(periods, key=lambda deadline: (deadline.legal_due, deadline.rule))),
        tuple(questions.values()),
    )


def _starts(request: ClockRequest, table: ClockTable) -> Iterator[ClockStart]:
    """Clocks of all categories whose conditions hold, each rule once."""
    seen: set[str] = set()
    for code in request.codes:
        for start in table.categories.get(code, ()):
            if start.rule not in seen and _conditions_hold(start, request):
                seen.add(start.rule)
                yield start


def _conditions_hold(start: ClockStart, request: ClockRequest) -> bool:
    return (
        (not start.events or bool(start.events & request.events))
        and not start.unless & request.events
        and (not start.remedies or bool(start.remedies & request.remedies))
        and start.needs <= request.dates.keys()
        and _fits(start.sale, request.sale, start.sale_known)
        and _fits(start.carriage, request.carriage, start.carriage_known)
    )


def _fits(allowed: frozenset[str], value: str, must_be_known: bool) -> bool:
    return not allowed or value in allowed or (value == "unknown" and not must_be_known)


def _source(
    start: ClockStart, sources: tuple[DateSource, ...], dates: Mapping[str, date], received: date
) -> DateSource | None:
    """The first source whose date is known and not ahead: an event cannot follow the message that tells of it."""
    for source in sources:
        if start.kinds and source.kind not in start.kinds:
            continue
        if source.kind == RECEIPT or (source.kind in dates and (source.ahead or dates[source.kind] <= received)):
            return source
    return None


def _version(
    rule_id: str, source: DateSource | None, request: ClockRequest, dates: Mapping[str, date], rules: RuleTable
) -> Rule | None:
    """The version of a rule for this ticket, None when no version holds or it is not for this buyer."""
    day = request.received_on
    if rules.rules[rule_id][-1].dated_by is DatedBy.CONTRACT:
        day = next((dates[kind] for kind in CONTRACT_DATES if kind in dates), day)
    elif source is not None and source.kind in dates:
        day = dates[source.kind]
    rule = rules.on(rule_id, day)
    if rule is None or not rule.applies_to(BUYER_PARTY[request.buyer]):
        return None
    return None if rule.id == "POL-7A-PNPK" and not rules.settings.apply_7a_to_pnpk else rule


def _named_day(rule: Rule, request: ClockRequest, dates: Mapping[str, date]) -> date | None:
    """The due date someone else set, when it lies ahead."""
    named = dates.get(rule.due_from) if rule.due_from else None
    return named if named is not None and named > request.received_on else None


def _assumptions(start: ClockStart, rule: Rule, request: ClockRequest, dates: Mapping[str, date]) -> list[str]:
    names = []
    if rule.working_terms and _named_day(rule, request, dates) is None:
        names.append("working_term")
    if rule.applies & _BUYERS and request.buyer in ("unknown", "sole_trader"):
        names.append("unknown_buyer" if request.buyer == "unknown" else "sole_trader")
    if start.sale and request.sale == Sale.UNKNOWN:
        names.append("unknown_sale")
    if start.carriage and request.carriage == Carriage.UNKNOWN:
        names.append("unknown_carrier")
    return names


def _deadline(
    rule: Rule,
    source: DateSource,
    dates: Mapping[str, date],
    request: ClockRequest,
    rules: RuleTable,
    assumed: list[Wording],
) -> Deadline:
    from_receipt = source.kind == RECEIPT
    started_on = request.received_on if from_receipt else dates[source.kind]
    buffer = rules.settings.buffer_working_days if rule.buffer is None else rule.buffer
    named = _named_day(rule, request, dates)
    origin, evidence = rule.origin, rule.evidence
    if named is not None:
        due = due_on(named, started_on, buffer)
    else:
        at = request.received_at if from_receipt else None
        due = count(started_on, rule.term_from(source.kind), buffer_working_days=buffer, at=at)
        if rule.working_terms:  # the number is the company's, whatever act stands behind the duty
            origin, evidence = Origin.POLICY, Evidence.POLICY
    words = (wording.in_language(request.language) for wording in assumed)
    return Deadline(
        rule=rule.id,
        started_on=started_on,
        nominal=due.nominal,
        legal_due=due.legal_due,
        safe_due=due.safe_due,
        source=rule.source,
        effect=rule.effect_pl if request.language == "pl" else rule.effect,
        origin=origin,
        evidence=evidence.value,
        assumed="; ".join(word for word in words if word),
        language=request.language,
        any_reply=rule.any_reply,
    )


def _iso_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
