"""Synthetic personal data: names in every case, checksummed numbers valid or damaged, all drawn from a seeded generator.

The carrier sentences and the names are written here and share no list with the recognisers; many surnames are invented
on Polish patterns and stand in no dictionary. Checksummed numbers are drawn valid; a share is then damaged (a typo, a
letter read for a digit) where the sentence itself says what the number is.
"""

from __future__ import annotations

import random
from typing import Final

from stdnum import luhn
from stdnum.pl import nip, pesel, regon


_MEN: Final = (
    "Adam", "Bartosz", "Cezary", "Dariusz", "Eryk", "Feliks", "Grzegorz", "Hubert", "Ireneusz", "Jarosław", "Kajetan", "Leszek", "Łukasz",
    "Mirosław", "Norbert", "Olgierd", "Paweł", "Radosław", "Szymon", "Tymoteusz", "Witold", "Zdzisław", "Bonifacy", "Ziemowit", "Dobrosław",
)  # fmt: skip
_WOMEN: Final = (
    "Agata", "Bożena", "Celina", "Dorota", "Elżbieta", "Grażyna", "Halina", "Irena", "Justyna", "Katarzyna", "Lucyna", "Małgorzata", "Natalia",
    "Oliwia", "Patrycja", "Renata", "Sylwia", "Teresa", "Urszula", "Wanda", "Zuzanna", "Żaneta", "Dobrochna", "Mirela", "Ludmiła",
)  # fmt: skip
_SKI: Final = ("Trzmielow", "Kwaśniok", "Brzezin", "Olszań", "Zawiliń", "Krukow", "Pietrusz", "Gawroń", "Wierzbow", "Łagodz", "Szczygiel", "Mroczkow")
_HARD: Final = ("Nowak", "Wójcik", "Kaczmarek", "Pawlak", "Michalak", "Sobczak", "Blychcik", "Trzópek", "Gwizdak", "Sroczan", "Kulpiak", "Majcherek", "Stępień", "Dudzik", "Zybert", "Rogoż")
_ON_A: Final = ("Zaremba", "Kuśmierza", "Drobina", "Wróblewka", "Szarota", "Kotarba", "Brzuska", "Gąsienica")
_ENGLISH_GIVEN: Final = ("Harriet", "Trevor", "Imogen", "Declan", "Priya", "Marcus", "Nadine", "Rupert", "Siobhan", "Ezekiel", "Maeve", "Dwayne", "Philippa", "Kwame", "Beatrix", "Callum", "Oksana", "Taras", "Ingrid", "Mateo")
_ENGLISH_SURNAMES: Final = ("Holloway", "Pemberton", "Ashdown", "Okafor", "Kettleworth", "Mulligan", "Strand", "Whitlock", "Beaumont", "Tregarth", "Oduya", "Lindholm", "Fairweather", "Quigley", "Prendergast", "McAllister", "O'Hare", "Haverstock", "Melnyk", "Castellano")


def _feminine(name: str, case: str) -> str:
    if case == "nom":
        return name
    soft = name.endswith(("ia", "ja", "la"))
    stem = name[:-1]
    if case == "ins":
        return stem + "ą"
    if case == "gen":
        if name.endswith(("ia", "ja")):
            return stem[:-1] + ("ii" if name.endswith("ia") else "ji")
        return stem + ("i" if soft or stem.endswith(("k", "g")) else "y")
    if name.endswith(("ia", "ja")):
        return _feminine(name, "gen")
    endings = {"ta": "cie", "na": "nie", "ra": "rze", "ła": "le", "la": "li", "da": "dzie", "ka": "ce", "wa": "wie", "ma": "mie", "ba": "bie", "sa": "sie", "ca": "cy", "cha": "sze"}
    ending = next((end for end in ("cha", name[-2:]) if name.endswith(end) and end in endings), "")
    return name[: -len(ending)] + endings[ending] if ending else stem + "ie"


def _masculine(name: str, case: str) -> str:
    if case == "nom":
        return name
    stem = name
    if name.endswith("eł"):
        stem = name[:-2] + "ł"
    elif name.endswith("ek"):
        stem = name[:-2] + "k"
    elif name.endswith(("eń", "ień")):
        stem = name[:-3] + "ni" if name.endswith("ień") else name[:-2] + "ni"
    if name.endswith("y"):
        return name[:-1] + {"gen": "ego", "dat": "emu", "ins": "ym"}[case]
    instrumental = "iem" if stem.endswith(("k", "g")) else "em"
    return stem + {"gen": "a", "dat": "owi", "ins": instrumental}[case]


def polish_name(rng: random.Random, case: str) -> tuple[str, str]:
    """Given name and surname of one person in a case."""
    man = rng.random() < 0.5
    given = _masculine(rng.choice(_MEN), case) if man else _feminine(rng.choice(_WOMEN), case)
    kind = rng.random()
    if kind < 0.45:
        endings = (
            {"nom": "ski", "gen": "skiego", "dat": "skiemu", "ins": "skim"} if man else {"nom": "ska", "gen": "skiej", "dat": "skiej", "ins": "ską"}
        )
        return given, rng.choice(_SKI) + endings[case]
    if kind < 0.8:
        surname = rng.choice(_HARD)
        return given, _masculine(surname, case) if man else surname
    return given, _feminine(rng.choice(_ON_A), case)


def english_name(rng: random.Random) -> tuple[str, str]:
    """Given name and surname."""
    return rng.choice(_ENGLISH_GIVEN), rng.choice(_ENGLISH_SURNAMES)


def some_digits(rng: random.Random, count: int) -> str:
    """Random digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def make_pesel(rng: random.Random) -> str:
    """A valid PESEL of somebody born 1940–2009."""
    year = rng.randrange(1940, 2010)
    body = f"{year % 100:02}{rng.randrange(1, 13) + (20 if year >= 2000 else 0):02}{rng.randrange(1, 29):02}{some_digits(rng, 4)}"
    return body + pesel.calc_check_digit(body)


def make_nip(rng: random.Random) -> str:
    """A valid NIP."""
    while True:
        number = rng.choice("1256789") + some_digits(rng, 9)
        if nip.is_valid(number):
            return number


def make_regon(rng: random.Random) -> str:
    """A valid nine-digit REGON."""
    body = some_digits(rng, 8)
    return body + regon.calc_check_digit(body)


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
    return body + luhn.calc_check_digit(body)


def make_imei(rng: random.Random) -> str:
    """15 digits that pass Luhn, as an IMEI does."""
    body = "35" + some_digits(rng, 12)
    return body + luhn.calc_check_digit(body)


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

