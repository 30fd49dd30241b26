"""The nearest of many vectors by rounded ones, against a look at every vector."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.dense import VectorIndex, unit_rows
from knowledge_base.dense.rounded import RoundedVectors

pytestmark = pytest.mark.skipif(not kernels.COMPILED, reason="needs the compiled functions: pip install -e .")
RANDOM = np.random.default_rng(7)


def crowded(count: int, dim: int = 48) -> NDArray[np.float32]:
    """Vectors of which many are all but equally near to one another, some equal, one of zeros."""
    centres = RANDOM.standard_normal((9, dim))
    rows = unit_rows((centres[RANDOM.integers(0, 9, count)] + 0.02 * RANDOM.standard_normal((count, dim))).astype("f4"))
    rows[5], rows[6] = rows[4], 0
    return rows


@pytest.mark.parametrize("k", [1, 20, 299])
def test_the_nearest_are_those_of_a_look_at_every_vector(k: int) -> None:
    rows = crowded(300)
    rounded = RoundedVectors.of(rows)
    allowed = RANDOM.random(300) < 0.5
    for query in unit_rows(RANDOM.standard_normal((20, 48)).astype("f4")):
        cosines = rows.astype(float) @ query
        found = rounded.nearest(rows, query, k, None)
        assert len(found) == len({*found.tolist()}) == k
        assert np.sort(cosines[found]) == pytest.approx(np.sort(cosines)[-k:], abs=1e-6)
        few = rounded.nearest(rows, query, min(k, 20), allowed)
        assert np.sort(cosines[few]) == pytest.approx(np.sort(cosines[allowed])[-min(k, 20) :], abs=1e-6)
        assert allowed[few].all()
    none = rounded.nearest(rows, query, 5, np.zeros(300, bool))
    assert none.tolist() == []


def test_equal_vectors_have_equal_cosines_whatever_stands_beside_them() -> None:
    rows = np.repeat(crowded(40, dim=67), 7, axis=0)
    index = VectorIndex.build(rows)
    for query in RANDOM.standard_normal((20, 67)).astype("f4"):
        ids = RANDOM.permutation(280)[:101]
        cosines = index.scan(query).cosines(ids)
        by_vector = {number: {*cosines[ids // 7 == number].tolist()} for number in range(40)}
        assert all(len(found) <= 1 for found in by_vector.values())


def test_a_search_by_rounded_vectors_finds_what_a_look_at_every_vector_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = crowded(500)
    query = RANDOM.standard_normal(48).astype("f4")
    allowed = np.arange(500) % 3 > 0
    with monkeypatch.context() as patched:
        patched.setattr(kernels, "COMPILED", False)
        every = [VectorIndex.build(rows).search(query, 30, some) for some in (None, allowed)]
    for expected, some in zip(every, (None, allowed), strict=True):
        found = VectorIndex.build(rows).search(query, 30, some)
        assert found.cosines == pytest.approx(expected.cosines, abs=1e-6)
        assert found.ids.tolist()[:20] == expected.ids.tolist()[:20]
    assert len(VectorIndex.build(rows).search(query, 600).ids) == 500
    assert len(VectorIndex.build(rows).search(query, 40, np.arange(500) < 3).ids) == 3
