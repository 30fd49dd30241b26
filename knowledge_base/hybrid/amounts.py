"""What a question may ask for that can be told by its form, from ``amounts.toml``: a price, a telephone number.

>>> [amount.name for amount in asked_amounts("Ile kosztuje nowa bateria?")]
['price', 'price']
>>> price = asked_amounts("how much is the diagnosis")[0]
>>> price.given_in("Diagnoza: od 89,00 zł"), price.given_in("Diagnozę kończymy w 5 dni")
(True, False)
>>> asked_amounts("ile się czeka na części")[0].given_in("Trwa to do trzech tygodni")
True
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from knowledge_base.tokenise import fold

_REST_OF_WORD: Final = re.compile(r"\w*")


@dataclass(frozen=True, slots=True, eq=False)
class Amount:
    """One thing that questions ask for.

    Attributes:
        name: what the data file calls it.
        labels: by language, what people call it.
        hints: one of them is in every question that asks for it.
        asked: how questions ask for it, over folded text.
        given: how passages write it, over folded text.
        anywhere: whether it answers wherever a passage has it, not only beside a word of the question.
    """

    name: str
    labels: tuple[tuple[str, str], ...]
    hints: tuple[str, ...]
    asked: re.Pattern[str]
    given: re.Pattern[str]
    anywhere: bool = False

    def asking(self, folded: str) -> str:
        """The words of a folded question that ask for it; none where it does not."""
        found = self.asked.search(folded)
        if not found:
            return ""
        begun = _REST_OF_WORD.match(folded, found.end())  # the last word may be told by its beginning
        return found[0] + (begun[0] if begun else "")

    def given_in(self, text: str) -> bool:
        """Whether a text holds such an amount, its number in digits or in words."""
        folded = fold(text)
        if self.given.search(folded):
            return True
        in_digits, n_words = _numbers().subn("1", folded)
        return n_words > 0 and self.given.search(in_digits) is not None

    def label(self, language: str) -> str:
        """What people call it in Polish or English."""
        return dict(self.labels)[language]


def asked_amounts(question: str) -> list[Amount]:
    """What a question asks for, of what the data file knows."""
    folded = fold(question)
    hinted = {amount for hint, amounts in _by_hint().items() if hint in folded for amount in amounts}
    return [amount for amount in _amounts() if amount in hinted and amount.asked.search(folded)]


@functools.lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files("knowledge_base.hybrid").joinpath("amounts.toml").read_text("utf-8"))


@functools.lru_cache(maxsize=1)
def _numbers() -> re.Pattern[str]:
    """Words for numbers, over folded text."""
    return re.compile(rf"\b(?:{'|'.join(_data()['numbers'])})\b")


@functools.lru_cache(maxsize=1)
def _amounts() -> tuple[Amount, ...]:
    data = _data()
    return tuple(
        Amount(
            one["name"],
            (("pl", one["pl"]), ("en", one["en"])),
            tuple(one["hints"]),
            re.compile("|".join(one["asked"])),
            re.compile("|".join(one["given"])),
            one.get("anywhere", False),
        )
        for one in data["amount"]
    )


@functools.lru_cache(maxsize=1)
def _by_hint() -> dict[str, list[Amount]]:
    hints: dict[str, list[Amount]] = {}
    for amount in _amounts():
        for hint in amount.hints:
            hints.setdefault(hint, []).append(amount)
    return hints
