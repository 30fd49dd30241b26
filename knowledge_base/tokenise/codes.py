"""Error codes, part numbers, models, RMA and serial numbers, in one spelling each.

„E-18”, „E18”, „błąd E 18”, "e_18" and "E 018" are one code: separators and leading zeros go, letters are upper case.
A letter and a number with a space between them count as a code when the letter cannot be a Polish one-letter word
(„w 14 dni”, „o 20 zł”), or when a word such as „kod” or "error" stands before it.

>>> codes("Błąd E-018, log W-101, część BR-K400-SEAL-01, RMA/2026/00123")
('E18', 'W101', 'BRK400SEAL01', 'K400', 'SEAL1', 'RMA202600123')
>>> codes("zwrot w 14 dni, o 20 zł, art. 7a ust. 1")
()
>>> codes("kod a 3")
('A3',)
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# letters + digits (+ letters), written together or with - _ . / between: E18, E-18, EF0, EA3, SVC1, K400.
_JOINED: Final = re.compile(r"(?<![\w@])([a-z]{1,5})[-_–]?(\d{1,6})(?![\w]|[-_/–]\w)", re.IGNORECASE)
# the same with a space; only letters that are no Polish or English word
_SPACED: Final = re.compile(
    r"(?<![\w-])(?<!\d[ \u00a0])(?:([b-hj-np-tvxy])|(e[a-f]|er|err|svc))[ \u00a0](\d{1,4})(?![\w.,:%°]\w|\w)",
    re.IGNORECASE,
)
_ANNOUNCED: Final = re.compile(
    r"(?<!\w)(?:kod\w*|b[lł][aą]d\w*|b[lł][eę]d\w*|error|code|fault|symbol)[ \u00a0:]+(?:nr |no\.? |number )?"
    r"([a-z]{1,4})[ \u00a0](\d{1,4})(?!\w)",
    re.IGNORECASE,
)
# two or more groups of letters and digits with separators: part numbers, RMA and serial numbers, batches
_COMPOUND: Final = re.compile(r"(?<![\w@./-])([a-z0-9]+(?:[-_/–][a-z0-9]+)+)(?![\w@-])", re.IGNORECASE)
# long runs that mix letters and digits: serial numbers written together
_SERIAL: Final = re.compile(
    r"(?<![\w@./-])(?=[a-z0-9]*[a-z])(?=[a-z0-9]*\d[a-z0-9]*\d)[a-z0-9]{6,30}(?![\w@-])", re.IGNORECASE
)
_LETTERS_DIGITS: Final = re.compile(r"([a-z]{1,5})(\d{1,6})", re.IGNORECASE)
_DIGIT: Final = re.compile(r"\d")
_SEPARATORS: Final = re.compile(r"[-_/–]")
# „dz.u.2026”, "art7", "ust2", "pkt3", "nr12": provisions and list numbers, not codes
_NOT_CODES: Final = frozenset(
    {
        "ART",
        "UST",
        "PKT",
        "LIT",
        "NR",
        "NO",
        "POZ",
        "PAR",
        "STR",
        "ROK",
        "DNI",
        "DO",
        "OD",
        "NA",
        "ZA",
        "PO",
        "TO",
        "IN",
        "OF",
        "AT",
        "ON",
        "BY",
        "OR",
        "IS",
    }
)


def _normal(letters: str, digits: str) -> str:
    return letters.upper() + (digits.lstrip("0") or "0")


def _compound_codes(found: str) -> list[str]:
    """Codes in a hyphenated run: the whole without separators, and every group that is a code by itself."""
    if not (re.search(r"[a-zA-Z]", found) and re.search(r"\d", found)):
        return []
    groups = _SEPARATORS.split(found)
    if len(groups) == 2 and groups[0].isalpha() and groups[1].isdigit() and len(groups[0]) <= 5:
        return [] if groups[0].upper() in _NOT_CODES else [_normal(*groups)]
    single = [match for group in groups if (match := _LETTERS_DIGITS.fullmatch(group))]
    pairs = [
        _normal(left, right)
        for left, right in pairwise(groups)
        if left.isalpha() and right.isdigit() and 1 <= len(left) <= 5 and left.upper() != "RMA" and len(right) < 4
    ]
    return ["".join(groups).upper(), *(_normal(*match.groups()) for match in single), *pairs]


def codes(text: str) -> tuple[str, ...]:
    """Every code in a text, normalised, in order of first appearance, each once."""
    found: list[tuple[int, str]] = []
    if not _DIGIT.search(text):
        return ()
    for pattern in (_JOINED, _ANNOUNCED):
        found += [
            (match.start(1), _normal(*match.groups()))
            for match in pattern.finditer(text)
            if match[1].upper() not in _NOT_CODES
        ]
    found += [(match.start(), _normal(match[1] or match[2], match[3])) for match in _SPACED.finditer(text)]
    for match in _COMPOUND.finditer(text):
        found += [(match.start(), code) for code in _compound_codes(match[1])]
    found += [
        (match.start(), match[0].upper()) for match in _SERIAL.finditer(text) if not _LETTERS_DIGITS.fullmatch(match[0])
    ]
    return tuple(dict.fromkeys(code for _, code in sorted(found, key=lambda hit: hit[0])))
