"""Account numbers: Polish NRB (26 digits), IBAN of any country, and what the text calls an account.

Check: ISO 13616 / ISO 7064 mod 97-10; an NRB is the IBAN without its PL. Source: zarządzenie nr 7/2017 Prezesa NBP
(NRB); ISO 13616-1; python-stdnum ``stdnum.iban``.

26 digits in a row are hidden even when they do not check: nothing else on an after-sales desk is that long.

>>> text = "na konto 61 1020 1026 0000 0000 0000 0000 lub DE89 3704 0044 0532 0130 00, konto klienta 661209"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['61 1020 1026 0000 0000 0000 0000', 'DE89 3704 0044 0532 0130 00']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.ocr import announced_run
from triage.recognisers.reading import ANNOUNCED, CHECKED, LIKELY, Candidate, Reading

NRB: Final = 26
_NRB_SHAPE: Final = re.compile(r"(?<!\w)(?:PL[ -]?)?\d{2}(?:[ .-]?\d){24}(?!\w)", re.IGNORECASE)
_IBAN_SHAPE: Final = re.compile(
    r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?!\w)", re.IGNORECASE
)
_PREFIX: Final = re.compile(r"(?<!\w)PL[ -]?(?=[\dOoIl])", re.IGNORECASE)
_OTHER_LENGTH: Final = re.compile(
    r"(?:[a-z]{2}[ -]?)?[0-9oilsbgzq]+(?:[ -][0-9oilsbgzq]{2,}){0,8}(?![\w]|,\d|[ ]?(?:zl|pln|eur)|[./-]\d)"
)
# Countries of the single euro payments area and Ukraine; a scanning error may stand in place of any digit.
_COUNTRY: Final = (
    r"(?:AD|AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MC|MT|NL|NO|PT|RO|SE|SI|SK|SM|UA|VA)"
)
_FOREIGN: Final = re.compile(rf"(?<!\w){_COUNTRY}[0-9OlISBGZ]{{2}}(?:[ -]?[A-Z0-9l]{{2,4}}){{3,8}}(?![\w])")
_FEWEST_DIGITS: Final = 11
# what an account number is at least, in countries with short ones and in typing errors
_SHORTEST: Final = 8


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called an account, Polish account numbers, and IBANs that check."""
    for start in reading.announced("iban"):
        if run := announced_run(reading.text, start, NRB, slack=3) or _short_account(reading, start):
            yield Candidate(*run, "iban", ANNOUNCED)
    for match in _PREFIX.finditer(reading.text):
        if run := announced_run(reading.text, match.end(), NRB, slack=3):
            yield Candidate(match.start(), run[1], "iban", ANNOUNCED)
    for match in _NRB_SHAPE.finditer(reading.text):
        yield Candidate(*match.span(), "iban", CHECKED)
    for match in _IBAN_SHAPE.finditer(reading.text):
        yield from _longest_iban(match)
    for match in _FOREIGN.finditer(reading.text):
        if sum(character.isdigit() for character in match.group()) >= _FEWEST_DIGITS and not reading.is_named_business(
            match.start()
        ):
            yield Candidate(*match.span(), "iban", LIKELY)


def _short_account(reading: Reading, start: int) -> tuple[int, int] | None:
    """An account number of another length or country: characters in groups, at least eight digits, no amount."""
    match = _OTHER_LENGTH.match(reading.folded, start)
    if not match or sum(character.isdigit() for character in match.group()) < _SHORTEST:
        return None
    return match.span()


def _longest_iban(match: re.Match[str]) -> Iterator[Candidate]:
    """The shape may have eaten the word after the number: cut groups off until it checks."""
    text = match.group()
    ends = [len(text), *(gap.start() for gap in reversed(list(re.finditer(r"[ -]", text))))]
    for end in ends:
        if _checks(text[:end]):
            yield Candidate(match.start(), match.start() + end, "iban", CHECKED)
            return


def _checks(number: str) -> bool:
    from stdnum import iban  # 0.06 s that a text without such a number never needs

    return bool(iban.is_valid(number))
