"""Above the flat limit the index is an inverted file: what it finds of the true nearest, on text-like vectors."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from knowledge_base.dense import VectorIndex, unit_rows, vectors
from knowledge_base.passage import FloatArray


def clustered(n: int, dim: int = 64, subjects: int = 400, seed: int = 5) -> FloatArray:
    """Vectors that gather around subjects, as those of texts do (random ones without clusters have no neighbours)."""
    random = np.random.default_rng(seed)
    centres = unit_rows(random.normal(size=(subjects, dim)).astype(np.float32))
    near = centres[random.integers(subjects, size=n)] + random.normal(scale=0.06, size=(n, dim)).astype(np.float32)
    return unit_rows(near.astype(np.float32))


def nearest(rows: FloatArray, query: FloatArray, k: int, allowed: np.ndarray | None = None) -> set[int]:
    cosines = rows.astype(np.float64) @ query.astype(np.float64)
    if allowed is not None:
        cosines[~allowed] = -np.inf
    return set(np.argsort(-cosines)[:k].tolist())


@pytest.fixture
def rows() -> FloatArray:
    return clustered(20_000)


@pytest.fixture
def inverted(rows: FloatArray, monkeypatch: pytest.MonkeyPatch) -> VectorIndex:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", 1_000)
    monkeypatch.setattr(vectors, "HALF_LIMIT", 10_000)
    index = VectorIndex.build(rows)
    assert isinstance(index._index, faiss.IndexIVF)
    return index


def test_the_inverted_file_finds_what_exact_search_finds(rows: FloatArray, inverted: VectorIndex) -> None:
    queries = clustered(100, seed=6)
    found = [inverted.search(query, 10) for query in queries]
    hits = sum(len(nearest(rows, query, 10) & set(one.ids.tolist())) for query, one in zip(queries, found, strict=True))
    assert hits / 1000 >= 0.95
    assert all((one.ids >= 0).all() and len(set(one.ids.tolist())) == len(one.ids) for one in found)
    for query, one in zip(queries, found, strict=True):
        assert one.cosines == pytest.approx(rows[one.ids].astype(np.float64) @ query.astype(np.float64), abs=1e-5)


def test_a_narrow_filter_does_not_cost_recall(rows: FloatArray, inverted: VectorIndex) -> None:
    allowed = np.zeros(len(rows), dtype=bool)
    allowed[np.random.default_rng(8).choice(len(rows), 500, replace=False)] = True
    hits = 0
    for query in clustered(50, seed=7):
        found = inverted.search(query, 10, allowed).ids
        assert allowed[found].all()
        hits += len(nearest(rows, query, 10, allowed) & set(found.tolist()))
    assert hits / 500 >= 0.95


@pytest.mark.parametrize(("n", "kind"), [(1_000, faiss.IndexFlatIP), (1_001, faiss.IndexScalarQuantizer)])
def test_below_the_limits_search_is_exhaustive(n: int, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", 1_000)
    rows = clustered(n)
    index = VectorIndex.build(rows)
    assert isinstance(index._index, kind)
    for query in clustered(20, seed=9):
        assert set(index.search(query, 10).ids.tolist()) == nearest(rows, query, 10)
