"""What happened on a day: bought, delivered, broke, complained, sent back – told by the nearest words around it.

>>> now = date(2026, 11, 20)
>>> text = "Kupiłem 12.08, odebrany 14.08, od wczoraj nie działa. Zgłosiłem 2 listopada, odesłałem we wtorek."
>>> for found in find(Passage(text), now):
...     print(found.kind, found.value)
purchase_date 2026-08-12
delivery_date 2026-08-14
defect_date 2026-11-19
statement_date 2026-11-02
dispatch_date 2026-11-17
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from triage.recognisers.facts.day import Day
from triage.recognisers.facts.days import find_days
from triage.recognisers.facts.finding import Finding, Passage

_BEFORE: Final = 60
_AFTER: Final = 30
_ROLES: Final = {
    "service_date": r"nakaz\w* .{0,40}?dorecz\w+|dorecz\w+ .{0,15}?nakaz\w*|order .{0,25}?served(?: on)?"
    r"|served (?:us )?with",
    "repair_date": r"napraw\w+:|(?:z|po) (?:\w+ )?napraw\w+|naprawion\w+|(?:odebral\w+|wrocil\w*) z (?:serwisu"
    r"|napraw\w+)"
    r"|wymienil\w+|wymienion\w+|repaired|exchanged|swapped|replaced",
    "goods_back_date": r"(?:jest|byl[ao]?|sa) u (?:was|panstwa)|u (?:was|panstwa) (?:jest|od)|dotarl\w* do (?:was"
    r"|panstwa)"
    r"|odda(?:lem|lam|lismy|ny|na|ne)|zdal(?:em|am)|(?:you|they) (?:signed for|received|got)|handed (?:it )?in"
    r"|dropped (?:it )?off|zostawil\w+ w serwisie",
    "dispatch_date": r"odeslal\w+|wyslal(?:em|am|ismy)(?! (?:mail|wiadom|zdj|paragon|skan))|nadal(?:em|am)|nadan[aeyo]"
    r"|zwrocil(?:em|am|ismy)"
    r"|posted|shipped (?:it )?back|sent (?:it |them |the \w+ )?back|returned",
    "reply_date": r"odrzuc\w+|odmow\w+|odpowiedz\w* z|decyzj\w+ z|rejected|refused|declined|turned down|rejection",
    "letter_date": r"pism\w+(?: z(?: dnia)?)?|wezwani\w+(?: z(?: dnia)?)?|nakaz\w*(?: zaplaty)?(?: z)?"
    r"|opini\w+ .{0,30}z dnia|letter (?:of|dated)|dated",
    "payment_date": r"obciaz\w+|pobra(?:no|liscie|ly)|zaplacil\w+|przelal\w+|wplacil\w+|charged|debited|paid",
    "statement_date": r"reklamacj\w+(?! (?:jest|nie))|reklamowa\w+|zglosil\w+|zglaszal\w+|zglosz\w+"
    r"|odstapil\w+|odstapieni\w+"
    r"|odstepuje|zlozyl\w+|zlozon\w+|napisal\w+"
    r"|wnioskowal\w+|formularz\w*|oswiadczeni\w+|complain\w*|reported|withdrew|withdrawal|filed|emailed|wrote",
    "delivery_date": r"dostarcz\w+|odebra\w+|odbior\w*|dotar\w+|przyszed\w*|przyszl\w+|przyjecha\w+|dorecz\w+"
    r"|dostal(?:em|am|ismy)(?! (?:mail|odpow|sms|inform|pism))"
    r"|otrzymal\w+|dostaw\w+|(?:od|po) odbiorze|deliver\w+|arrived|received|came|picked (?:it )?up|collected|unpacked"
    r"|rozpakowal\w+",
    "purchase_date": r"kupi\w+|kupowal\w+|zakup\w*|nabyl\w*|nabyt\w*|zamowil\w*|zamawial\w+|umow\w+|paragon\w*"
    r"|faktur\w*|zawart\w*|wzial(?:em|am)"
    r"|(?:zamowieni\w*|zam\.?|order)(?: (?:nr )?[\w/-]*\d[\w/-]*)?,? (?:z(?: dnia)?|of|from|dated)|bought|purchas\w+"
    r"|ordered|got it|data sprzedazy",
    "defect_date": r"zepsu\w+|przestal\w*|nie (?:dzial|wiruj|miel|grzej|chlodz|krec|lacz|laduj|swiec|pompuj|odpompow"
    r"|wlacz|trzym|reagu|odpal)\w*|pojawil\w*|pojawia\w*"
    r"|wyskakuje|wyskoczyl\w*|awari\w+|usterk\w+|pek\w+|ciekn\w+|padl\w*|stwierdzil\w+|wykryl\w+|odkryto|wykryt\w+"
    r"|blad|bledy|wad[aey]|pokazuje|wywala"
    r"|resetuje|halasuje|buczy|stopped|broke\w*|fail\w*|fault\w*|crack\w*|leak\w*|dead|died|noticed|discovered"
    r"|reboot\w*|showing|(?:e|f|b|m)-?\d{2}(?!\w)",
}
_ROLE: Final = re.compile(r"(?<!\w)(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _ROLES.items()) + r")")
_AHEAD: Final = re.compile(
    r"(?:(?<!\w)(?:do|by|until|till|before|przed|najpozniej|termin\w*(?: (?:to|do|\w{5,12}))?|na|nowy termin to"
    r"|odbierze|za)(?: dnia)?[ :]*)$"
)
_LASTING: Final = re.compile(r"(?:^|\s)(?:od|since|for|juz od|from)\s*$")
_CLAUSE_END: Final = re.compile(
    r"(?<!\bzam)(?<!\bnr)(?<!\bok)(?<!\btel)[.!?;\n](?=\s|$)|,? (?:ale|but|lecz|natomiast|a) "
)
# a decision of one of these is no reply of the seller, and starts none of the seller's clocks
_THIRD_PARTY: Final = re.compile(
    r"(?<!\w)(?:producen\w+|gwarant\w*|importer\w*|serwis(?:u|em|ant\w*)?(?! domex)|kurier\w*|przewozni\w+|poczt\w+"
    r"|ubezpieczy\w+|bank\w*|manufacturer|guarantor|importer|courier|carrier|insurer|repair shop|service cent\w+)(?!\w)"
)
_LIST: Final = re.compile(r"(?:,| i| and| oraz|;)+ (?:i |and )?$")
_NEGATED: Final = re.compile(r"(?<!\w)(?:nie|not) (?:\w )?$")
_AGED: Final = re.compile(r"ma |po |\w+[ -](?:day|week|month|year)s?[ -]old|\d+[ -]\w+[ -]old")
_TODAY: Final = frozenset({"delivery_date", "purchase_date", "defect_date"})
_WAITING: Final = re.compile(
    r"(?:czeka\w*|wait\w*|zglosz\w*|cisz\w+|odpowied\w+|reklamacj\w*|zlozen\w*|zwrot\w*|reply|answer)"
)


def find(passage: Passage, now: date, *, by_desk: bool = False) -> Iterator[Finding]:
    """Every day of the passage with its role as kind, ``date`` where none is told.

    Args:
        now: the day the text was written.
        by_desk: days the desk names are appointments, not events of the customer's story.
    """
    days = list(find_days(passage, now))
    previous = ("date", 0.8)
    for index, day in enumerate(days):
        floor = days[index - 1].end if index else 0
        ceiling = days[index + 1].start if index + 1 < len(days) else len(passage.folded)
        kind, certainty = ("date", 0.8) if by_desk else _role(passage, day, floor, ceiling)
        between = passage.folded[floor : day.start]
        if kind == "reply_date" and _is_of_third_party(passage, day, floor):
            kind, certainty = "date", 0.8
        if index and _LIST.fullmatch(between):
            kind, certainty = previous
        elif _NEGATED.search(between):
            kind, certainty = "date", 0.6
        previous = kind, certainty
        kind, value = _reading(passage, day, kind, now)
        written = {"day": value.isoformat(), "month": f"{value:%Y-%m}", "year": f"{value:%Y}"}[day.precision]
        yield Finding(kind, written, day.start, day.end, round(day.confidence * certainty, 2))


def _is_of_third_party(passage: Passage, day: Day, floor: int) -> bool:
    """Whether the clause before the day names somebody else than the seller as who decided."""
    start = _within_clause(passage.folded, max(floor, day.start - _BEFORE), day.start)
    return _THIRD_PARTY.search(passage.folded, start, day.start) is not None


def _reading(passage: Passage, day: Day, kind: str, now: date) -> tuple[str, date]:
    """Which of a day's two readings is meant: ahead after „do”, "by"; behind for events; else the nearer one."""
    before = passage.folded[max(0, day.start - 25) : day.start]
    if _AHEAD.search(before) and day.future >= now and not day.duration and day.past != day.future:
        return "date", day.future
    if kind == "date":
        nearer = day.future if day.future - now < now - day.past else day.past
        return kind, nearer
    return (kind, day.past) if day.past <= now else ("date", day.past)


