"""Synthetic tickets with personal data at known places: Polish and English, inflected and noisy, from a seed.

The carrier sentences are written here and share no list with the recognisers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

import yaml

from training.redaction_names import english_name, polish_name
from training.redaction_numbers import (
    WRITTEN,
    damage,
    grouped,
    make_imei,
    make_nip,
    make_pesel,
    mobile,
    some_digits,
)
from triage.domain.folding import fold


@dataclass(frozen=True, slots=True)
class Gold:
    """A planted piece of personal data."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class SyntheticTicket:
    """A text and what was planted in it."""

    text: str
    language: str
    gold: tuple[Gold, ...]


_CARRIERS_FILE: Final = Path(__file__).parent / "data" / "redaction_carriers.yaml"
_STREETS: Final = (
    "Kłosowa",
    "Jana Pawła II",
    "Wojska Polskiego",
    "Długa",
    "Zielona",
    "3 Maja",
    "Marii Skłodowskiej-Curie",
    "Rzemieślnicza",
    "Ks. Popiełuszki",
    "Modrzewiowa",
    "Armii Krajowej",
    "Bohaterów Westerplatte",
    "Leśna",
    "Powstańców Śląskich",
    "gen. Andersa",
    "Chmielna",
)
_TOWNS: Final = (
    "Rzeszów",
    "Nowy Targ",
    "Bielsko-Biała",
    "Piła",
    "Łomża",
    "Gorzów Wielkopolski",
    "Kielce",
    "Ostrów Mazowiecka",
    "Zamość",
    "Krosno",
    "Łódź",
    "Żory",
)
_ROADS: Final = (
    "Baker Street",
    "Linden Road",
    "Old Mill Lane",
    "Harbour View Terrace",
    "Kingsley Avenue",
    "Church Close",
    "Orchard Drive",
    "St. John's Road",
    "Elm Grove",
    "Victoria Gardens",
)
_ENGLISH_TOWNS: Final = ("Leeds", "Norwich", "Bath", "Cardiff", "Stoke", "Derby", "Hull", "York")
_DOMAINS: Final = ("poczta.example", "firma-test.example", "mail.example.com", "skrzynka.example.pl", "uni.example.org")


def _address(rng: random.Random, language: str) -> str:
    house = str(rng.randrange(1, 190)) + rng.choice(["", "", "", "A", "b"])
    flat = rng.choice(["", f"/{rng.randrange(1, 90)}", f" m. {rng.randrange(1, 90)}", f" lok. {rng.randrange(1, 30)}"])
    if language == "en":
        code = (
            f"{rng.choice(['LS', 'NR', 'BA', 'CF', 'ST', 'HU'])}{rng.randrange(1, 20)} "
            f"{rng.randrange(1, 9)}{rng.choice('ABDEFGH')}{rng.choice('ABDEFGHJ')}"
        )
        line = f"{house} {rng.choice(_ROADS)}"
        return rng.choice(
            [
                line,
                f"{line}, {rng.choice(_ENGLISH_TOWNS)}",
                f"{line}, {rng.choice(_ENGLISH_TOWNS)} {code}",
                f"Flat {rng.randrange(1, 40)}, {line}, {rng.choice(_ENGLISH_TOWNS)} {code}",
            ]
        )
    code, town = f"{rng.randrange(0, 100):02}-{rng.randrange(1, 1000):03}", rng.choice(_TOWNS)
    street = f"{rng.choice(['ul. ', 'ul. ', 'al. ', 'os. ', 'ulica ', 'ul.'])}{rng.choice(_STREETS)} {house}{flat}"
    bare = f"{rng.choice(_STREETS)} {house}{flat}"
    return rng.choice(
        [
            street,
            f"{street}, {code} {town}",
            f"{street}, {town}",
            f"{bare}, {code} {town}",
            f"{code} {town}, {street}",
            f"{street}\n{code} {town}",
        ]
    )


def _phone(rng: random.Random, language: str) -> str:
    number = mobile(rng)
    if language == "en" and rng.random() < 0.6:
        return rng.choice(
            [
                f"+44 7{some_digits(rng, 3)} {some_digits(rng, 6)}",
                f"07{some_digits(rng, 3)} {some_digits(rng, 6)}",
                f"+353 86 {some_digits(rng, 3)} {some_digits(rng, 4)}",
                f"+1 (415) 555-{some_digits(rng, 4)}",
            ]
        )
    landline = (
        f"{rng.choice(['22', '12', '61', '71', '58', '32'])} {some_digits(rng, 3)} {some_digits(rng, 2)} "
        f"{some_digits(rng, 2)}"
    )
    return rng.choice(
        [
            number,
            grouped(number, (3, 3), " "),
            grouped(number, (3, 3), "-"),
            "+48 " + grouped(number, (3, 3), " "),
            "+48" + number,
            "0048 " + number,
            landline,
            f"({landline[:2]}) {landline[3:]}",
            grouped(number, (2, 3, 2), " "),
        ]
    )


