"""Dates: each one is a day of the case or the end of a clock; one that lies ahead is a promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from triage.domain.folding import fold
from triage.domain.reply import Finding, Severity
from triage.domain.sought import Sought
from triage.stages.lint.matter import Matter

REPLY_CLOCKS = ("UPK-7A-REPLY", "POL-7A-PNPK")
WARSAW = ZoneInfo("Europe/Warsaw")
_MONTHS = {
    stem: number
    for number, stems in enumerate(
        (
            ("stycz", "january", "jan"), ("lut", "february", "feb"), ("marc", "march", "mar"), ("kwie", "april", "apr"),
            ("maj", "may"), ("czerw", "june", "jun"), ("lip", "july", "jul"), ("sierp", "august", "aug"),
            ("wrzes", "september", "sep"), ("pazdz", "october", "oct"), ("listopad", "november", "nov"),
            ("grud", "december", "dec"),
        ),
        start=1,
    )
    for stem in stems
}  # fmt: skip
_NAME = (
    r"(?P<name>stycz\w*|lut(?:y|ego|ym)|marc\w*|marzec|kwie\w*|maj\w*|czerw\w*|lip(?:iec|ca|cu|cem)|sierp\w*|wrzes\w*"
    r"|pazdz\w*|listopad\w*|grud\w*|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(
    r"\b(?P<iso>\d{4}-\d{2}-\d{2})\b"
    r"|(?<![\d.,])(?P<d1>\d{1,2})[./-](?P<m1>\d{1,2})[./-](?P<y1>\d{4}|\d{2})(?!\d|\.\d)"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?[. ]+{_NAME}\b,?(?: (?P<y2>\d{{4}}))?"
    rf"|\b{_NAME.replace('name', 'name3')} (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\b,?(?: (?P<y3>\d{{4}}))?"
    r"|(?<=\bdo )(?P<d4>\d{1,2})\.(?P<m4>0?[1-9]|1[0-2])\b(?![\d.,]|\s?(?:zl|pln|ghz|v|mm|cm|l|kg|%))"
)  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day written in a text; ``year`` is None where it was left out."""

    start: int
    end: int
    day: int
    month: int
    year: int | None

    def may_be(self, other: date) -> bool:
        """Whether this may mean ``other``."""
        return (self.day, self.month) == (other.day, other.month) and self.year in (None, other.year)

    def is_after(self, other: date) -> bool:
        """Whether this is certainly later than ``other``; a missing year is taken as that of ``other``."""
        return (self.year or other.year, self.month, self.day) > (other.year, other.month, other.day)


def named_days(folded: str) -> Iterator[NamedDay]:
    """Every day written in a folded text, Polish, English or ISO."""
    for match in _dates(folded):
        found = match.groupdict()
        if found["iso"]:
            year, month, day = map(int, found["iso"].split("-"))
            yield NamedDay(*match.span(), day, month, year)
            continue
        name = found["name"] or found["name3"]
        number = _month(name) if name else int(found["m1"] or found["m4"])
        year_text = found["y1"] or found["y2"] or found["y3"]
        wide = int(year_text) + (2000 if len(year_text) == 2 else 0) if year_text else None
        day_text = found["d1"] or found["d2"] or found["d3"] or found["d4"]
        if 1 <= number <= 12 and 1 <= int(day_text) <= 31:
            yield NamedDay(*match.span(), int(day_text), number, wide)


def _dates(folded: str) -> Iterator[re.Match[str]]:
    """Matches of :data:`_DATE`, in order: each begins with its digits, or with the one word before them."""
    end = 0
    for digits in _DIGITS.finditer(folded):
        word = start = digits.start()
        if folded[start - 1 : start] == " ":
            word -= 1
            while word > 0 and (folded[word - 1].isalnum() or folded[word - 1] == "_"):
                word -= 1
        for begin in (word, start):
            if begin >= end and (match := _DATE.match(folded, begin)):
                yield match
                end = match.end()
                break


def _month(name: str) -> int:
    return next((number for stem, number in _MONTHS.items() if name.startswith(stem)), 0)


def check_dates(matter: Matter) -> Iterator[Finding]:
    """Days the case does not know, promises without a clock, a reply date after the legal one, vague terms."""
    past, ahead = _days_of_case(matter)
    receipts = {message.at.astimezone(WARSAW).date() for message in matter.ticket.messages}
    receipts |= {matter.ticket.received_at.astimezone(WARSAW).date(), *_order_days(matter)}
    for named in named_days(matter.folded):
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
    if clock is None or clock.legal_due < matter.today or not named.is_after(clock.legal_due):
        return
    if _REPLY.search(matter.folded, *sentence):
        words = (
            f"Odpowiedź po terminie: reklamację uznaje się za uznaną po {clock.legal_due.isoformat()}.",
            f"Reply after the term: the complaint is deemed accepted after {clock.legal_due.isoformat()}.",
        )
        yield matter.finding("REPLY_TOO_LATE", Severity.BLOCK, words, (named.start, named.end), source=clock.source)
