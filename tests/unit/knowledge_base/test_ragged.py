"""Rows found by their hashes, against a dictionary of lists."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.tokenise import HashedRows, Ragged

HASHES = st.integers(0, 2**64 - 1)
ROWS = st.dictionaries(HASHES, st.lists(st.integers(0, 200), max_size=4), max_size=8)


def ragged(rows: list[list[int]]) -> Ragged[np.intp]:
    return Ragged(np.array([*chain.from_iterable(rows)], np.intp), np.array([*map(len, rows)], np.intp))


def hashed(rows: dict[int, list[int]]) -> HashedRows[np.intp]:
    return HashedRows.of(np.array([*rows], np.uint64), ragged([*rows.values()]))


def read(rows: HashedRows[np.intp], wanted: list[int]) -> list[list[int] | None]:
    places = rows.places(np.array(wanted, np.uint64))
    found = rows.take(places[places >= 0])
    parts = iter(np.split(found.values, found.ends)[:-1])
    return [next(parts).tolist() if there else None for there in (places >= 0).tolist()]


@given(ROWS, ROWS, st.lists(HASHES))
def test_rows_are_found_by_their_hashes_also_those_that_came_later(
    first: dict[int, list[int]], later: dict[int, list[int]], others: list[int]
) -> None:
    new = {key: row for key, row in later.items() if key not in first}
    both = first | new
    wanted = [*both, *others, *first]
    assert read(hashed(first).joined(hashed(new)), wanted) == [both.get(key) for key in wanted]


def test_rows_of_a_file_are_those_written_and_none_where_it_was_made_with_something_else(tmp_path: Path) -> None:
    rows = {2**63 + 5: [7, 8, 9], 3: [], 11: [2**16 - 1]}
    path = tmp_path / "rows.npz"
    hashed(rows).joined(hashed({4: [1, 1]})).write(path, "dictionary 2", np.uint16)
    wanted = [3, 4, 11, 2**63 + 5, 12]
    assert read(HashedRows.read(path, "dictionary 2", np.intp), wanted) == [[], [1, 1], [2**16 - 1], [7, 8, 9], None]
    assert read(HashedRows.read(path, "dictionary 1", np.intp), wanted) == [None] * 5
