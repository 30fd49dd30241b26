"""Synthetic personal numbers: valid ones by their checksum, the ways people write them, and damaged ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from stdnum import luhn
from stdnum.pl import nip, pesel, regon


def some_digits(rng: random.Random, count: int) -> str:
    """Random digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def make_pesel(rng: random.Random) -> str:
    """A valid PESEL of somebody born 1940–2009."""
    year = rng.randrange(1940, 2010)
    body = (
        f"{year % 100:02}{rng.randrange(1, 13) + (20 if year >= 2000 else 0):02}{rng.randrange(1, 29):02}"
        f"{some_digits(rng, 4)}"
    )
    return body + str(pesel.calc_check_digit(body))


def make_nip(rng: random.Random) -> str:
    """A valid NIP."""
    while True:
        number = rng.choice("1256789") + some_digits(rng, 9)
        if nip.is_valid(number):
            return number


def make_regon(rng: random.Random) -> str:
    """A valid nine-digit REGON."""
    body = some_digits(rng, 8)
    return body + str(regon.calc_check_digit(body))


def make_iban(rng: random.Random, country: str = "PL", length: int = 24) -> str:
    """A valid IBAN."""
    bban = some_digits(rng, length)
    remainder = int("".join(str(int(character, 36)) for character in f"{bban}{country}00")) % 97
    return f"{country}{98 - remainder:02}{bban}"


def make_id_card(rng: random.Random) -> str:
    """A valid identity card number."""
    letters = rng.choice("ACD") + "".join(rng.choice("ABCDEFGHIJKLMNPRSTUVWXYZ") for _ in range(2))
    rest = some_digits(rng, 5)
    total = sum(weight * int(character, 36) for weight, character in zip((7, 3, 1), letters, strict=True))
    total += sum(weight * int(character) for weight, character in zip((7, 3, 1, 7, 3), rest, strict=True))
    return f"{letters}{total % 10}{rest}"


def make_card(rng: random.Random) -> str:
    """A valid payment card number."""
    body = rng.choice(("4", "51", "53", "55"))
    body += some_digits(rng, 15 - len(body))
    return body + str(luhn.calc_check_digit(body))


def make_imei(rng: random.Random) -> str:
    """15 digits that pass Luhn, as an IMEI does."""
    body = "35" + some_digits(rng, 12)
    return body + str(luhn.calc_check_digit(body))


def grouped(number: str, sizes: tuple[int, ...], separator: str) -> str:
    """A number cut into groups."""
    pieces, position = [], 0
    for size in sizes:
        pieces.append(number[position : position + size])
        position += size
    return separator.join(piece for piece in [*pieces, number[position:]] if piece)


def mobile(rng: random.Random) -> str:
    """A Polish mobile number."""
    return rng.choice(("50", "51", "53", "57", "60", "66", "69", "72", "78", "79", "88")) + some_digits(rng, 7)


_LOOKALIKE: Final = {"0": "O", "1": "l", "5": "S", "8": "B", "6": "G"}


def damage(rng: random.Random, number: str) -> str:
    """A typing or scanning error: one digit changed, lost or read as a letter."""
    places = [index for index, character in enumerate(number) if character.isdigit()]
    place = rng.choice(places[1:])
    way = rng.random()
    if way < 0.5:
        readable = [index for index in places if number[index] in _LOOKALIKE]
        for index in rng.sample(readable, min(2, len(readable))):
            number = number[:index] + _LOOKALIKE[number[index]] + number[index + 1 :]
        if readable:
            return number
    if way < 0.8:
        return number[:place] + rng.choice([d for d in "0123456789" if d != number[place]]) + number[place + 1 :]
    return number[:place] + number[place + 1 :]


def _iban(rng: random.Random, language: str) -> str:
    if language == "en" and rng.random() < 0.5:
        number = make_iban(rng, "DE", 18)
        return rng.choice([number, grouped(number, (4,) * 6, " ")])
    number = make_iban(rng)
    bare = grouped(number[2:], (2, 4, 4, 4, 4, 4), " ")
    return rng.choice([number, grouped(number, (4,) * 6, " "), number[2:], bare])


def _nip(rng: random.Random, language: str) -> str:
    number = make_nip(rng)
    return rng.choice([number, grouped(number, (3, 3, 2), "-"), grouped(number, (3, 2, 2), "-"), "PL" + number])


def _pesel(rng: random.Random, language: str) -> str:
    number = make_pesel(rng)
    return rng.choice([number, number, grouped(number, (6,), " ")])


def _id_card(rng: random.Random, language: str) -> str:
    number = make_id_card(rng)
    return rng.choice([number, f"{number[:3]} {number[3:]}"])


def _card(rng: random.Random, language: str) -> str:
    number = make_card(rng)
    return rng.choice([number, grouped(number, (4, 4, 4), " "), grouped(number, (4, 4, 4), "-")])


def _passport(rng: random.Random, language: str) -> str:
    return rng.choice(["EF", "EG", "AM"]) + rng.choice(["", " "]) + some_digits(rng, 7)


def _ip(rng: random.Random, language: str) -> str:
    return ".".join(str(number) for number in (rng.choice([31, 46, 77, 83, 89, 178]), *rng.sample(range(1, 255), 3)))


def _vin(rng: random.Random, language: str) -> str:
    middle = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(9))
    return f"WVW{middle}1{some_digits(rng, 4)}"


def _plate(rng: random.Random, language: str) -> str:
    district = rng.choice(["WX", "KR", "PO", "GD", "RZ", "LU", "SK"])
    tail = rng.choice([some_digits(rng, 5), f"{some_digits(rng, 4)}K", f"{some_digits(rng, 3)}AC"])
    return district + rng.choice([" ", ""]) + tail


def _password(rng: random.Random, language: str) -> str:
    if rng.random() < 0.6:
        return rng.choice(["Kot!2024", "qwerty123", "Zx9#mm", "haslo1", "Summer2026!"])
    return some_digits(rng, rng.choice([4, 6]))


WRITTEN: Final[dict[str, Callable[[random.Random, str], str]]] = {
    "pesel": _pesel,
    "nip": _nip,
    "regon": lambda rng, language: make_regon(rng),
    "iban": _iban,
    "id_card": _id_card,
    "passport": _passport,
    "payment_card": _card,
    "ip": _ip,
    "vin": _vin,
    "plate": _plate,
    "password": _password,
}
"""By kind: a value as people write it, from a generator and a language."""
