"""Polish or English, told from character trigrams of the folded text; works on a few words without diacritics.

A naive Bayes model of ``language.json``, made by ``training/train_language_id.py`` from English–Polish sentence pairs.

>>> detect_language("pralka nie odpompowuje wody"), detect_language("how long do we have to refund")
('pl', 'en')
"""

from __future__ import annotations

import functools
import json
import re
from importlib.resources import files
from typing import Final

from knowledge_base.tokenise.fold import fold
from knowledge_base.tokenise.stop_words import ENGLISH_ONLY, POLISH_ONLY

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_CACHED_WORDS: Final = 1 << 16
# No English word has these; one such letter outweighs several ambiguous trigrams.
_POLISH_LETTERS: Final = frozenset("ąćęłńśźż")
_POLISH_LETTER_LOG_ODDS: Final = 2.0
# „co to jest safe due” is Polish: function words say more than the words they ask about.
_FUNCTION_WORD_LOG_ODDS: Final = 2.0


def trigrams(text: str) -> list[str]:
    """Trigrams of the folded words of a text, with the words' edges marked."""
    return [gram for word in _LETTERS.findall(fold(text)) for gram in _trigrams_of(word)]


def _trigrams_of(word: str) -> list[str]:
    marked = f" {word} "
    return [marked[i : i + 3] for i in range(len(marked) - 2)]


@functools.lru_cache(maxsize=1)
def _log_odds() -> dict[str, float]:
    table: dict[str, float] = json.loads(files("knowledge_base.tokenise").joinpath("language.json").read_text("utf-8"))[
        "log_odds"
    ]
    return table


@functools.lru_cache(maxsize=_CACHED_WORDS)
def _log_odds_of(word: str) -> float:
    """What the trigrams of one folded word say."""
    table = _log_odds()
    return sum(table.get(gram, 0.0) for gram in _trigrams_of(word))


def polish_log_odds(text: str) -> float:
    """Natural log of P(Polish) / P(English) given the text's trigrams; 0 where nothing is known."""
    score = sum(map(_log_odds_of, _LETTERS.findall(fold(text))))
    lowered = text.lower()
    letters = sum(map(lowered.count, _POLISH_LETTERS))
    words = _LETTERS.findall(lowered)
    function_words = sum(map(POLISH_ONLY.__contains__, words)) - sum(map(ENGLISH_ONLY.__contains__, words))
    return score + _POLISH_LETTER_LOG_ODDS * letters + _FUNCTION_WORD_LOG_ODDS * function_words


def detect_language(text: str) -> str:
    """``pl`` or ``en``; ``pl`` where the text does not tell."""
    return "en" if polish_log_odds(text[:2000]) < 0 else "pl"
