"""Lemmas of Polish words, many at a time, through the C interface of Morfeusz 2 (``morfeusz2_c.h``).

The library comes with the Python package morfeusz2, whose own classes take longer to hand a reading over than the
dictionary takes to find it. Here the readings of many words are read as one array. The dictionary is the same one,
mapped from the same file; without the package's classes a process is 10 MB smaller, and other threads run meanwhile.
The interface keeps one result for all: a lock guards it.
"""

from __future__ import annotations

import ctypes
import functools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

_lock = Lock()
#: ``InterpMorf``: from which node to which, then addresses of the form, its lemma and its tag.
_READING: Final = np.dtype(
    [("start", np.intc), ("end", np.intc), ("form", np.uintp), ("lemma", np.uintp), ("tag", np.uintp)], align=True
)
# The readings of so few words, of a query, take less time one by one than as an array.
_FEW: Final = 16
#: Tags of what is no word: unknown, an ending, a punctuation mark.
_NO_LEMMA: Final = (b"ign", b"aglt", b"interp")


class _Reading(ctypes.Structure):
    """The same, read alone."""

    _fields_ = (
        ("start", ctypes.c_int),
        ("end", ctypes.c_int),
        ("form", ctypes.c_char_p),
        ("lemma", ctypes.c_char_p),
        ("tag", ctypes.c_char_p),
    )


_Readings = ctypes.POINTER(_Reading)


@dataclass(frozen=True, slots=True)
class WordLemmas:
    """Lemmas of some words.

    Attributes:
        lemmas: of the first word's readings in order, then of the second's …; homonyms marked as in „kot:Sm2”.
        counts: how many each word has; 0 for a word the dictionary lacks.
    """

    lemmas: list[str]
    counts: list[int]


def lemmas_of(words: Sequence[str]) -> WordLemmas:
    """Lemmas of each word's readings.

    A word that comes in segments („zalogowała” and „m”) has the lemmas of all but bare endings.

    Args:
        words: not empty, without white space.

    Raises:
        ImportError: morfeusz2 is not installed.
    """
    if len(words) <= _FEW:
        return _lemmas_of_few(words)
    encoded = " ".join(words).encode()
    with _lock:
        readings = _readings(_library().morfeusz_analyse(encoded), len(words))
        tags, tag_of = np.unique(readings["tag"], return_inverse=True)
        told = np.array([not tag.startswith(_NO_LEMMA) for tag in _texts(tags)])[tag_of]
        lemmas = _texts(readings["lemma"][told])
        word_at = _words_at(readings, encoded, len(words))
    counts = np.bincount(word_at[readings["start"][told]], minlength=len(words))
    return WordLemmas(b" ".join(lemmas).decode().split(" ") if lemmas else [], counts.tolist())


def _lemmas_of_few(words: Sequence[str]) -> WordLemmas:
    encoded = [word.encode() for word in words]
    ends = [*accumulate(map(len, encoded))]
    lemmas, counts = [], [0] * len(words)
    places = {0: 0}  # bytes of the words before each node
    with _lock:
        readings = ctypes.cast(_library().morfeusz_analyse(b" ".join(encoded)), _Readings)
        number = 0
        while (start := (reading := readings[number]).start) >= 0:  # what stands behind the end is not ours
            place = places[start]
            places[reading.end] = place + len(reading.form)
            if not reading.tag.startswith(_NO_LEMMA):
                lemmas.append(reading.lemma)
                counts[bisect_right(ends, place)] += 1
            number += 1
    return WordLemmas(b" ".join(lemmas).decode().split(" ") if lemmas else [], counts)


def _readings(address: int, n_words: int) -> NDArray[np.void]:
    """Readings from an address on: at least one for each word, in order, and behind the last one that starts at -1."""
    found, sure = b"", n_words + 1
    while True:
        block = ctypes.string_at(address + len(found), sure * _READING.itemsize)
        found += block
        starts = np.frombuffer(block, _READING)["start"]
        if (starts < 0).any():
            readings = np.frombuffer(found, _READING)
            return readings[: int(np.argmax(readings["start"] < 0))]  # what stands behind the end is not ours
        # No more words than nodes have begun; each of the others has a reading yet, and then comes the end.
        sure = max(n_words - int(starts.max()) - 1, 0) + 1


def _texts(addresses: NDArray[np.uintp]) -> list[bytes]:
    """Texts at some addresses, each up to a zero."""
    pointers = (ctypes.c_char_p * len(addresses)).from_buffer_copy(addresses.tobytes())
    return cast("list[bytes]", pointers[:])


def _words_at(readings: NDArray[np.void], encoded: bytes, n_words: int) -> NDArray[np.int64]:
    """For each node the number of the word, of those with spaces between, that a reading from there on belongs to."""
    n_nodes = int(readings["end"][-1])
    if n_nodes == n_words:
        return np.arange(n_nodes)  # each word is one segment, and one step from node to node
    places = [0] * (n_nodes + 1)  # bytes of the words before each node
    nodes, steps = np.unique(readings["end"], return_index=True)  # one step to each node tells where it is
    starts, forms = readings["start"][steps].tolist(), _texts(readings["form"][steps])
    for end, start, form in zip(nodes.tolist(), starts, forms, strict=True):
        places[end] = places[start] + len(form)
    spaces = np.flatnonzero(np.frombuffer(encoded + b" ", np.uint8) == ord(" "))
    ends = spaces - np.arange(n_words)  # bytes of the words up to each one's end
    return np.searchsorted(ends, places[:-1], side="right")


@functools.lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    """The library, loaded on first use (0.1 s, 29 MB)."""
    package = find_spec("morfeusz2")
    folder = Path(package.origin).parent if package and package.origin else None
    path = next(folder.glob("*morfeusz2.[ds][oyl]*"), None) if folder else None  # .so, .dylib or .dll
    if path is None:
        raise ImportError("Install morfeusz2: without its library Polish words have no lemmas.")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(f"{path.name} of morfeusz2 cannot be loaded: install the package again.") from error
    library.morfeusz_analyse.restype = ctypes.c_void_p
    library.morfeusz_analyse.argtypes = [ctypes.c_char_p]
    return library
