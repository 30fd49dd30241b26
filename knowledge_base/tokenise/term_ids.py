"""64-bit ids of terms: the same on every machine, and without a table of strings to load.

An id is a polynomial of the term's code points modulo 2 ** 64, so those of many terms are computed in arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels

# Odd, so that terms of one length that differ in one place never share an id. From Steele and Vigna 2021,
# "Computationally easy, spectrally good multipliers for congruential pseudorandom number generators".
FACTOR: Final = 0xD1342543DE82EF95


def term_ids(terms: Sequence[str]) -> NDArray[np.uint64]:
    """Ids of many terms: uint64 of shape (n_terms,)."""
    if kernels.COMPILED:
        flat, lengths = flat_points(terms)
        ids = np.empty(len(terms), np.uint64)
        kernels.hash_terms(flat, lengths, ids, FACTOR)
        return ids
    points, lengths = code_points(terms)
    ends = lengths.cumsum()
    powers = _powers(int(lengths.max(initial=0)))
    points *= powers.take(ends.repeat(lengths) - np.arange(1, len(points) + 1))
    sums = np.zeros(len(points) + 1, np.uint64)
    points.cumsum(out=sums[1:])
    ids = sums.take(ends) - sums.take(ends - lengths) + powers.take(lengths)
    return ids


@functools.lru_cache(maxsize=1 << 6)
def _powers(highest: int) -> NDArray[np.uint64]:
    """Powers of the factor from 0 to the highest, modulo 2 ** 64."""
    factors = np.full(highest + 1, FACTOR, np.uint64)
    factors[0] = 1
    return factors.cumprod()


def extended(ids: NDArray[np.uint64], codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Ids of terms that are longer by one code point each."""
    return ids * np.uint64(FACTOR) + codes


def code_points(terms: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Code points of terms behind one another, and how many each has."""
    flat, lengths = flat_points(terms)
    return np.frombuffer(flat, np.uint32).astype(np.uint64), lengths


def flat_points(terms: Sequence[str]) -> tuple[bytes, NDArray[np.int64]]:
    """The same with the code points in 32 bits each, as compiled functions take them."""
    return "".join(terms).encode("utf-32-le", "surrogatepass"), np.array([*map(len, terms)], np.int64)
