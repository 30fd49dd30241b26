"""Runs of characters that are alike, against a dictionary of strings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge_base import kernels
from knowledge_base.tokenise import cut_runs
from knowledge_base.tokenise import runs as runs_module
from knowledge_base.tokenise.runs import alike, run_hashes

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


CHARACTERS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([1, 2, 0x105, 2**32 - 1])), max_size=60)


@pytest.mark.parametrize(
    "compiled", [False, pytest.param(True, marks=pytest.mark.skipif(not kernels.COMPILED, reason="not compiled"))]
)
@given(characters=CHARACTERS)
@example(characters=[])
@example(characters=[(0, 1)])
def test_runs_are_those_of_a_look_at_each_character(characters: list[tuple[int, int]], compiled: bool) -> None:
    kinds, values = np.array([*zip(*characters, strict=True)] or [[], []], np.uint32)
    expected: list[tuple[int, int]] = []
    for place, (kind, _) in enumerate(characters):
        if kind and place and kind != 3 and characters[place - 1][0] == kind:
            expected[-1] = expected[-1][0], place + 1
        elif kind:
            expected.append((place, place + 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "COMPILED", compiled)
        runs = cut_runs(kinds.astype(np.uint8), values, 3)
    assert [*zip(runs.begins.tolist(), runs.ends.tolist(), strict=True)] == expected
    spelt = [values[begin:end].tolist() for begin, end in expected]
    assert [spelt[runs.firsts[number]] for number in runs.numbers] == spelt
    assert len(runs.firsts) == len({*map(tuple, spelt)})
    assert runs.hashes.tolist() == run_hashes(values.astype(np.uint64), runs.begins, runs.ends)[runs.firsts].tolist()


@pytest.mark.skipif(not kernels.COMPILED, reason="not compiled")
def test_arrays_that_do_not_fit_are_refused() -> None:
    kinds, values = np.array([1, 1, 0, 1], np.uint8), np.ones(4, np.uint32)
    for n_values, n_runs, n_numbers in ((4, 1, 1), (4, 3, 3), (3, 2, 2), (4, 2, 1)):
        runs, numbers = np.zeros(n_runs, np.int64), np.zeros(n_numbers, np.int64)
        with pytest.raises(ValueError, match="fit"):
            kernels.cut(kinds, values[:n_values], 9, 3, runs, runs.copy(), runs.astype(np.uint64), numbers, runs.copy())
