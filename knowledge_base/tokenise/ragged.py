"""Rows of different lengths in arrays, and such rows found by a hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Ragged(Generic[Number]):
    """Rows of numbers.

    Attributes:
        values: of the first row, then of the second …, of shape (n_values,).
        counts: how many each row has, intp of shape (n_rows,).
    """

    values: NDArray[Number]
    counts: NDArray[np.intp]

    @classmethod
    def join(cls, parts: Sequence[Ragged[Number]]) -> Ragged[Number]:
        """The rows of all parts; at least one part."""
        return cls(np.concatenate([part.values for part in parts]), np.concatenate([part.counts for part in parts]))

    @property
    def ends(self) -> NDArray[np.intp]:
        """Where each row ends: intp of shape (n_rows,)."""
        return self.counts.cumsum()


@dataclass(frozen=True, slots=True)
class HashedRows(Generic[Number]):
    """Rows, each found by a hash.

    Attributes:
        hashes: different ones, uint64 of shape (n_rows,), ascending.
        firsts: where the row of each begins, intp of shape (n_rows,).
        counts: how many numbers it has, intp of shape (n_rows,).
        values: of all rows, in any order of the rows.
    """

    hashes: NDArray[np.uint64]
    firsts: NDArray[np.intp]
    counts: NDArray[np.intp]
    values: NDArray[Number]

    @classmethod
    def of(cls, hashes: NDArray[np.uint64], rows: Ragged[Number]) -> HashedRows[Number]:
        """Rows of different hashes in any order."""
        if (hashes[1:] > hashes[:-1]).all():  # as files have them
            return cls(hashes, rows.ends - rows.counts, rows.counts, rows.values)
        order = np.argsort(hashes)
        return cls(hashes[order], (rows.ends - rows.counts)[order], rows.counts[order], rows.values)

    @classmethod
    def read(cls, path: Path, made_with: str, dtype: type[Number]) -> HashedRows[Number]:
        """Rows of a file; none where it was made with something else."""
        with np.load(path, allow_pickle=False) as arrays:
            if str(arrays["made_with"]) != made_with:
                return cls.of(np.zeros(0, np.uint64), Ragged(np.zeros(0, dtype), np.zeros(0, np.intp)))
            rows = Ragged(arrays["values"].astype(dtype), arrays["counts"].astype(np.intp))
            return cls.of(arrays["hashes"], rows)

    def write(self, path: Path, made_with: str, dtype: type[np.generic], **others: NDArray[np.generic]) -> None:
        """Write the rows in a dtype that holds their numbers; each has fewer than 256.

        Args:
            made_with: names what the rows were made with.
            others: arrays that stand beside them.
        """
        rows = self.take(np.arange(len(self)))
        arrays: dict[str, NDArray[Any]] = {
            "hashes": self.hashes,
            "counts": rows.counts.astype(np.uint8),
            "values": rows.values.astype(dtype),
            "made_with": np.array(made_with),
        }
        np.savez(path, allow_pickle=False, **arrays, **others)

    def __len__(self) -> int:
        return len(self.hashes)

    def places(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Which rows some hashes have, intp of shape (n_hashes,); -1 for one that has none."""
        if not len(self):
            return np.full(len(hashes), -1)
        at = np.minimum(self.hashes.searchsorted(hashes), len(self) - 1)
        at[self.hashes.take(at) != hashes] = -1
        return at

    def take(self, places: NDArray[np.intp]) -> Ragged[Number]:
        """Some of the rows."""
        counts = self.counts[places]
        return Ragged(self.values[ranges(self.firsts[places], counts)], counts)

    def row(self, place: int) -> list[int]:
        """The numbers of one of the rows."""
        first = int(self.firsts[place])
        numbers: list[int] = self.values[first : first + int(self.counts[place])].tolist()
        return numbers

    def joined(self, other: HashedRows[Number]) -> HashedRows[Number]:
        """These rows and others, whose hashes are not among these."""
        at = self.hashes.searchsorted(other.hashes)
        return HashedRows(
            np.insert(self.hashes, at, other.hashes),
            np.insert(self.firsts, at, other.firsts + len(self.values)),
            np.insert(self.counts, at, other.counts),
            np.concatenate([self.values, other.values]),
        )


def ranges(firsts: NDArray[np.intp], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Whole numbers from each first on, as many as its count says, behind one another."""
    numbers: NDArray[np.intp] = (firsts - counts.cumsum() + counts).repeat(counts)
    numbers += np.arange(len(numbers))
    return numbers
