"""Polish or English, told from character trigrams of the folded text; works on a few words without diacritics.

A naive Bayes model of ``language.json``, made by ``training/train_language_id.py`` from English–Polish sentence pairs.

>>> detect_language("pralka nie odpompowuje wody"), detect_language("how long do we have to refund")
('pl', 'en')
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
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
    """What one lower-case word says: by its trigrams, its letters, and as a function word."""
    table = _log_odds()
    by_trigrams = sum(table.get(gram, 0.0) for folded in _LETTERS.findall(fold(word)) for gram in _trigrams_of(folded))
    letters = sum(map(word.count, _POLISH_LETTERS))
    function_word = (word in POLISH_ONLY) - (word in ENGLISH_ONLY)
    return by_trigrams + _POLISH_LETTER_LOG_ODDS * letters + _FUNCTION_WORD_LOG_ODDS * function_word


def polish_log_odds(text: str) -> float:
    """Natural log of P(Polish) / P(English) given the text's words; 0 where nothing is known."""
    lowered = text.lower()
    if not lowered.isascii() and not unicodedata.is_normalized("NFC", lowered):
        lowered = unicodedata.normalize("NFC", lowered)
    return sum(map(_log_odds_of, _LETTERS.findall(lowered)))


def detect_language(text: str) -> str:
    """``pl`` or ``en``; ``pl`` where the text does not tell."""
    return "en" if polish_log_odds(text[:2000]) < 0 else "pl"
