"""The inflectional dictionary of Polish (SGJP, through morfeusz2), read safely beside faiss.

morfeusz2 and faiss are both SWIG modules and share the type of their iterators: once faiss is imported, *iterating*
over morfeusz2's results runs faiss's code on morfeusz2's object and ends the process with a segmentation fault. So
results are read by index here. The analyser is not thread-safe: a lock guards it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol, cast

_lock = Lock()
_WORDS_AT_ONCE: Final = 64
#: Whether a tag, by its number, is one of words: neither unknown nor an ending nor a punctuation mark.
_TAGS_WITH_LEMMAS: Final[dict[int, bool]] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a form.

    Attributes:
        tag: morphosyntactic tag, e.g. ``subst:sg:nom:f``; ``ign`` for a form the dictionary lacks.
        names: what kind of name it is, e.g. ``nazwisko``; labels: style and other labels, e.g. ``imię``.
    """

    form: str
    lemma: str
    tag: str
    names: tuple[str, ...]
    labels: tuple[str, ...]


class _Interpretation(Protocol):
    orth: str
    lemma: str
    tagId: int
    startNode: int
    endNode: int

    def getTag(self, analyser: _Analyser) -> str: ...
    def getName(self, analyser: _Analyser) -> Sequence[str]: ...
    def getLabels(self, analyser: _Analyser) -> Sequence[str]: ...


class _Interpretations(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, number: int) -> _Interpretation: ...
    def back(self) -> _Interpretation: ...
    def pop_back(self) -> None: ...


class _Analyser(Protocol):
    def analyse(self, text: str) -> _Interpretations: ...
    def generate(self, lemma: str, tag_id: int | None) -> _Interpretations: ...


def analyse(word: str) -> tuple[Reading, ...]:
    """Every reading of every segment of a word."""
    with _lock:
        return _read(_analyser().analyse(word))


def lemmas_of(words: Sequence[str]) -> list[list[str]]:
    """Lemmas of each word's readings, in order; none for a word the dictionary lacks.

    A word that comes in segments („zalogowała” and „m”) has the lemmas of all but bare endings.

    Args:
        words: without white space.
    """
    found: list[list[str]] = []
    for first in range(0, len(words), _WORDS_AT_ONCE):
        with _lock:
            found += _lemmas_of(words[first : first + _WORDS_AT_ONCE])
    return found


def _lemmas_of(words: Sequence[str]) -> list[list[str]]:
    """The same of so few words that they are analysed as one text; those in segments are found by halving."""
    analyser = _analyser()
    found = analyser.analyse(" ".join(words))
    # Each reading leads from node to node, and each word that is one segment is one step.
    if len(words) > 1 and found.back().endNode != len(words):
        half = len(words) // 2
        return _lemmas_of(words[:half]) + _lemmas_of(words[half:])
    lemmas: list[list[str]] = [[] for _ in words]
    for _ in range(len(found)):
        reading = found.back()  # from behind, as an item at any other place takes twice the time
        if _has_lemma(reading, analyser):
            lemmas[reading.startNode if len(words) > 1 else 0].append(reading.lemma)
        found.pop_back()
    for of_word in lemmas:
        of_word.reverse()
    return lemmas


def _has_lemma(reading: _Interpretation, analyser: _Analyser) -> bool:
    known = _TAGS_WITH_LEMMAS.get(reading.tagId)
    if known is None:
        known = not reading.getTag(analyser).startswith(("ign", "aglt", "interp"))
        _TAGS_WITH_LEMMAS[reading.tagId] = known
    return known


def generate(lemma: str) -> tuple[Reading, ...]:
    """Every inflected form of a lemma."""
    with _lock:
        return _read(_analyser().generate(lemma, None))


def _read(found: _Interpretations) -> tuple[Reading, ...]:
    analyser = _analyser()
    return tuple(_reading(found[number], analyser) for number in range(len(found)))


def _reading(found: _Interpretation, analyser: _Analyser) -> Reading:
    names, labels = tuple(found.getName(analyser)), tuple(found.getLabels(analyser))
    return Reading(found.orth, found.lemma, found.getTag(analyser), names, labels)


@functools.lru_cache(maxsize=1)
def _analyser() -> _Analyser:
    """The engine, loaded on first use (0.15 s, 36 MiB)."""
    import morfeusz2

    return cast(_Analyser, morfeusz2.Morfeusz()._morfeusz_obj)
