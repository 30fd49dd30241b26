"""Days written in a text, Polish, English or ISO."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

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
