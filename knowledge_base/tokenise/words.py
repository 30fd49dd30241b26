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
from collections.abc import Mapping, Sequence
from itertools import accumulate, compress
from threading import Lock
from typing import Final, Protocol

from knowledge_base.tokenise.fold import fold, fold_all
from knowledge_base.tokenise.lemmas import lemmas_of
from knowledge_base.tokenise.stop_words import STOP_WORDS

GRAM: Final = 4
_WORD: Final = re.compile(r"[^\W_]+")
_HOMONYM: Final = re.compile(r":.*")
_CACHED_WORDS: Final = 1 << 17
# The dictionary looks so many words up in some 10 ms, in which other threads run.
_WORDS_AT_ONCE: Final = 2048
_lock = Lock()


class _Stemmer(Protocol):
    def stemWords(self, words: Sequence[str]) -> list[str]: ...


def split_words(text: str) -> list[str]:
    """Lower-case words of a text in order, with diacritics; letters and digits only."""
    return _WORD.findall(lowered(text))


def lowered(text: str) -> str:
    """A text in lower case, each letter with its marks as one character."""
    lower = text.lower()
    if not lower.isascii() and not unicodedata.is_normalized("NFC", lower):
        lower = unicodedata.normalize("NFC", lower)
    return lower


@functools.lru_cache(maxsize=_CACHED_WORDS)
def is_stop_word(word: str) -> bool:
    """Whether a lower-case word says nothing about the subject („czy”, "the")."""
    return word in STOP_WORDS or (not word.isascii() and fold(word) in STOP_WORDS)


#: Search keys of a word in groups.
KeyGroups = tuple[tuple[str, ...], ...]


def key_groups(word: str, language: str) -> KeyGroups:
    """Search keys of one lower-case word, in groups; none for a stop word.

    A word counts once for each group, however many keys of the group meet: otherwise a word with four possible lemmas
    would weigh four times as much as one with a single lemma. (nDCG@10 on PoQuAD: one bag of keys .869, groups .914.)

    Args:
        word: as ``split_words`` gives it.
        language: ``pl``, or anything else for English.

    Returns:
        The group of lemmas (marked ``=``) where there are any, and the group of the stem.
    """
    return _known_groups(language == "pl")[word]


def all_key_groups(words: Sequence[str], language: str) -> list[KeyGroups]:
    """Search keys of many words, as ``key_groups`` has them, at a third of the time."""
    known = _known_groups(language == "pl")
    new = [word for word in words if word not in known]
    if not new:
        return [known[word] for word in words]
    found: dict[str, KeyGroups] = {}
    for some in (new[first : first + _WORDS_AT_ONCE] for first in range(0, len(new), _WORDS_AT_ONCE)):
        found.update(zip(some, known.compute(some), strict=True))
    if len(found) == len(words):
        groups = [*found.values()]
    else:
        groups = [found[word] if word in found else known[word] for word in words]
    known.keep(found)
    return groups


def is_plain(word: str, folded: str) -> bool:
    """Whether a lower-case word is of letters, and no stop word."""
    return folded.isalpha() and word not in STOP_WORDS and folded not in STOP_WORDS


class _KnownGroups(dict[str, KeyGroups]):
    """Search keys of the words of one language that were asked for, at most ``_CACHED_WORDS`` of them."""

    def __init__(self, polish: bool) -> None:
        super().__init__()
        self._compute = _polish_groups if polish else _english_groups

    def __missing__(self, word: str) -> KeyGroups:
        [groups] = self.compute([word])
        self.keep({word: groups})
        return groups

    def compute(self, words: Sequence[str]) -> list[KeyGroups]:
        """Search keys of words that are not known."""
        folded = fold_all(words) if words else []
        plain = [is_plain(word, bare) for word, bare in zip(words, folded, strict=True)]
        found = iter(self._compute([*compress(words, plain)], [*compress(folded, plain)]))
        return [
            next(found) if of_letters else self._of_another(word, bare)
            for word, bare, of_letters in zip(words, folded, plain, strict=True)
        ]

    def _of_another(self, word: str, folded: str) -> KeyGroups:
        """Keys of a stop word, and of one not of letters alone: a word with a digit is its own key."""
        if is_stop_word(word):
            return ()
        if any(char.isdigit() for char in folded):
            return ((folded,),)
        [groups] = self._compute([word], [folded])
        return groups

    def keep(self, found: Mapping[str, KeyGroups]) -> None:
        """Remember keys; of more than may be remembered the latest."""
        if len(self) + len(found) > _CACHED_WORDS:
            self.clear()
        if len(found) <= _CACHED_WORDS:
            self.update(found)


def _polish_groups(words: Sequence[str], folded: Sequence[str]) -> list[KeyGroups]:
    return [(tuple(keys[:-1]), (keys[-1],)) for keys in polish_keys(words, folded)]


def polish_keys(words: Sequence[str], folded: Sequence[str]) -> list[list[str]]:
    """For each word its lemmas and, last, its stem."""
    lemmas, sizes = _lemmas_of(words)
    keys: list[list[str]] = []
    for end, size, bare, stem in zip(accumulate(sizes), sizes, folded, stems("polish", folded), strict=True):
        # A word the dictionary lacks is its own lemma: it must not weigh half of one that is there.
        of_word = [*dict.fromkeys(lemmas[end - size : end])] if size else [f"={bare}"]
        of_word.append(stem)
        keys.append(of_word)
    return keys


def _english_groups(_words: Sequence[str], folded: Sequence[str]) -> list[KeyGroups]:
    return [((stem,),) for stem in stems("english", folded)]


@functools.lru_cache(maxsize=2)
def _known_groups(polish: bool) -> _KnownGroups:
    return _KnownGroups(polish)


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


def stems(language: str, folded: Sequence[str]) -> list[str]:
    """Stems of folded words by the rules of ``polish`` or ``english``."""
    # A stemmer keeps the word it works on in itself: two threads would mix theirs.
    with _lock:
        return _stemmer(language).stemWords(folded)


@functools.lru_cache(maxsize=2)
def _stemmer(language: str) -> _Stemmer:
    import Stemmer  # here, for those who only look words up in the dictionary

    # Its own memory of stems takes longer than stemming again.
    stemmer: _Stemmer = Stemmer.Stemmer(language, 0)
    return stemmer


def _lemmas_of(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Folded and marked lemmas of the readings of Polish words behind one another, and how many each word has.

    None for a word the dictionary lacks, or without morfeusz2.
    """
    try:
        found = lemmas_of(words)
    except ImportError:
        return [], [0] * len(words)
    distinct = [*dict.fromkeys(found.lemmas)]
    marked = fold_all(_HOMONYM.sub("", "=" + "\n=".join(distinct)).split("\n")) if distinct else []
    return [*map(dict(zip(distinct, marked, strict=True)).__getitem__, found.lemmas)], found.counts
