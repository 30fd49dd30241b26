"""Runs of characters in arrays: which of them are alike, without a string for each.

A run is told from others by a 64-bit polynomial of its characters, as terms are by their ids.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels

#: No character's.
NO_KIND: Final = 255
# Odd; the one of Steele and Vigna 2021 that term ids use.
_FACTOR: Final = 0xD1342543DE82EF95
#: Its inverse modulo 2**64: what each character of a run counts for, of what the one before does.
INVERSE: Final = pow(_FACTOR, -1, 1 << 64)
_STEP: Final = 1024
# Odd; its products' upper bits name slots. From Fibonacci hashing: 2**64 by the golden ratio.
_SPREAD: Final = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of characters.

    Attributes:
        begins: of the runs, intp of shape (n_runs,).
        ends: behind the runs, of the same shape.
        numbers: which of the different ones each is, of the same shape.
        firsts: a run that is each of the different ones, intp of shape (n_different,).
        hashes: of the different ones, uint64 of shape (n_different,).
    """

    begins: NDArray[np.intp]
    ends: NDArray[np.intp]
    numbers: NDArray[np.intp]
    firsts: NDArray[np.intp]
    hashes: NDArray[np.uint64]


def cut_runs(kinds: NDArray[np.uint8], values: NDArray[np.uint32], single: int = NO_KIND) -> Runs:
    """Runs of characters of one kind, and which are alike.

    Args:
        kinds: of all characters, uint8 of shape (n_characters,); 0 is what lies between runs.
        values: what tells characters apart, uint32 of the same shape, none 0.
        single: of this kind each character is a run.
    """
    is_edge = (kinds[1:] != kinds[:-1]) | (kinds[1:] == single)
    if kernels.COMPILED:
        n_runs = int(np.count_nonzero(is_edge & (kinds[1:] != 0)) + np.count_nonzero(kinds[:1]))
        begins, ends, numbers, firsts = np.zeros((4, n_runs), np.intp)
        hashes = np.zeros(n_runs, np.uint64)
        kernels.cut(kinds, values, single, INVERSE, begins, ends, hashes, numbers, firsts)
        firsts = firsts[: int(numbers.max(initial=-1)) + 1]
        return Runs(begins, ends, numbers, firsts, hashes[firsts])
    edges = np.flatnonzero(is_edge) + 1
    begins, ends = np.concatenate([[0], edges])[: len(kinds)], np.concatenate([edges, [len(kinds)]])[: len(kinds)]
    within = kinds[begins] != 0
    begins, ends = begins[within], ends[within]
    hashes = run_hashes(values.astype(np.uint64), begins, ends)
    firsts, numbers = alike(hashes)
    return Runs(begins, ends, numbers, firsts, hashes[firsts])


def run_hashes(values: NDArray[np.uint64], begins: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.uint64]:
    """A polynomial of the values in each run, modulo 2**64: sums up to its end less those up to its beginning.

    Args:
        values: of all characters, uint64 of shape (n_characters,), none 0.
        begins: of the runs, shape (n_runs,).
        ends: behind the runs, shape (n_runs,).
    """
    sums = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values * _powers(INVERSE, len(values)), out=sums[1:])
    hashes: NDArray[np.uint64] = (sums[ends] - sums[begins]) * _powers(_FACTOR, len(values))[begins]
    return hashes


def _powers(factor: int, count: int) -> NDArray[np.uint64]:
    """The first powers of a factor, by products of two, as a running product waits for each one before."""
    low, high = _first_powers(factor), _first_powers(pow(factor, _STEP, 1 << 64))
    if count > len(low) * len(high):
        high = _running_powers(int(high[1]), count // _STEP + 1)
    powers: NDArray[np.uint64] = (high[: count // _STEP + 1, None] * low).ravel()[:count]
    return powers


@functools.lru_cache(maxsize=8)
def _first_powers(factor: int) -> NDArray[np.uint64]:
    return _running_powers(factor, _STEP)


def _running_powers(factor: int, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, factor, np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


def alike(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """One place of each different hash, and for each place the number of its hash among these.

    Without sorting: of the places that fall into one slot of a table the last stays, and those that are not like it
    try other slots.

    Returns:
        Places, intp of shape (n_different,), ascending, and numbers, intp of shape (n_hashes,).
    """
    like = np.empty(len(hashes), np.intp)
    places, spread = np.arange(len(hashes)), _SPREAD
    bits = len(hashes).bit_length() + 2
    slots = np.empty(1 << bits, np.int32)
    while len(places):
        own = hashes[places]
        slot = own * np.uint64(spread) >> np.uint64(64 - bits)
        slots[slot] = places
        stayed = slots[slot]
        found = hashes[stayed] == own
        like[places[found]] = stayed[found]
        places, spread = places[~found], spread * spread % (1 << 64)
    first = np.flatnonzero(like == np.arange(len(like)))
    numbers = np.empty(len(like), np.intp)
    numbers[first] = np.arange(len(first))
    return first, numbers[like]
