"""The contract of the vector index, checked against exact search in numpy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.dense import VectorIndex, unit_rows, vectors
from knowledge_base.errors import IndexCorrupt
from knowledge_base.passage import FloatArray


def random_vectors(n: int, dim: int = 16, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)


def exact(rows: FloatArray, query: FloatArray) -> NDArray[np.float64]:
    wide, asked = rows.astype(np.float64), query.astype(np.float64)
    return wide @ asked / (np.linalg.norm(wide, axis=1) * np.linalg.norm(asked))


@pytest.fixture(params=["flat", "half", "ivf"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kind of index on few vectors."""
    if request.param != "flat":
        monkeypatch.setattr(vectors, "FLAT_LIMIT", 10)
    if request.param == "ivf":
        monkeypatch.setattr(vectors, "HALF_LIMIT", 20)
    return str(request.param)


def test_scores_are_exact_cosines_of_the_true_nearest(kind: str) -> None:
    rows = random_vectors(3000)
    index = VectorIndex.build(rows)
    hits = 0
    for query in random_vectors(20, seed=1):
        found = index.search(query * 7, 10)
        cosines = exact(rows, query)
        assert found.cosines == pytest.approx(cosines[found.ids], abs=1e-5)
        assert list(found.cosines) == sorted(found.cosines, reverse=True)
        hits += len(set(found.ids) & set(np.argsort(-cosines)[:10]))
    # 8-bit lists may miss neighbours; random vectors without clusters are their worst case
    assert hits == 200 if kind != "ivf" else hits >= 100


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts the threads that Linux names")
def test_a_scan_of_few_vectors_starts_no_threads_that_would_wait_for_one_another() -> None:
    program = (
        "import os, numpy as np; from knowledge_base.dense import VectorIndex\n"
        "rows = np.eye(500, 16, dtype=np.float32); index = VectorIndex.build(rows)\n"
        "before = len(os.listdir('/proc/self/task')); index.scan(rows[0])\n"
        "print(len(os.listdir('/proc/self/task')) - before)"
    )
    several = {**os.environ, "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=several, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_asking_for_more_than_there_is_gives_each_passage_once(kind: str) -> None:
    index = VectorIndex.build(random_vectors(30))
    found = index.search(random_vectors(1, seed=2)[0], 100, np.ones(30, bool))
    assert (found.ids >= 0).all()
    assert len(set(found.ids.tolist())) == len(found.ids) <= 30
    if kind != "ivf":
        assert len(found.ids) == 30


def test_only_allowed_passages_are_found(kind: str) -> None:
    rows = random_vectors(400)
    allowed = np.zeros(400, bool)
    allowed[[3, 77, 399]] = True
    index = VectorIndex.build(rows)
    found = index.search(random_vectors(1, seed=3)[0], 10, allowed)
    assert set(found.ids.tolist()) == {3, 77, 399}
    assert len(index.search(rows[0], 10, np.zeros(400, bool)).ids) == 0


def test_a_zero_vector_finds_nothing_and_is_nobodys_neighbour() -> None:
    rows = random_vectors(5)
    rows[2] = 0
    index = VectorIndex.build(rows)
    assert len(index.search(np.zeros(16, np.float32), 3).ids) == 0
    assert index.cosines(rows[0], np.array([2]))[0] == 0


def test_vectors_that_are_no_numbers_become_zero() -> None:
    assert not unit_rows(np.array([[np.nan, 1], [np.inf, 0]], np.float32)).any()


def test_duplicates_are_all_found_with_equal_cosines() -> None:
    rows = np.repeat(random_vectors(1), 4, axis=0)
    found = VectorIndex.build(rows).search(rows[0], 4)
    assert sorted(found.ids.tolist()) == [0, 1, 2, 3]
    assert found.cosines == pytest.approx([1.0] * 4, abs=1e-6)


def test_an_empty_index_finds_nothing() -> None:
    assert len(VectorIndex.build(np.zeros((0, 16), np.float32)).search(random_vectors(1)[0], 5).ids) == 0


def test_a_saved_index_finds_the_same(kind: str, tmp_path: Path) -> None:
    index = VectorIndex.build(random_vectors(300))
    index.save(tmp_path)
    again = VectorIndex.open(tmp_path)
    for query in random_vectors(5, seed=4):
        before, after = index.search(query, 7), again.search(query, 7)
        assert np.array_equal(before.ids, after.ids)
        assert np.array_equal(before.cosines, after.cosines)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells what is mapped")
def test_processes_share_the_memory_of_a_saved_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", 10)
    VectorIndex.build(random_vectors(1000)).save(tmp_path)
    opened = VectorIndex.open(tmp_path)
    assert str(tmp_path / "vectors.faiss") in Path("/proc/self/maps").read_text("utf-8")
    assert opened.size == 1000


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    VectorIndex.build(random_vectors(50)).save(tmp_path)
    path = tmp_path / "vectors.npy"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(IndexCorrupt):
        VectorIndex.open(tmp_path)
