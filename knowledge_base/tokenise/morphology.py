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
from typing import Protocol, cast

_lock = Lock()


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

    def getTag(self, analyser: _Analyser) -> str: ...
    def getName(self, analyser: _Analyser) -> Sequence[str]: ...
    def getLabels(self, analyser: _Analyser) -> Sequence[str]: ...


class _Interpretations(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, number: int) -> _Interpretation: ...


class _Analyser(Protocol):
    def analyse(self, text: str) -> _Interpretations: ...
    def generate(self, lemma: str, tag_id: int | None) -> _Interpretations: ...


def analyse(word: str) -> tuple[Reading, ...]:
    """Every reading of every segment of a word."""
    with _lock:
        return _read(_analyser().analyse(word))


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