def _role(passage: Passage, day: Day, floor: int, ceiling: int) -> tuple[str, float]:
    """The role whose words stand nearest in the same clause; words before the day count as nearer than those after."""
    before = _within_clause(passage.folded, max(floor, day.start - _BEFORE), day.start)
    after_end = min(ceiling, day.end + _AFTER)
    after = _CLAUSE_END.split(passage.folded[day.end : after_end], maxsplit=1)[0]
    options: list[tuple[float, str]] = []
    for match in _ROLE.finditer(passage.folded, before, day.start):
        options.append((float(day.start - match.end()), str(match.lastgroup)))
    for match in _ROLE.finditer(after):
        options.append((match.start() * 1.5 + 8, str(match.lastgroup)))
    if day.text.lower().startswith(("min", "dzis", "dziś", "today")) and not any(kind in _TODAY for _, kind in options):
        return "date", 0.8
    if _LASTING.search(passage.folded[max(0, day.start - 12) : day.start]) or (
        day.duration and day.text.lower().startswith(("od ", "for "))
    ):
        return _lasting_role(passage, day, before, after_end, options)
    if day.duration and _AGED.match(passage.folded, day.start):
        return (
            ("purchase_date", 0.8)
            if not options or min(options)[1] in ("defect_date", "purchase_date")
            else (min(options)[1], 0.6)
        )
    if not options:
        return (
            ("delivery_date", 0.9)
            if re.search(r"dzien|day", passage.folded[day.start : day.end]) and day.duration
            else ("date", 0.8)
        )
    distance, kind = min(options)
    return kind, 1.0 if distance <= 25 else 0.8


def _lasting_role(
    passage: Passage, day: Day, start: int, end: int, options: list[tuple[float, str]]
) -> tuple[str, float]:
    """„od wczoraj”: since when it is broken, unless the clause speaks of waiting or of where the goods are."""
    kinds = {kind for _, kind in options}
    if "goods_back_date" in kinds:
        return "goods_back_date", 0.9
    if _WAITING.search(passage.folded, start, end) and "defect_date" not in kinds:
        return ("statement_date", 0.7) if "statement_date" in kinds else ("date", 0.7)
    if kinds & {"purchase_date", "delivery_date"} and "defect_date" not in kinds:
        return min((distance, kind) for distance, kind in options if kind in ("purchase_date", "delivery_date"))[1], 0.8
    return ("defect_date", 0.9) if "defect_date" in kinds else ("date", 0.7)


def _within_clause(folded: str, start: int, end: int) -> int:
    """Start of the clause that ends at ``end``, not before ``start``."""
    position = start
    for match in _CLAUSE_END.finditer(folded, start, end):
        position = match.end()
    return position
