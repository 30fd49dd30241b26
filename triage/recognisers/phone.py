"""Phone numbers: Polish ones bare or grouped, any country's with +, spoken ones in call notes.

Source: ustawa – Prawo komunikacji elektronicznej and the numbering plan as held by ``phonenumbers`` (libphonenumber);
ITU-T E.164.

Nine digits are also an order or part number: without a word for a phone they count only in the grouping of a phone or
when they are a valid Polish number and are called nothing else.

>>> text = "tel. 22 555 01 42 lub 601-234-567, PO 450088213, +44 20 7946 0958, zam. 601234567, kwota 123 456 789 zł"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['+44 20 7946 0958', '22 555 01 42', '601-234-567']
>>> text = "numer mój sześćset jeden dwieście trzysta czterysta, zamówienie pięćdziesiąt pięćset trzydzieści trzy"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['sześćset jeden dwieście trzysta czterysta']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from triage.recognisers.ocr import announced_run, digits
from triage.recognisers.reading import ANNOUNCED, CHECKED, LIKELY, Candidate, Reading
from triage.recognisers.spoken import spoken_numbers

LENGTH: Final = 9
_INTERNATIONAL: Final = re.compile(
    r"(?<![\w+])(?:(?:\+|00)48(?:[ ./-]{0,2}\(?\d\)?){9}|(?:\+|00)(?!48)(?=[1-9])(?:[ ./-]?\(?\d+\)?){2,7})(?!\w)"
)
_POLISH: Final = re.compile(
    r"(?<![\w+])(?<![\d][ -])(?:\(?(?:\+|00)?48\)?[ -]?)?"
    r"(?:\d{3}([ .-])\d{3}\1\d{3}|\(?\d{2}\)?[ -]\d{3}[ -]\d{2}[ -]\d{2}|\(?\d{2}\)?[ -]\d{7}"
    r"|\d{3}[ -]\d{2}[ -]\d{2}[ -]\d{2}|\d{3}[ -]\d{6}|\d{9})(?!\w|[ -]\d{3})"
)
_BRITISH: Final = re.compile(r"(?<![\w+])(?:\(0\d{2,4}\)|0\d{2,4})[ -]?\d{3,4}[ -]?\d{3,4}(?![\w-])")
_BRITISH_MOBILE: Final = re.compile(r"07\d{3} ?\d{6}")
_OTHER: Final = re.compile(r"\(?\+?\d(?:[ ./()-]{0,2}\d){6,14}(?![\w])")
_AMOUNT: Final = re.compile(r" ?(?:zl|pln|eur|usd|gbp|euro|szt|kg|km|[€$£%]|,\d{2}(?!\d))(?!\w)")
_NO_PHONE: Final = re.compile(
    r"(?:zamowieni\w*|order|rma|seryjny|serial|przesylk\w*|faktur\w*)[ :]+(?:number |numer )?$"
)
_DATE: Final = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}(?!\d)|20\d\d-\d\d-\d\d(?!\d)|\d{1,2}:\d\d")
_UNIT_BEFORE: Final = re.compile(r"(?:kwot\w*|cen\w*|[€$£]) ?$")


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called a phone, numbers with a country code, and numbers grouped like a Polish or British phone."""
    if reading.has_digit:
        yield from _announced(reading)
        yield from _international(reading)
        yield from _grouped(reading)
    for start, end, spoken in spoken_numbers(reading.folded):
        if LENGTH <= len(spoken) <= LENGTH + 3 and not _NO_PHONE.search(reading.folded, max(0, start - 25), start):
            yield Candidate(start, end, "phone", CHECKED)


def _announced(reading: Reading) -> Iterator[Candidate]:
    for start in reading.announced("phone"):
        run = announced_run(reading.text, start, LENGTH, slack=0)
        if not run:
            longest = _OTHER.match(reading.folded, start)
            run = longest.span() if longest else announced_run(reading.text, start, LENGTH, slack=2)
        end = run[1] if run else 0
        if end and not _DATE.match(reading.folded, start) and not _AMOUNT.match(reading.folded, end):
            yield Candidate(start, end, "phone", ANNOUNCED)


def _international(reading: Reading) -> Iterator[Candidate]:
    for match in _INTERNATIONAL.finditer(reading.text):
        if 8 <= len(digits(match.group())) <= 17 and (
            match.group()[0] == "+" or (len(digits(match.group())) >= 11 and not reading.is_business(match.start()))
        ):
            yield Candidate(*match.span(), "phone", CHECKED)


def _grouped(reading: Reading) -> Iterator[Candidate]:
    for pattern, region in ((_POLISH, "PL"), (_BRITISH, "GB")):
        for match in pattern.finditer(reading.text):
            start, end = match.span()
            if (
                reading.is_named_business(start)
                or _AMOUNT.match(reading.folded, end)
                or _UNIT_BEFORE.search(reading.folded, max(0, start - 12), start)
            ):
                continue
            if reading.mentions("phone", start, end) and not reading.is_business(start):
                yield Candidate(start, end, "phone", ANNOUNCED)
            elif _is_valid(digits(match.group()), region) or _BRITISH_MOBILE.fullmatch(match.group()):
                yield Candidate(start, end, "phone", LIKELY)


@lru_cache(maxsize=4096)
def _is_valid(number: str, region: str) -> bool:
    import phonenumbers  # 0.1 s that most processes never need

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