def _email(rng: random.Random, language: str) -> str:
    given, surname = polish_name(rng, "nom") if language == "pl" else english_name(rng)
    local = fold(
        rng.choice(
            [f"{given}.{surname}", f"{given[0]}{surname}", f"{surname}{rng.randrange(70, 99)}", f"{given}_{surname}"]
        )
    ).replace("'", "")
    return f"{local}@{rng.choice(_DOMAINS)}"


def _birth_date(rng: random.Random, language: str) -> str:
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(1940, 2024)
    if language == "en":
        names = (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        )
        return rng.choice(
            [f"{day} {names[month - 1]} {year}", f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}"]
        )
    genitives = (
        "stycznia",
        "lutego",
        "marca",
        "kwietnia",
        "maja",
        "czerwca",
        "lipca",
        "sierpnia",
        "września",
        "października",
        "listopada",
        "grudnia",
    )
    return rng.choice([f"{day:02}.{month:02}.{year}", f"{day} {genitives[month - 1]} {year}", f"{day}.{month}.{year}"])


def _value(rng: random.Random, kind: str, language: str) -> str:
    base, _, case = kind.partition(":")
    if base in ("person", "surname"):
        given, surname = polish_name(rng, case) if language == "pl" else english_name(rng)
        return f"{given} {surname}" if base == "person" else surname
    special = {"address": _address, "phone": _phone, "email": _email, "birth_date": _birth_date}
    return {**WRITTEN, **special}[base](rng, language)


def _plain(rng: random.Random, language: str) -> str:
    return rng.choice(_plain_sentences()[language]).format(
        order=some_digits(rng, 5),
        date=f"{rng.randrange(1, 29)}.{rng.randrange(1, 13):02}.2026",
        d2=some_digits(rng, 2),
        d3=some_digits(rng, 3),
        d4=some_digits(rng, 4),
        d5=some_digits(rng, 5),
        d6=some_digits(rng, 6),
        imei=make_imei(rng),
        nipish=make_nip(rng),
        pesel=make_pesel(rng),
        waybill="00004" + some_digits(rng, 8),
        part="4810" + some_digits(rng, 8),
    )


@lru_cache(maxsize=3)
def _carriers(part: str) -> dict[str, dict[str, list[str]]]:
    """Carrier sentences by language and kind."""
    return cast(dict[str, dict[str, list[str]]], yaml.safe_load(_CARRIERS_FILE.read_text("utf-8"))[part])


@lru_cache(maxsize=1)
def _plain_sentences() -> dict[str, list[str]]:
    return cast(dict[str, list[str]], yaml.safe_load(_CARRIERS_FILE.read_text("utf-8"))["plain"])


def make_ticket(rng: random.Random, part: str) -> SyntheticTicket:
    """One ticket: some plain sentences and one to three that hold personal data; a fifth is typed carelessly."""
    language = "pl" if rng.random() < 0.65 else "en"
    kinds = rng.sample(sorted(_carriers(part)[language]), rng.randrange(1, 4))
    careless = rng.random()
    text, gold = "", []
    for kind in kinds:
        text += "".join(f"{_plain(rng, language)} " for _ in range(rng.randrange(0, 2)))
        carrier = rng.choice(_carriers(part)[language][kind])
        value = _value(rng, kind, language)
        fair = carrier.startswith("!") and kind in ("pesel", "nip", "regon", "iban", "payment_card", "id_card")
        if fair and rng.random() < 0.2:
            value = damage(rng, value)
        before, _, after = carrier.lstrip("!").partition("{}")
        start = len(text) + len(before)
        base = kind.partition(":")[0]
        gold.append(Gold(start, start + len(value), "person" if base == "surname" else base))
        text += f"{before}{value}{after}" + rng.choice(["\n", " ", "\n"])
    if careless < 0.12:
        text = _without_diacritics(text)
    elif careless < 0.2 and not any(mark.kind in ("address", "password") for mark in gold):
        text = _without_diacritics(text).lower()
    return SyntheticTicket(text, language, tuple(gold))


def _without_diacritics(text: str) -> str:
    """ASCII letters with their case kept."""
    return "".join(low.upper() if character.isupper() else low for character, low in zip(text, fold(text), strict=True))


def make_tickets(seed: int, spans: int, part: str = "dev") -> list[SyntheticTicket]:
    """Tickets until at least ``spans`` pieces of personal data are planted.

    Args:
        part: ``dev``, or ``held_out`` for carrier sentences written after the recognisers (see the file's head).
    """
    rng = random.Random(seed)
    tickets: list[SyntheticTicket] = []
    planted = 0
    while planted < spans:
        tickets.append(make_ticket(rng, part))
        planted += len(tickets[-1].gold)
    return tickets
