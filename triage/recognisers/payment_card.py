"""Payment cards: 13 to 19 digits that pass the Luhn check and begin like a card.

Source: ISO/IEC 7812-1 (numbering and check digit); PCI DSS 4.0 req. 3.4 (a PAN is never kept readable);
python-stdnum ``stdnum.luhn``.

An IMEI has 15 digits and passes Luhn too: a number that the text calls an IMEI, serial, order or waybill is no card.

>>> text = "karta 4111 1111 1111 1111, IMEI 490154203237518, serial 4111111111111111"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['4111 1111 1111 1111']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.ocr import announced_run, digits
from triage.recognisers.reading import ANNOUNCED, CHECKED, Candidate, Reading

LENGTH: Final = 16
_SHAPE: Final = re.compile(
    r"(?<![\w+-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{5}|\d{13,19})(?![\w-])"
)
# Visa, Mastercard, Maestro and other debit, American Express, JCB, UnionPay, Discover
_ISSUERS: Final = re.compile(r"4|5[0-8]|2[2-7]|6|3[47]\d{13}$|35|3[068]\d{12}$")


def find(reading: Reading) -> Iterator[Candidate]:
    """Numbers called a card, and those that check, begin like one and are called nothing else."""
    for start in reading.announced("payment_card"):
        if run := announced_run(reading.text, start, LENGTH, slack=2):
            yield Candidate(*run, "payment_card", ANNOUNCED)
    for match in _SHAPE.finditer(reading.text):
        start, end = match.span()
        compact = digits(match.group())
        if reading.is_named_business(start) or not _ISSUERS.match(compact):
            continue
        if reading.mentions("payment_card", start, end) and not reading.is_business(start):
            yield Candidate(start, end, "payment_card", ANNOUNCED)
        elif _checks(compact):
            yield Candidate(start, end, "payment_card", CHECKED)


def _checks(number: str) -> bool:
    from stdnum import luhn  # 0.06 s that a text without such a number never needs

    return bool(luhn.is_valid(number))
