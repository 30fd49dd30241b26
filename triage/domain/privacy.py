"""A person whose data may be stored: by what they are known, where they were found, and the mark that they were erased.

Erasure leaves a tombstone: a keyed hash of each identifier, never the identifier. With it a helpdesk that sends an old
ticket again, a repeated request or a restored backup is recognised, and nobody can read from it who was erased.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.ticket import require_aware
from triage.errors import InvalidInput

_SHORTEST_PHONE = 7
_BETWEEN_DIGITS = r"[\s().\-/]{0,3}"
_POLISH_NUMBER = 9
_NAME_STEMS = ((4, 0), (5, 1), (7, 2))
_LONGEST_ENDING = 3
PSEUDONYM = "erased-"
"""How the name of an erased person begins in what is kept."""


class IdentifierKind(StrEnum):
    """What an identifier is of: the person, or one of their tickets."""

    EMAIL = "email"
    PHONE = "phone"
    TICKET = "ticket"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Person:
    """How a person is asked for; at least an address, a number, a helpdesk id, or a name together with an order.

    >>> person = Person(emails=(" Anna@Example.com ",), phones=("+48 601-234-567",))
    >>> person.emails, person.phones
    (('anna@example.com',), ('601234567',))
    """

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    name: str = ""
    order_no: str = ""
    external_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "emails", tuple(canonical_email(one) for one in self.emails))
        object.__setattr__(self, "phones", tuple(canonical_phone(one) for one in self.phones))
        if not (self.emails or self.phones or self.external_ids or (self.name.strip() and self.order_no.strip())):
            raise InvalidInput("Say who: an e-mail, a phone number, a helpdesk id, or a name together with an order.")
        if any(len(phone) < _SHORTEST_PHONE for phone in self.phones):
            raise InvalidInput(f"A phone number needs at least {_SHORTEST_PHONE} digits.")
        if any("@" not in email.strip("@") for email in self.emails):
            raise InvalidInput("An e-mail address needs an @ between its parts.")

    @property
    def identifiers(self) -> tuple[tuple[IdentifierKind, str], ...]:
        """Kind and canonical form of everything that identifies this person alone."""
        return (
            *((IdentifierKind.EMAIL, one) for one in self.emails),
            *((IdentifierKind.PHONE, one) for one in self.phones),
            *((IdentifierKind.EXTERNAL, one) for one in self.external_ids),
        )


class Why(StrEnum):
    """Why a ticket was found; ``MENTION`` is somebody else's ticket that names the person."""

    REQUESTER = "requester"
    PHONE = "phone"
    NAME_AND_ORDER = "name and order"
    EXTERNAL = "external id"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Trace:
    """A ticket in which a person was found."""

    ticket_id: str
    why: Why

    @property
    def own(self) -> bool:
        """Whether the ticket is the person's, not only one that mentions them."""
        return self.why is not Why.MENTION


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The mark of an erased identifier.

    Attributes:
        digest: HMAC-SHA-256 of tenant, kind and identifier, 32 bytes.
        erased_at: what is older than this must not come back; what the person writes later is a new matter.
    """

    tenant: str
    kind: IdentifierKind
    digest: bytes
    erased_at: datetime

    def __post_init__(self) -> None:
        require_aware(self.erased_at, "tombstone.erased_at")


@dataclass(frozen=True, slots=True)
class Seal:
    """Makes tombstones with a key that is kept apart from them: without it nobody can try identifiers out.

    Source: GDPR art. 4(5), 11 and recital 26 (pseudonyms); RFC 2104 (HMAC).
    """

    key: bytes

    def __repr__(self) -> str:
        return "Seal(…)"

    def digest(self, tenant: str, kind: IdentifierKind, identifier: str) -> bytes:
        """The keyed hash of an identifier, 32 bytes."""
        content = "\x1f".join((tenant, kind.value, canonical(kind, identifier)))
        return hmac.digest(self.key, content.encode("utf-8"), hashlib.sha256)

    def pseudonym(self, tenant: str, person: Person) -> str:
        """A name for what is kept of a person: the same in all their tickets, and meaning nothing to anybody."""
        content = "\x1f".join((tenant, *(f"{kind.value}:{value}" for kind, value in person.identifiers), person.name))
        return f"{PSEUDONYM}{hmac.digest(self.key, content.encode('utf-8'), hashlib.sha256).hex()[:12]}"


def canonical(kind: IdentifierKind, identifier: str) -> str:
    """The one form in which an identifier is compared."""
    if kind is IdentifierKind.EMAIL:
        return canonical_email(identifier)
    return canonical_phone(identifier) if kind is IdentifierKind.PHONE else identifier.strip()


def canonical_email(address: str) -> str:
    """An address in lower case.

    >>> canonical_email("Anna@Example.COM ")
    'anna@example.com'
    """
    return address.strip().lower()


def canonical_phone(number: str) -> str:
    """Digits of a number, Polish ones without their country code.

    >>> canonical_phone("0048 (601) 234-567"), canonical_phone("+44 20 7946 0958")
    ('601234567', '442079460958')
    """
    digits = re.sub(r"\D", "", number).removeprefix("00")
    return digits[2:] if len(digits) == _POLISH_NUMBER + 2 and digits.startswith("48") else digits


def name_pattern(word: str) -> re.Pattern[str]:
    """A word of a name in any case ending, to be matched on folded text; short words match as they are.

    >>> bool(name_pattern("plantowskiej").search("pani plantowska")), bool(name_pattern("lis").search("lista"))
    (True, False)
    """
    cut = next((cut for longest, cut in _NAME_STEMS if len(word) <= longest), _LONGEST_ENDING)
    ending = rf"\w{{0,{cut + 2}}}" if cut else ""
    return re.compile(rf"(?<!\w){re.escape(word[: len(word) - cut])}{ending}(?!\w)")


def phone_pattern(digits: str) -> re.Pattern[str]:
    """A number in any grouping, with or without its country code, and not a part of a longer one.

    >>> phone_pattern("601234567").search("tel. +48 601-234-567.")[0]
    '+48 601-234-567'
    """
    return re.compile(rf"(?<!\d)(?:(?:\+|00)?48{_BETWEEN_DIGITS})?{_BETWEEN_DIGITS.join(digits)}(?!\d)")
