"""Synthetic names in every Polish case, many on invented surnames that stand in no dictionary, and English ones."""

from __future__ import annotations

import random
from typing import Final

_MEN: Final = (
    "Adam",
    "Bartosz",
    "Cezary",
    "Dariusz",
    "Eryk",
    "Feliks",
    "Grzegorz",
    "Hubert",
    "Ireneusz",
    "Jarosław",
    "Kajetan",
    "Leszek",
    "Łukasz",
    "Mirosław",
    "Norbert",
    "Olgierd",
    "Paweł",
    "Radosław",
    "Szymon",
    "Tymoteusz",
    "Witold",
    "Zdzisław",
    "Bonifacy",
    "Ziemowit",
    "Dobrosław",
)
_WOMEN: Final = (
    "Agata",
    "Bożena",
    "Celina",
    "Dorota",
    "Elżbieta",
    "Grażyna",
    "Halina",
    "Irena",
    "Justyna",
    "Katarzyna",
    "Lucyna",
    "Małgorzata",
    "Natalia",
    "Oliwia",
    "Patrycja",
    "Renata",
    "Sylwia",
    "Teresa",
    "Urszula",
    "Wanda",
    "Zuzanna",
    "Żaneta",
    "Dobrochna",
    "Mirela",
    "Ludmiła",
)
_SKI: Final = (
    "Trzmielow",
    "Kwaśniok",
    "Brzezin",
    "Olszań",
    "Zawiliń",
    "Krukow",
    "Pietrusz",
    "Gawroń",
    "Wierzbow",
    "Łagodz",
    "Szczygiel",
    "Mroczkow",
)
_HARD: Final = (
    "Nowak",
    "Wójcik",
    "Kaczmarek",
    "Pawlak",
    "Michalak",
    "Sobczak",
    "Blychcik",
    "Trzópek",
    "Gwizdak",
    "Sroczan",
    "Kulpiak",
    "Majcherek",
    "Stępień",
    "Dudzik",
    "Zybert",
    "Rogoż",
)
_ON_A: Final = ("Zaremba", "Kuśmierza", "Drobina", "Wróblewka", "Szarota", "Kotarba", "Brzuska", "Gąsienica")
_ENGLISH_GIVEN: Final = (
    "Harriet",
    "Trevor",
    "Imogen",
    "Declan",
    "Priya",
    "Marcus",
    "Nadine",
    "Rupert",
    "Siobhan",
    "Ezekiel",
    "Maeve",
    "Dwayne",
    "Philippa",
    "Kwame",
    "Beatrix",
    "Callum",
    "Oksana",
    "Taras",
    "Ingrid",
    "Mateo",
)
_ENGLISH_SURNAMES: Final = (
    "Holloway",
    "Pemberton",
    "Ashdown",
    "Okafor",
    "Kettleworth",
    "Mulligan",
    "Strand",
    "Whitlock",
    "Beaumont",
    "Tregarth",
    "Oduya",
    "Lindholm",
    "Fairweather",
    "Quigley",
    "Prendergast",
    "McAllister",
    "O'Hare",
    "Haverstock",
    "Melnyk",
    "Castellano",
)


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
    endings = {
        "ta": "cie",
        "na": "nie",
        "ra": "rze",
        "ła": "le",
        "la": "li",
        "da": "dzie",
        "ka": "ce",
        "wa": "wie",
        "ma": "mie",
        "ba": "bie",
        "sa": "sie",
        "ca": "cy",
        "cha": "sze",
    }
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
            {"nom": "ski", "gen": "skiego", "dat": "skiemu", "ins": "skim"}
            if man
            else {"nom": "ska", "gen": "skiej", "dat": "skiej", "ins": "ską"}
        )
        return given, rng.choice(_SKI) + endings[case]
    if kind < 0.8:
        surname = rng.choice(_HARD)
        return given, _masculine(surname, case) if man else surname
    return given, _feminine(rng.choice(_ON_A), case)


def english_name(rng: random.Random) -> tuple[str, str]:
    """Given name and surname."""
    return rng.choice(_ENGLISH_GIVEN), rng.choice(_ENGLISH_SURNAMES)
