"""Style of a company's letters: forms of address, signature, what a short letter leaves out. Data, not code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """How a letter addresses its reader."""

    FORMAL = "formal"
    NEUTRAL = "neutral"


class Length(StrEnum):
    """``SHORT`` leaves out courtesy and explanations; nothing the law or the reply standard requires."""

    LONG = "long"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Style:
    """What an agent may choose about the form of a letter."""

    tone: Tone = Tone.FORMAL
    length: Length = Length.LONG


@dataclass(frozen=True, slots=True)
class Address:
    """First and last words of a letter."""

    salutation: str
    farewell: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What an agent picked for the letter of a case.

    Attributes:
        decision: kind of a template that decides; None leaves the choice to the composer.
        facts: values for the gaps of the template, by their names (``pickup_on`` …); stand for the shop's own data.
    """

    decision: str | None = None
    style: Style | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


_PLAIN: Mapping[str, Address] = {
    "pl": Address("Szanowni Państwo,", "Z poważaniem"),
    "en": Address("Dear Customer,", "Yours faithfully"),
}


@dataclass(frozen=True, slots=True)
class StyleRules:
    """A company's style (see ``style.yaml``).

    Attributes:
        preset: used when nobody chose.
        addresses: by tone, then by language.
        signature: lines by language, fields of the company's identity between braces.
    """

    preset: Style = Style()
    addresses: Mapping[str, Mapping[str, Address]] = field(default_factory=lambda: dict.fromkeys(Tone, _PLAIN))
    signature: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: dict.fromkeys(("pl", "en"), ("{signatory}", "{desk}", "{name}"))
    )

    def address(self, tone: Tone, language: str) -> Address:
        """First and last words in a tone and a language."""
        return self.addresses[tone][language]

    def signature_of(self, identity: Mapping[str, str], language: str) -> str:
        """The signature's lines, those without a value left out."""
        lines = [line.format_map(identity).strip() for line in self.signature[language]]
        return "\n".join(line for line in lines if line)
