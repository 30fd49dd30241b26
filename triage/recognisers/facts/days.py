"""Days as people write them: „3.11.2026”, „12.08”, „2 listopada”, „wczoraj”, „w zeszły wtorek”, "two weeks ago".

A day without a year, or a weekday, can lie behind or ahead; both readings are kept, and the words around it decide.
Source of the holidays' days: Christmas 25 December; Easter by the Gregorian computus (``holidays``' own source is the
same; computed here with :func:`easter` after Meeus, Astronomical Algorithms, ch. 8).

>>> now = date(2026, 11, 20)
>>> [(d.text, d.past.isoformat()) for d in find_days(Passage("kupiony 12.08, od zeszłego wtorku, 3 miesiące temu"), now)]
[('12.08', '2026-08-12'), ('zeszłego wtorku', '2026-11-17'), ('3 miesiące temu', '2026-08-20')]
>>> [(d.text, d.future.isoformat()) for d in find_days(Passage("do piątku, by 27 November, do 2.01"), now)]
[('piątku', '2026-11-27'), ('27 November', '2026-11-27'), ('2.01', '2027-01-02')]
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from triage.recognisers.facts.finding import Passage


@dataclass(frozen=True, slots=True)
class Day:
    """A day named in a text, read as the last such day and as the next one.

    Attributes:
        duration: the text names a length of time („od tygodnia”, „20 months old”), so the day is approximate.
        precision: ``day``, ``month`` or ``year``; of a month or a year ``past`` and ``future`` are the first day.
    """

    start: int
    end: int
    text: str
    past: date
    future: date
    confidence: float
    duration: bool = False
    precision: str = "day"


_MONTHS: Final = {
    stem: number
    for number, stems in enumerate(
        (
            "stycz jan", "lut feb", "marc mar", "kwie apr", "maj may", "czerw jun", "lip jul", "sierp aug", "wrzes sep",
            "pazdz oct", "listop nov", "grud dec",
        ),
        start=1,
    )
    for stem in stems.split()
}  # fmt: skip
_MONTH: Final = (
    r"(?P<month>styczn\w+|lut(?:y|ego|ym)|mar(?:zec|ca|cu|cem)|kwie(?:cien|tni\w+)|maj(?:a|u|em)?|czerw(?:iec|ca|cu)|lip(?:iec|ca|cu)"
    r"|sierp(?:ien|ni\w+)|wrzes(?:ien|ni\w+)|pazdziernik\w*|listopad\w*|grud(?:zien|ni\w+)"
    r"|jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?(?!\w)"
)
_WEEKDAYS: Final = (
    ("poniedzial", "monday"), ("wtor", "tuesday"), ("srod", "wednesday"), ("czwart", "thursday"), ("piat", "friday"), ("sobot", "saturday"),
    ("niedziel", "sunday"),
)  # fmt: skip
_WEEKDAY: Final = r"(?P<weekday>poniedzial\w+|wtor(?:ek|ku|kiem)|srod[aeyę]|czwart(?:ek|ku|kiem)|piat(?:ek|ku|kiem)|sobot[aeyę]|niedziel[aeię]\w?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_NUMBERS: Final = {
    "jeden": 1, "jedna": 1, "jednego": 1, "dwa": 2, "dwie": 2, "dwoch": 2, "trzy": 3, "trzech": 3, "cztery": 4, "czterech": 4,
    "piec": 5, "pieciu": 5, "szesc": 6, "szesciu": 6, "siedem": 7, "siedmiu": 7, "osiem": 8, "osmiu": 8, "dziewiec": 9,
    "dziewieciu": 9, "dziesiec": 10, "dziesieciu": 10, "jedenascie": 11, "jedenastu": 11, "dwanascie": 12, "dwunastu": 12,
    "czternascie": 14, "czternastu": 14, "pietnascie": 15, "osiemnascie": 18, "dwadziescia": 20,
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "couple of": 2, "a couple of": 2, "pol": 0, "half a": 0,
}  # fmt: skip
_COUNT: Final = r"(?:(?P<count>\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")\s+)?"
_UNIT: Final = r"(?P<unit>dni(?:a|ach)?|dzien|days?|tyg(?:odn\w+|odzien|\.)?|weeks?|mies(?:iac\w*|iec\w*|\.)?|mc|m-c[ye]?|months?|lat\w{0,2}|rok\w{0,2}|years?)"
_YEAR: Final = r"(?:\s*(?P<year>(?:19|20)\d{2})(?!\d)|\s+(?P<relative>br|b\.r|ub\.? ?r|ub\.? roku|zeszlego roku|ubieglego roku|tego roku|this year|last year))?"

_FULL: Final = re.compile(r"(?<![\w./-])(?P<day>\d{1,2})\s?[./-]\s?(?P<month>\d{1,2})\s?[./-]\s?(?P<year>20\d{2}|\d{2})(?![\w/-]|\.\d)")
_ISO: Final = re.compile(r"(?<![\w./-])(?P<year>20\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?![\w-])")
_SHORT: Final = re.compile(r"(?<![\w.,/-])(?P<day>\d{1,2})\.(?P<month>0[1-9]|1[0-2])(?![\w/-]|\.\d| ?(?:zl|pln|%|mm|cm|kg|eur|tys|euro|v|ah|h\b|km))|(?<![\w.,/-])(?:(?<=dnia )|(?<=od )|(?<= do )|(?<= z ))(?P<day2>\d{1,2})\.(?P<month2>[1-9])(?![\w/-]|\.\d| ?(?:zl|pln|%|mm|cm|kg))")
_ROMAN: Final = re.compile(r"(?<![\w.])(?P<day>\d{1,2})[ .](?P<month>i{1,3}|iv|vi{0,3}|ix|xi{0,2})(?:[ .](?P<year>20\d{2}))?(?![\w])")
_NAMED: Final = re.compile(rf"(?<![\w.,])(?P<day>\d{{1,2}})(?:-?(?:st|nd|rd|th|go|ego))?\.?\s+(?:of\s+)?{_MONTH}{_YEAR}")
_NAMED_US: Final = re.compile(rf"(?<!\w){_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.])(?:,?\s+(?P<year>20\d{{2}}))?(?:(?P<relative>)(?!))?")
_MONTH_YEAR: Final = re.compile(rf"(?<![\d.] )(?<!\w)(?:{_MONTH}\s+(?P<year>20\d{{2}})|(?P<number>0[1-9]|1[0-2])[./](?P<year2>20\d{{2}}))(?![\w/-]|\.\d)")
_YEAR_ALONE: Final = re.compile(
    r"(?<!\w)(?:kupion\w+|zakup\w*|bought|purchased|od|since|from|in|w|z)(?: (?:in|w|z|roku|r\.))? (?P<year>20[012]\d|19[89]\d)(?:(?: r\.| roku)|(?![\w/-]|\.\d| (?:zl|pln|szt)))"
)
_MONTH_ALONE: Final = re.compile(rf"(?<!\w)(?:w|we|od|in|since|from|last|z)\s+{_MONTH}(?!\s*\d)")
_WORDS: Final = {
    "przedwczoraj": -2, "wczoraj": -1, "wczorajsz": -1, "dzis": 0, "dzisiaj": 0, "jutro": 1, "pojutrze": 2, "yesterday": -1, "today": 0,
    "tomorrow": 1, "last night": -1, "this morning": 0, "day before yesterday": -2,
}  # fmt: skip
_WORD: Final = re.compile(r"(?<!\w)(?P<word>day before yesterday|przedwczoraj|wczoraj(?:sz(?=\w))?|dzisiaj|dzis|jutro|pojutrze|yesterday|today|tomorrow|last night|this morning)(?:\w{0,3})(?!\w)")
_ON_WEEKDAY: Final = re.compile(rf"(?<!\w)(?P<which>(?:w |we |od |do |na |z )?(?:zeszl\w+|ubiegl\w+|ostatni\w+|miniony|najblizsz\w+|przyszl\w+)|last|this|next|on|since|by|until|do|od|we|w|z|na|before)\s+{_WEEKDAY}(?!\w)")
_AGO: Final = re.compile(rf"(?<!\w){_COUNT}{_UNIT}\s+(?:temu|ago)(?!\w)|(?<!\w)przed\s+(?P<count2>\w+)\s+(?P<unit2>tygodni\w+|dniami|miesiac\w+|laty)")
_LASTING: Final = re.compile(
    rf"(?<!\w)(?:(?:juz |prawie |ponad |jakies |okolo )?od(?:\s+(?:ponad|okolo|jakichs|jakis|prawie|dobrych))?|for(?:\s+(?:about|over|almost|the last|the past))?|minel[ayo](?:\s+juz)?|minal)\s+{_COUNT}{_UNIT}(?!\w)"
)
_AGED: Final = re.compile(rf"(?<!\w)(?:(?:ma(?:\s+(?:juz|dopiero|ledwo|niecale))?|po)\s+{_COUNT}{_UNIT}(?!\w)|(?<! a )(?<!my )(?<!our )(?P<count2>\d{{1,3}}|\w+)[ -](?P<unit2>days?|weeks?|months?|years?)[ -]old)")
_LAST_UNIT: Final = re.compile(r"(?<!\w)(?:(?:w |od )?(?:zeszl|ubiegl|minion)\w+\s+(?P<unit>tygod\w+|miesia\w+|rok\w*)|last\s+(?P<unit2>week|month|year))(?!\w)")
_HOLIDAY: Final = re.compile(r"(?<!\w)(?:od|przed|po|na|w|since|before|after|at|over)\s+(?P<name>swiat|swiet(?:a|ach|ami|om)|bozego narodzenia|wielkanoc\w*|sylwest\w+|nowego roku|christmas|easter|new year\w*)(?! (?:pracy|czy))(?!\w)")
_NTH_DAY: Final = re.compile(r"(?<![\w.,])(?P<nth>\d{1,2}|dziewiaty|dziesiaty|jedenasty|osmy|siodmy|trzynasty)\.?(?:-?(?:th|st|nd|rd|y|ty))?\s+(?:dzien|day)(?!\w)")


def find_days(passage: Passage, now: date) -> Iterator[Day]:
    """Days named in a passage, in reading order; where two readings overlap the longer one counts.

    Args:
        now: the day the passage was written; relative words count from it.
    """
    taken: list[Day] = []
    found = [day for reader in _READERS for day in reader(passage, now)]
    for day in sorted(found, key=lambda day: (day.start - day.end, day.start)):
        if all(day.end <= other.start or other.end <= day.start for other in taken):
            taken.append(day)
    yield from sorted(taken, key=lambda day: day.start)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, ch. 8).

    >>> easter(2026), easter(2027)
    (datetime.date(2026, 4, 5), datetime.date(2027, 3, 28))
    """
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def months_before(day: date, months: int) -> date:
    """The same day ``months`` earlier, or the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _at(passage: Passage, start: int, end: int, past: date, future: date | None = None, confidence: float = 0.9, duration: bool = False, precision: str = "day") -> Day:
    return Day(start, end, passage.text[start:end], past, future or past, confidence, duration, precision)


def _readings(year: int | None, month: int, day: int, now: date) -> tuple[date, date] | None:
    """The last and the next such day; with a year both are the same; ``None`` for days that do not exist."""
    if year is not None:
        found = _real(year, month, day)
        return (found, found) if found else None
    candidates = [found for offset in (-4, -3, -2, -1, 0, 1, 2, 3, 4) if (found := _real(now.year + offset, month, day))]
    past = [found for found in candidates if found <= now]
    future = [found for found in candidates if found >= now]
    return (past[-1], future[0]) if past and future else None


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_number(word: str) -> int:
    return next(number for stem, number in _MONTHS.items() if word.startswith(stem))


def _numeric(passage: Passage, now: date) -> Iterator[Day]:
    for pattern, confidence in ((_ISO, 0.98), (_FULL, 0.97), (_SHORT, 0.9)):
        for match in pattern.finditer(passage.folded):
            groups = match.groupdict()
            day, month = int(groups.get("day") or groups["day2"]), int(groups.get("month") or groups["month2"])
            year = int(groups["year"]) if groups.get("year") else None
            if year is not None and year < 100:
                year += 2000
            if year is not None and not now.year - 12 <= year <= now.year + 6:
                continue  # „2.3.14” is a version
            if read := _readings(year, month, day, now):
                yield _at(passage, match.start(), match.end(), *read, confidence)


def _roman(passage: Passage, now: date) -> Iterator[Day]:
    numerals = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
    for match in _ROMAN.finditer(passage.folded):
        year = int(match["year"]) if match["year"] else None
        is_capital = passage.text[match.start("month") : match.end("month")].isupper()
        if (year or (is_capital and len(match["month"]) > 1)) and (read := _readings(year, numerals.index(match["month"]) + 1, int(match["day"]), now)):
            yield _at(passage, match.start(), match.end(), *read, 0.85)


def _named(passage: Passage, now: date) -> Iterator[Day]:
    for pattern in (_NAMED, _NAMED_US):
        for match in pattern.finditer(passage.folded):
            year = int(match["year"]) if match["year"] else None
            if match["relative"]:
                year = now.year - (1 if match["relative"].startswith(("ub", "zesz", "last")) else 0)
            if read := _readings(year, _month_number(match["month"]), int(match["day"]), now):
                yield _at(passage, match.start(), match.end(), *read, 0.95)


def _months(passage: Passage, now: date) -> Iterator[Day]:
    for match in _MONTH_YEAR.finditer(passage.folded):
        year = int(match["year"] or match["year2"])
        month = int(match["number"]) if match["number"] else _month_number(match["month"])
        yield _at(passage, match.start(), match.end(), date(year, month, 1), confidence=0.6, precision="month")
    for match in _MONTH_ALONE.finditer(passage.folded):
        if read := _readings(None, _month_number(match["month"]), 1, now):
            yield _at(passage, *match.span("month"), *read, 0.5, precision="month")


def _years(passage: Passage, now: date) -> Iterator[Day]:
    for match in _YEAR_ALONE.finditer(passage.folded):
        if int(match["year"]) <= now.year:
            yield _at(passage, *match.span("year"), date(int(match["year"]), 1, 1), confidence=0.5, precision="year")


def _words(passage: Passage, now: date) -> Iterator[Day]:
    for match in _WORD.finditer(passage.folded):
        yield _at(passage, match.start(), match.end(), now + timedelta(days=_WORDS[match["word"]]), confidence=0.9)


def _weekdays(passage: Passage, now: date) -> Iterator[Day]:
    for match in _ON_WEEKDAY.finditer(passage.folded):
        number = next(index for index, stems in enumerate(_WEEKDAYS) if match["weekday"].startswith(stems))
        back = (now.weekday() - number) % 7 or 7
        past, future = now - timedelta(days=back), now + timedelta(days=7 - back or 7)
        start = match.start() if re.search(r"zeszl|ubiegl|ostatn|najbliz|przyszl|last|next|this|minion", match["which"]) else match.start("weekday")
        prefix = re.match(r"(?:w|we|od|do|na|z) ", match["which"])
        yield _at(passage, start + (prefix.end() if prefix and start == match.start() else 0), match.end(), past, future, 0.75)


def _length(count: str | None, unit: str, now: date, back: bool = True) -> date | None:
    """The day a length of time before ``now``; „pół roku” is six months."""
    number = 1 if count is None else int(count) if count.isdigit() else _NUMBERS.get(count, -1)
    if number < 0 or number > 400:
        return None
    if unit.startswith(("d",)):
        return now - timedelta(days=number)
    if unit.startswith(("t", "w")):
        return now - timedelta(weeks=number)
    months = number if unit.startswith("m") else 12 * number
    if number == 0:
        months = 6 if unit.startswith(("r", "y", "l")) else 0
    return months_before(now, months) if months < 600 else None


def _lengths(passage: Passage, now: date) -> Iterator[Day]:
    for pattern, confidence, vague in ((_AGO, 0.7, False), (_LASTING, 0.6, True), (_AGED, 0.4, True)):
        for match in pattern.finditer(passage.folded):
            groups = match.groupdict()
            count, unit = groups.get("count") or groups.get("count2"), groups.get("unit") or groups.get("unit2")
            if pattern is not _AGO and not count and unit and unit.startswith(("lat", "dni", "days")):
                continue
            counted = {"dwoma": "2", "trzema": "3", "czterema": "4", "tygodniem": "1"}.get(count or "", count)
            if unit and (past := _length(counted, unit, now)):
                yield _at(passage, match.start(), match.end(), past, confidence=confidence, duration=vague)


def _last_units(passage: Passage, now: date) -> Iterator[Day]:
    for match in _LAST_UNIT.finditer(passage.folded):
        unit = match["unit"] or match["unit2"]
        if past := _length(None, unit, now):
            yield _at(passage, match.start(), match.end(), past, confidence=0.5, duration=True)


def _holidays(passage: Passage, now: date) -> Iterator[Day]:
    for match in _HOLIDAY.finditer(passage.folded):
        name = match["name"]
        days = [found for year in (now.year - 1, now.year, now.year + 1) for found in _holiday(name, year)]
        past, future = [day for day in days if day <= now], [day for day in days if day > now]
        yield _at(passage, *match.span("name"), past[-1], future[0], 0.5, duration=True)


def _holiday(name: str, year: int) -> list[date]:
    """„Święta” alone are Easter or Christmas, whichever was last."""
    if name.startswith(("wielkanoc", "easter")):
        return [easter(year)]
    if name.startswith(("sylw", "nowego", "new")):
        return [date(year, 1, 1)]
    if name.startswith(("bozego", "christmas")):
        return [date(year, 12, 25)]
    return [easter(year), date(year, 12, 25)]


def _nth_days(passage: Passage, now: date) -> Iterator[Day]:
    """„dziś 9 dzień”: the day before the first one counted (KC art. 111 § 2: the event's day is not counted)."""
    ordinals = {"siodmy": 7, "osmy": 8, "dziewiaty": 9, "dziesiaty": 10, "jedenasty": 11, "trzynasty": 13}
    for match in _NTH_DAY.finditer(passage.folded):
        nth = int(match["nth"]) if match["nth"].isdigit() else ordinals[match["nth"]]
        yield _at(passage, match.start(), match.end(), now - timedelta(days=nth), confidence=0.5, duration=True)


_READERS: Final[tuple[Callable[[Passage, date], Iterator[Day]], ...]] = (
    _numeric, _roman, _named, _months, _years, _words, _weekdays, _lengths, _last_units, _holidays, _nth_days,
)  # fmt: skip
