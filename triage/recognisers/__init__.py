"""Recognisers of personal data in Polish and English text: one kind per module, checksums and context words, offline.

The cost rule of redaction: a missed item is worse than an over-masked one. Dates (other than birth dates), order, RMA,
invoice and ticket numbers, product codes and amounts are not personal here: deadlines and replies need them.

>>> [(span.kind, span.text) for span in Recognisers().find("Jan Kowalski, tel. 601 234 567, zam. 601234567")]
[('person', 'Jan Kowalski'), ('phone', '601 234 567')]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from triage.domain.redaction import PersonalSpan
from triage.recognisers import (
    address,
    birth_date,
    email,
    iban,
    id_card,
    ip,
    nip,
    passport,
    password,
    payment_card,
    person,
    pesel,
    phone,
    plate,
    regon,
    vin,
)
from triage.recognisers.reading import Candidate, Reading
from triage.recognisers.settle import settle

Finder = Callable[[Reading], Iterable[Candidate]]

KINDS: Final = (
    "address",
    "birth_date",
    "email",
    "iban",
    "id_card",
    "ip",
    "nip",
    "passport",
    "password",
    "payment_card",
    "person",
    "pesel",
    "phone",
    "plate",
    "regon",
    "vin",
)
_FINDERS: Final[tuple[Finder, ...]] = (
    address.find,
    birth_date.find,
    email.find,
    iban.find,
    id_card.find,
    ip.find,
    nip.find,
    passport.find,
    password.find,
    payment_card.find,
    person.find,
    pesel.find,
    phone.find,
    plate.find,
    regon.find,
    vin.find,
)


class Recognisers:
    """All recognisers as one :class:`triage.ports.PersonalDataRecogniser`; ``extra`` adds more, e.g. a NER model."""

    def __init__(self, extra: Sequence[Finder] = ()) -> None:
        self._finders = (*_FINDERS, *extra)

    def find(self, text: str) -> tuple[PersonalSpan, ...]:
        """Personal data in ``text``: non-overlapping spans in reading order, the most certain and longest first."""
        if not text.strip():
            return ()
        reading = Reading(text)
        return settle(text, (candidate for find in self._finders for candidate in find(reading)))
