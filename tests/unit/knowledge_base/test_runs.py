"""Runs of characters that are alike, against a dictionary of strings."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.tokenise import alike, run_hashes
from knowledge_base.tokenise import runs as runs_module

LINES = st.lists(st.text("ab\u0105\U0001f600", min_size=1, max_size=9), max_size=30)


def hashes_of(lines: list[str]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    values = np.array([ord(char) for char in "\n".join(lines)], np.uint64)
    ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.intp) - 1
    begins = ends - np.array([len(line) for line in lines], np.intp)
    return run_hashes(values, begins, ends)


@given(LINES)
def test_runs_are_alike_exactly_where_their_characters_are(lines: list[str]) -> None:
    first, numbers = alike(hashes_of(lines))
    assert [lines[first[number]] for number in numbers] == lines
    assert len(first) == len(set(lines))
    assert first.tolist() == sorted(first.tolist())


def test_a_hash_is_the_polynomial_worked_out_by_hand() -> None:
    inverse = pow(0xD1342543DE82EF95, -1, 1 << 64)
    assert hashes_of(["a", "ba"]).tolist() == [97, (98 + 97 * inverse) % (1 << 64)]


def test_many_characters_have_the_same_hashes_as_few() -> None:
    few = hashes_of(["pralka"])
    many = hashes_of([*["x" * 4095] * 600, "pralka"])  # more than there are remembered powers for
    assert many[-1] == few[0]
    assert len(set(many.tolist())) == 2


def test_many_different_hashes_are_told_apart() -> None:
    hashes = np.random.default_rng(3).integers(0, 1 << 62, 50_000).astype(np.uint64).repeat(3)
    first, numbers = alike(hashes)
    assert len(first) == 50_000
    assert np.array_equal(hashes[first][numbers], hashes)
    assert runs_module.alike(np.zeros(0, np.uint64))[0].tolist() == []
