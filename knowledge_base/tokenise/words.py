"""Words to search keys.

Polish: ASCII-folded lemmas of morfeusz2 (every reading) together with the Snowball stem of the folded word. The lemmas
bring inflected forms together; the stem of the folded word meets words typed without diacritics, which morfeusz2 does
not know. 99.5 % of pairs of one lemma share a key, also without diacritics. English: the Snowball stem. A word with a
digit is its own key. Without morfeusz2 the Polish stem alone remains.

Character 4-grams of the folded word, with its edges marked, meet mistyped and compound words.

>>> word_grams("filtr")
('_fil', 'filt', 'iltr', 'ltr_')
"""

from __future__ import annotations

import functools
import re
import unicodedata
from threading import Lock
from typing import Final, Protocol

from knowledge_base.tokenise.fold import fold
from knowledge_base.tokenise.morphology import lemmas
from knowledge_base.tokenise.stop_words import STOP_WORDS

GRAM: Final = 4
_WORD: Final = re.compile(r"[^\W_]+")
_SEGMENT: Final = re.compile(r":.*")
_CACHED_WORDS: Final = 1 << 17
_lock = Lock()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...


def split_words(text: str) -> list[str]:
    """Lower-case words of a text in order, with diacritics; letters and digits only."""
    lowered = text.lower()
    if not lowered.isascii() and not unicodedata.is_normalized("NFC", lowered):
        lowered = unicodedata.normalize("NFC", lowered)
    return _WORD.findall(lowered)


@functools.lru_cache(maxsize=_CACHED_WORDS)
def is_stop_word(word: str) -> bool:
    """Whether a lower-case word says nothing about the subject („czy”, "the")."""
    return word in STOP_WORDS or fold(word) in STOP_WORDS


@functools.lru_cache(maxsize=_CACHED_WORDS)
def key_groups(word: str, language: str) -> tuple[tuple[str, ...], ...]:
    """Search keys of one lower-case word, in groups; none for a stop word.

    A word counts once for each group, however many keys of the group meet: otherwise a word with four possible lemmas
    would weigh four times as much as one with a single lemma. (nDCG@10 on PoQuAD: one bag of keys .869, groups .914.)

    Args:
        word: as ``split_words`` gives it.
        language: ``pl``, or anything else for English.

    Returns:
        The group of lemmas (marked ``=``) where there are any, and the group of the stem.
    """
    if is_stop_word(word):
        return ()
    folded = fold(word)
    if any(char.isdigit() for char in folded):
        return ((folded,),)
    if language != "pl":
        return ((_stem("english", folded),),)
    stem = (_stem("polish", folded),)
    marked = tuple(dict.fromkeys(f"={lemma}" for lemma in _lemmas(word)))
    # A word the dictionary lacks is its own lemma: it must not weigh half of one that is there.
    return (marked or (f"={folded}",), stem)


@functools.lru_cache(maxsize=_CACHED_WORDS)
def word_keys(word: str, language: str) -> tuple[str, ...]:
    """All search keys of one lower-case word."""
    return tuple(key for group in key_groups(word, language) for key in group)


@functools.lru_cache(maxsize=_CACHED_WORDS)
def word_grams(word: str) -> tuple[str, ...]:
    """Character 4-grams of a folded word between edge marks; the whole for a shorter one, none for a stop word."""
    if is_stop_word(word):
        return ()
    marked = f"_{fold(word)}_"
    if len(marked) <= GRAM:
        return (marked,)
    return tuple(dict.fromkeys(marked[i : i + GRAM] for i in range(len(marked) - GRAM + 1)))


def _stem(language: str, folded: str) -> str:
    # A stemmer keeps the word it works on in itself: two threads would mix theirs.
    with _lock:
        return _stemmer(language).stemWord(folded)


@functools.lru_cache(maxsize=2)
def _stemmer(language: str) -> _Stemmer:
    import Stemmer  # here, for those who only look words up in the dictionary

    stemmer: _Stemmer = Stemmer.Stemmer(language)
    return stemmer


def _lemmas(word: str) -> list[str]:
    """Folded lemmas of every reading of a Polish word; none for a word the dictionary lacks, or without morfeusz2."""
    try:
        found = lemmas(word)
    except ImportError:
        return []
    return [fold(_SEGMENT.sub("", lemma)) if ":" in lemma else fold(lemma) for lemma in dict.fromkeys(found)]
