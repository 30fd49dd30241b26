"""What happened on a day: bought, delivered, broke, complained, sent back – told by the nearest words around it.

>>> now = date(2026, 11, 20)
>>> text = "Kupiłem 12.08, odebrany 14.08, od wczoraj nie działa. Reklamację złożyłem 2 listopada, paczkę odesłałem w zeszły wtorek."
>>> [(f.kind, f.value) for f in find(Passage(text), now)]
[('purchase_date', '2026-08-12'), ('delivery_date', '2026-08-14'), ('defect_date', '2026-11-19'), ('statement_date', '2026-11-02'), ('dispatch_date', '2026-11-17')]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from triage.recognisers.facts.days import Day, find_days
from triage.recognisers.facts.finding import Finding, Passage

_BEFORE: Final = 60
_AFTER: Final = 30
_ROLES: Final = {
    "repair_date": r"napraw\w+:|(?:z|po) (?:\w+ )?napraw\w+|naprawion\w+|(?:odebral\w+|wrocil\w*) z (?:serwisu|napraw\w+)|wymienil\w+|wymienion\w+|repaired|exchanged|swapped|replaced",
    "goods_back_date": r"(?:jest|byl[ao]?|sa) u (?:was|panstwa)|u (?:was|panstwa) (?:jest|od)|dotarl\w* do (?:was|panstwa)|odda(?:lem|lam|lismy|ny|na)|zdal\w+|(?:you|they) (?:signed for|received|got)|handed (?:it )?in|dropped (?:it )?off|zostawil\w+ w serwisie",
    "dispatch_date": r"odeslal\w+|wyslal(?:em|am|ismy) (?:\w+ )?(?:paczk\w+|zwrot\w*|towar\w*|sprzet\w*|przesylk\w+|go|ja|je)|nadal(?:em|am)|nadan[aeyo]|zwrot nadal\w+|zwrocil(?:em|am|ismy)|posted|shipped (?:it )?back|sent (?:it |them |the \w+ )?back|returned",
    "letter_date": r"pism\w+(?: z(?: dnia)?)?|wezwani\w+(?: z(?: dnia)?)?|odmow\w+ z(?: dnia)?|nakaz\w*(?: zaplaty)?(?: z)?|opini\w+ .{0,30}z dnia|letter (?:of|dated)|dated",
    "statement_date": r"reklamacj\w+(?! (?:jest|nie))|zglosil\w+|zglaszal\w+|zglosz\w+|odstapil\w+|odstapieni\w+|zlozyl\w+|zlozon\w+|napisal\w+|wnioskowal\w+|complain\w*|reported|withdrew|withdrawal|filed|emailed|wrote",
    "delivery_date": r"dostarcz\w+|odebra\w+|odebralem|odbior\w*|dotar\w+|przyszed\w*|przyszl\w+|przyjech\w+|dorecz\w+|dostal(?:em|am|ismy)(?! (?:mail|odpow|sms|informac|pism))|otrzymal\w+|dostaw\w+|(?:od|po) odbiorze"
    r"|deliver\w+|arrived|received|came|picked (?:it )?up|collected",
    "purchase_date": r"kupi\w+|kupowal\w+|zakup\w*|nabyl\w*|nabyt\w*|zamowil\w*|zamawial\w+|zamowieni\w+|zam\.|umow\w+|paragon\w*|faktur\w*|zawart\w*|wzial(?:em|am)|bought|purchas\w+|ordered|order|got it|data sprzedazy",
    "defect_date": r"zepsu\w+|przestal\w*|nie dzial\w+|nie \w+(?:a|e|i)|pojawil\w*|wyskakuje|wyskoczyl\w*|awari\w+|usterk\w+|pek\w+|cieknie|padl\w*|stwierdzil\w+|wykryl\w+|odkryto|wykryt\w+|blad|wada|wade|pokazuje|swieci|wywala|stopped|broke|fail\w*|fault\w*"
    r"|crack\w*|leak\w*|dead|died|noticed|discovered|found|reboots|shows",
}
_ROLE: Final = re.compile(r"(?<!\w)(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _ROLES.items()) + r")")
_AHEAD: Final = re.compile(r"(?:(?<!\w)(?:do|by|until|till|before|przed|najpozniej|termin\w*(?: to)?(?: do)?|na|nowy termin to|odbierze|za)(?: dnia)?[ :]*)$")
_LASTING: Final = re.compile(r"(?:^|\s)(?:od|since|for|juz od|from)\s*$")
_CLAUSE_END: Final = re.compile(r"(?<!\bzam)(?<!\bnr)(?<!\bok)(?<!\btel)[.!?;\n](?=\s|$)|,? (?:ale|but|lecz|natomiast|a) ")
_AGED: Final = re.compile(r"ma |po |\w+[ -](?:day|week|month|year)s?[ -]old|\d+[ -]\w+[ -]old")
_WAITING: Final = re.compile(r"(?:czeka\w*|wait\w*|zglosz\w*|cisz\w+|odpowied\w+|reklamacj\w*|zlozen\w*|zwrot\w*|reply|answer)")


def find(passage: Passage, now: date) -> Iterator[Finding]:
    """Every day of the passage with its role as kind, ``date`` where none is told."""
    days = list(find_days(passage, now))
    for index, day in enumerate(days):
        floor = days[index - 1].end if index else 0
        ceiling = days[index + 1].start if index + 1 < len(days) else len(passage.folded)
        kind, certainty = _role(passage, day, floor, ceiling)
        before = passage.folded[max(0, day.start - 25) : day.start]
        ahead = bool(_AHEAD.search(before)) and day.future >= now and not day.duration
        if ahead and day.past != day.future:
            kind, certainty = "date", 0.6
        value = day.future if ahead else day.past
        if kind != "date" and value > now:
            kind = "date"
        yield Finding(kind, f"{value:%Y-%m}" if day.month else value.isoformat(), day.start, day.end, round(day.confidence * certainty, 2))


def _role(passage: Passage, day: Day, floor: int, ceiling: int) -> tuple[str, float]:
    """The role whose words stand nearest in the same clause; words before the day count as nearer than words after it."""
    before = _within_clause(passage.folded, max(floor, day.start - _BEFORE), day.start)
    after_end = min(ceiling, day.end + _AFTER)
    after = _CLAUSE_END.split(passage.folded[day.end : after_end], maxsplit=1)[0]
    options: list[tuple[float, str]] = []
    for match in _ROLE.finditer(passage.folded, before, day.start):
        options.append((float(day.start - match.end()), str(match.lastgroup)))
    for match in _ROLE.finditer(after):
        options.append((match.start() * 1.5 + 8, str(match.lastgroup)))
    if _LASTING.search(passage.folded[max(0, day.start - 12) : day.start]) or (day.duration and day.text.lower().startswith(("od ", "for "))):
        return _lasting_role(passage, day, before, after_end, options)
    if day.duration and _AGED.match(passage.folded, day.start):
        return ("purchase_date", 0.8) if not options or min(options)[1] in ("defect_date", "purchase_date") else (min(options)[1], 0.6)
    if not options:
        return ("delivery_date", 0.9) if re.search(r"dzien|day", passage.folded[day.start : day.end]) and day.duration else ("date", 0.8)
    distance, kind = min(options)
    return kind, 1.0 if distance <= 25 else 0.8


def _lasting_role(passage: Passage, day: Day, start: int, end: int, options: list[tuple[float, str]]) -> tuple[str, float]:
    """„od wczoraj”: since when it is broken, unless the clause speaks of waiting or of where the goods are."""
    kinds = {kind for _, kind in options}
    if "goods_back_date" in kinds:
        return "goods_back_date", 0.9
    if _WAITING.search(passage.folded, start, end) and "defect_date" not in kinds:
        return ("statement_date", 0.7) if "statement_date" in kinds else ("date", 0.7)
    if kinds & {"purchase_date", "delivery_date"} and "defect_date" not in kinds:
        return min((distance, kind) for distance, kind in options if kind in ("purchase_date", "delivery_date"))[1], 0.8
    return "defect_date", 0.9 if "defect_date" in kinds else 0.7


def _within_clause(folded: str, start: int, end: int) -> int:
    """Start of the clause that ends at ``end``, not before ``start``."""
    position = start
    for match in _CLAUSE_END.finditer(folded, start, end):
        position = match.end()
    return position
