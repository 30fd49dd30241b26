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
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.tokenise.fold import fold, fold_all
from knowledge_base.tokenise.stop_words import ENGLISH_ONLY, POLISH_ONLY
from knowledge_base.tokenise.term_ids import flat_points
from knowledge_base.tokenise.text_words import words_of

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_CACHED_WORDS: Final = 1 << 16
# No English word has these; one such letter outweighs several ambiguous trigrams.
_POLISH_LETTERS: Final = frozenset("ąćęłńśźż")
_POLISH_LETTER_LOG_ODDS: Final = 2.0
# „co to jest safe due” is Polish: function words say more than the words they ask about.
_FUNCTION_WORD_LOG_ODDS: Final = 2.0
_LOOKED_AT: Final = 2000
_LETTER_A: Final = ord("a")
#: A space is 0, letters are 1 to 26.
_N_LETTERS: Final = 27


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


def _log_odds_of(word: str) -> float:
    """What one lower-case word says: by its trigrams, its letters, and as a function word."""
    known, folded = _log_odds().get, fold(word)
    parts = [folded] if folded.isalpha() else _LETTERS.findall(folded)
    by_trigrams = sum([known(gram, 0.0) for part in parts for gram in _trigrams_of(part)])
    letters = 0 if word.isascii() else sum(map(word.count, _POLISH_LETTERS))
    return by_trigrams + _POLISH_LETTER_LOG_ODDS * letters + _as_function_word(word)


def _as_function_word(word: str) -> float:
    return _FUNCTION_WORD_LOG_ODDS * ((word in POLISH_ONLY) - (word in ENGLISH_ONLY))


def _log_odds_of_few(words: Sequence[str]) -> list[float]:
    """The same of the words of a short text, at a fifth of the time."""
    if not kernels.COMPILED:
        return [*map(_log_odds_of, words)]
    found = np.empty(len(words))
    kernels.log_odds(*flat_points(words), _log_odds_table(), found, _POLISH_LETTER_LOG_ODDS)
    # one with letters that are not known there has none yet
    return [
        by_letters + _as_function_word(word) if by_letters == by_letters else _log_odds_of(word)
        for word, by_letters in zip(words, found.tolist(), strict=True)
    ]


@functools.lru_cache(maxsize=1)
def _known_words() -> dict[str, float]:
    """Log odds of words that were asked for."""
    return {}


def polish_log_odds(text: str) -> float:
    """Natural log of P(Polish) / P(English) given the text's words; 0 where nothing is known."""
    lowered = text.lower()
    if not lowered.isascii() and not unicodedata.is_normalized("NFC", lowered):
        lowered = unicodedata.normalize("NFC", lowered)
    words, known = _LETTERS.findall(lowered), _known_words()
    if new := [word for word in words if word not in known]:
        if len(known) > _CACHED_WORDS:
            _known_words.cache_clear()
            known, new = _known_words(), words
        known.update(zip(new, _log_odds_of_few(new), strict=True))
    return sum([known[word] for word in words])


def detect_language(text: str) -> str:
    """``pl`` or ``en``; ``pl`` where the text does not tell."""
    return "en" if polish_log_odds(text[:_LOOKED_AT]) < 0 else "pl"


def detect_languages(texts: Sequence[str]) -> list[str]:
    """The same for many short texts at once, at a fifth of the time."""
    found = words_of([text[:_LOOKED_AT] for text in texts])
    log_odds, known = _log_odds_of_each(found.distinct)
    text_of = np.arange(len(texts)).repeat(found.counts)
    sums = np.bincount(text_of, log_odds[found.numbers], len(texts))
    languages = ["en" if negative else "pl" for negative in (sums < 0).tolist()]
    for text in np.unique(text_of[~known[found.numbers]]).tolist():
        languages[text] = detect_language(texts[text])
    return languages


def _log_odds_of_each(words: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What each lower-case word says, float64 of shape (n_words,), and which are of letters that are known here."""
    folded = fold_all(words)
    known = [bare.isascii() and bare.isalpha() for bare in folded]
    of_letters = [bare if plain else "" for bare, plain in zip(folded, known, strict=True)]
    points = np.frombuffer(f" {' '.join(of_letters)} ".encode("ascii"), np.uint8)
    letters = np.where(points == ord(" "), 0, points.astype(np.intp) - _LETTER_A + 1)
    grams = (letters[:-2] * _N_LETTERS + letters[1:-1]) * _N_LETTERS + letters[2:]
    within = letters[1:-1] > 0
    by_trigrams = np.bincount(_word_at(letters == 0)[1:-1][within], _log_odds_table()[grams[within]], len(words))
    marked = np.frombuffer(" ".join(["", *words]).encode("utf-32-le"), np.uint32)
    is_polish = np.isin(marked, [*map(ord, _POLISH_LETTERS)])
    polish_letters = np.bincount(_word_at(marked == ord(" "))[is_polish], minlength=len(words))
    function_words = np.array([(word in POLISH_ONLY) - (word in ENGLISH_ONLY) for word in words], np.intp)
    log_odds: NDArray[np.float64] = (
        by_trigrams + _POLISH_LETTER_LOG_ODDS * polish_letters + _FUNCTION_WORD_LOG_ODDS * function_words
    )
    return log_odds, np.array(known, bool)


def _word_at(spaces: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For each character the number of its word; a space is before each word."""
    return np.cumsum(spaces) - 1


@functools.lru_cache(maxsize=1)
def _log_odds_table() -> NDArray[np.float64]:
    """Log odds by the number of a trigram."""
    table = np.zeros(_N_LETTERS**3)
    for gram, log_odds in _log_odds().items():
        first, second, third = (0 if char == " " else ord(char) - _LETTER_A + 1 for char in gram)
        table[(first * _N_LETTERS + second) * _N_LETTERS + third] = log_odds
    return table
