"""Cosines of names and sentences against the same computed in float64."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.dense import Segments, unit_rows
from knowledge_base.passage import FloatArray
from tests.fakes.hashing_encoder import HashingEncoder

TEXTS = [
    (
        ["Zwrot towaru", "oddać bez powodu"],
        ["Konsument może odstąpić.", "Towar odsyła się w 14 dni.", "Adres w stopce."],
    ),
    (["Pompa"], ["Oczyścić filtr pompy."]),
    (["Gwarancja"], ["Trwa 24 miesiące.", "Kartę zastąpi paragon."]),
]
QUERY = "jak oddać towar bez powodu w 14 dni"


def unit(text: str) -> FloatArray:
    return np.asarray(unit_rows(HashingEncoder().encode([text]))[0])


@pytest.fixture
def segments() -> Segments:
    return Segments.encode(TEXTS, HashingEncoder())


def nearest(texts: list[str]) -> float:
    return max(float(unit(text).astype(np.float64) @ unit(QUERY)) for text in texts)


def test_the_nearest_name_and_sentence_are_those_of_full_precision(segments: Segments) -> None:
    names, sentences = segments.near(unit(QUERY), np.array([2, 0, 1, 0])).best()
    assert names == pytest.approx([nearest(TEXTS[i][0]) for i in (2, 0, 1, 0)], abs=0.01)
    assert sentences == pytest.approx([nearest(TEXTS[i][1]) for i in (2, 0, 1, 0)], abs=0.01)
    assert names[1] > names[0]


def test_parts_put_together_are_the_whole(segments: Segments) -> None:
    joined = Segments.join([segments.part(0, 1), segments.part(1, 2)])
    assert len(joined) == 3
    assert joined.bounds.tolist() == segments.bounds.tolist() == [0, 2, 5, 6, 7, 8, 10]
    assert np.array_equal(joined.rows, segments.rows)
    assert np.array_equal(
        segments.part(1, 1).near(unit(QUERY), np.array([0])).best(),
        segments.near(unit(QUERY), np.array([1])).best(),
    )


def test_opened_from_disk_they_give_the_same(segments: Segments, tmp_path: Path) -> None:
    segments.save(tmp_path)
    opened = Segments.open(tmp_path)
    every = np.arange(3)
    before = segments.near(unit(QUERY), every).best()
    for _ in range(2):
        assert np.array_equal(opened.near(unit(QUERY), every).best(), before)
        opened.release()


def test_files_that_do_not_fit_together_are_refused(segments: Segments, tmp_path: Path) -> None:
    segments.save(tmp_path)
    np.save(tmp_path / "segments.bounds.npy", segments.bounds[:-2])
    with pytest.raises(ValueError, match="do not fit"):
        Segments.open(tmp_path)


def test_a_text_the_encoder_does_not_know_and_an_unknown_query_are_like_nothing(segments: Segments) -> None:
    unknown = Segments.encode([([""], ["Oczyścić filtr."])], HashingEncoder())
    assert unknown.near(unit("filtr"), np.array([0])).best()[0] == 0
    names, sentences = segments.near(np.zeros(HashingEncoder().dim, np.float32), np.arange(3)).best()
    assert not names.any()
    assert not sentences.any()
    assert [len(found) for found in segments.near(unit("filtr"), np.array([], dtype=np.int64)).best()] == [0, 0]


def test_the_nearest_of_very_many_sentences_are_found_in_every_block() -> None:
    random = np.random.default_rng(5)
    rows = random.integers(-127, 128, (5_000, 64), dtype=np.int8)
    rows[17] = 0  # a sentence the encoder does not know
    norms = np.linalg.norm(rows.astype(np.float32), axis=1)
    bounds = np.unique(np.concatenate([[0, 5_000], random.choice(5_000, 199, replace=False)]))
    many = Segments(rows, norms, bounds)
    query = unit_rows(random.standard_normal((1, 64)).astype(np.float32))[0]
    cosines = rows.astype(np.float64) @ query / np.where(norms > 0, norms, 1)
    best = [cosines[first:end].max() for first, end in pairwise(bounds.tolist())]
    ids = random.permutation(100)
    names, sentences = many.near(query, ids).best()
    assert names == pytest.approx([best[2 * number] for number in ids], abs=1e-6)
    assert sentences == pytest.approx([best[2 * number + 1] for number in ids], abs=1e-6)
