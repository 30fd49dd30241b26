"""Dates: each one is a day of the case or the end of a clock; one that lies ahead is a promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from triage.domain.folding import fold
from triage.domain.reply import Finding, Severity
from triage.domain.sought import Sought
from triage.stages.lint.matter import Matter
from triage.stages.lint.named_days import NamedDay, named_days

REPLY_CLOCKS = ("UPK-7A-REPLY", "POL-7A-PNPK")
WARSAW = ZoneInfo("Europe/Warsaw")
_RELATIVE = Sought(
    r"\b(jutro|pojutrze|(w|do) (najblizsz\w* |przyszl\w* |nastepn\w* )?(poniedzial\w*|wtor\w*|srod[ey]\w*"
    r"|czwart\w*|piat\w*|sobot\w*"
    r"|niedziel\w*)|w (przyszlym|nastepnym|tym) (tygodniu|miesiacu)|do konca (tygodnia|miesiaca|roku|dnia)"
    r"|(w ciagu|w terminie|w przeciagu|do|za|po) (kilku|paru|\d+|dwoch|trzech|czterech|pieciu|siedmiu"
    r"|dziesieciu|jednego)"
    r"( kolejnych| nastepnych)? (dni|dnia|godzin\w*|tygodni\w*|miesiec\w*|miesiac\w*)( robocz\w*)?"
    r"|tomorrow|next (week|month|monday|tuesday|wednesday|thursday|friday)|(by|on) (monday|tuesday|wednesday"
    r"|thursday|friday"
    r"|saturday|sunday)|(within|in) (a few|a couple of|\d+|two|three|four|five|seven|ten|one) (working "
    r"|business )?(days?|hours?"
    r"|weeks?|months?)|by the end of (the )?(week|month|day|year))\b"
)
_REPLY = re.compile(r"\b(odpowiedz\w*|odpowiem\w*|odpowiada\w*|rozpatrz\w*|reply|respond|answer|decide)\b")
_RECEIPT = re.compile(
    r"\b(otrzymalis\w*|wplyn\w*|dotarl\w*|received|reached us|came in)\b|^(?:dotyczy|re): ", re.MULTILINE
)


def check_dates(matter: Matter) -> Iterator[Finding]:
    """Days the case does not know, promises without a clock, a reply date after the legal one, vague terms."""
    past, ahead = _days_of_case(matter)
    receipts = {message.at.astimezone(WARSAW).date() for message in matter.ticket.messages}
    receipts |= {matter.ticket.received_at.astimezone(WARSAW).date(), *_order_days(matter)}
    for named in matter.named_days:
        span = (named.start, named.end)
        if matter.approved(*span) or matter.told(*span):
            continue
        since, until = matter.sentence_of(named.start)
        known = ahead if named.is_after(matter.today) else past | ahead
        if not any(named.may_be(day) for day in known):
            words = ("Tej daty nie ma w sprawie ani w terminach.", "This date is neither in the case nor a deadline.")
            yield matter.finding("DATE_UNSUPPORTED", Severity.CONFIRM, words, span, source="P28 nr 6")
        elif _RECEIPT.search(matter.folded, since, named.start) and not any(named.may_be(day) for day in receipts):
            words = ("To nie jest dzień otrzymania wiadomości.", "This is not the day a message was received.")
            yield matter.finding("DATE_OF_RECEIPT", Severity.CONFIRM, words, span, source="P28 nr 2")
        yield from _late_reply(matter, named, (since, until))
    words = ("Termin bez daty: podaj dzień, który wynika ze sprawy.", "A term without a date: name the day.")
    for match in _RELATIVE.finditer(matter.folded):
        if not matter.approved(*match.span()) and not matter.told(*match.span()):
            yield matter.finding("TERM_UNSUPPORTED", Severity.CONFIRM, words, match.span(), source="P11")


def _days_of_case(matter: Matter) -> tuple[set[date], set[date]]:
    """Days that may be named as past, and days that may be promised."""
    past = {message.at.astimezone(WARSAW).date() for message in matter.ticket.messages}
    past |= {matter.ticket.received_at.astimezone(WARSAW).date(), matter.today}
    past |= {deadline.started_on for deadline in matter.deadlines}
    for fact in matter.facts.items:
        if "date" in fact.kind and (day := _iso(fact.value)):
            past.add(day)
    for message in matter.ticket.messages:
        for named in named_days(fold(message.body)):
            try:
                past.add(date(named.year or matter.today.year, named.month, named.day))
            except ValueError:
                continue
    ahead = {matter.today, *_order_days(matter), *(deadline.legal_due for deadline in matter.deadlines)}
    ahead |= {deadline.nominal for deadline in matter.deadlines}
    return past | _order_days(matter), ahead


def _order_days(matter: Matter) -> set[date]:
    return {day for value in matter.ticket.order.values() if (day := _iso(value[:10]))}


def _iso(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _late_reply(matter: Matter, named: NamedDay, sentence: tuple[int, int]) -> Iterator[Finding]:
    clock = next((deadline for rule in REPLY_CLOCKS for deadline in matter.deadlines if deadline.rule == rule), None)
    if matter.draft.kind == "CARRIER_CLAIM":  # that reply is the carrier's
        return
    if clock is None or clock.met_on or clock.legal_due < matter.today or not named.is_after(clock.legal_due):
        return
    if _REPLY.search(matter.folded, *sentence):
        words = (
            f"Odpowiedź po terminie: reklamację uznaje się za uznaną po {clock.legal_due.isoformat()}.",
            f"Reply after the term: the complaint is deemed accepted after {clock.legal_due.isoformat()}.",
        )
        yield matter.finding("REPLY_TOO_LATE", Severity.BLOCK, words, (named.start, named.end), source=clock.source)
