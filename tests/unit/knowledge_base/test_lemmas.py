"""Lemmas through the C interface against the same dictionary's readings, word by word, through its Python classes."""

from __future__ import annotations

import ctypes
import random
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from knowledge_base.tokenise import lemmas
from knowledge_base.tokenise.lemmas import lemmas_of
from knowledge_base.tokenise.morphology import analyse, generate

SEGMENTED = (
    "zalogowałam",
    "miałem",
    "poszłabym",
    "byłeś",
    "zrobiliśmy",
    "kotem",
    "chciałbym",
    "żebyśmy",
    "doń",
    "gdzieś",
)
ODD = ("xyzq", "e18", "①", "żż", "pралка", "2026", "em", "by", "m", "a", "ſs", "İ", "łódź", "niebieskoszary")
PLAIN = tuple(sorted({form.form.lower() for lemma in ("kot", "mieć", "zielony", "miasto") for form in generate(lemma)}))


def readings_of(word: str) -> list[str]:
    """Lemmas of a word's readings that are neither unknown nor endings nor punctuation."""
    return [each.lemma for each in analyse(word) if not each.tag.startswith(("ign", "aglt", "interp"))]


def split(words: list[str]) -> list[list[str]]:
    found = lemmas_of(words)
    each = iter(found.lemmas)
    return [[next(each) for _ in range(count)] for count in found.counts]


@pytest.mark.parametrize("seed", range(5))
def test_lemmas_of_many_words_are_those_of_each_word(seed: int) -> None:
    words = random.Random(seed).choices([*SEGMENTED, *ODD, *PLAIN], k=600)
    assert split(words) == [readings_of(word) for word in words]


@pytest.mark.parametrize("word", [*SEGMENTED, *ODD])
def test_lemmas_of_one_word(word: str) -> None:
    assert split([word]) == [readings_of(word)]


def test_no_words_have_no_lemmas() -> None:
    assert (lemmas_of([]).lemmas, lemmas_of([]).counts) == ([], [])


def test_a_homonym_keeps_its_mark() -> None:
    assert {"kot:Sm1", "kot:Sm2"} <= set(lemmas_of(["kota"]).lemmas)


def test_threads_do_not_mix_their_words() -> None:
    lists = [random.Random(seed).choices([*SEGMENTED, *PLAIN], k=300) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(split, lists * 4))
    assert found == [split(words) for words in lists] * 4


def test_a_library_that_cannot_be_loaded_counts_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "libmorfeusz2.so").write_bytes(b"not a library")
    spec = ModuleSpec("morfeusz2", None, origin=str(tmp_path / "morfeusz2.py"))
    monkeypatch.setattr(lemmas, "find_spec", lambda name: spec)
    lemmas._library.cache_clear()
    try:
        with pytest.raises(ImportError, match="install the package again"):
            lemmas_of(["pralka"])
    finally:
        lemmas._library.cache_clear()


def test_nothing_behind_the_last_reading_is_read() -> None:
    rows = np.zeros(4, lemmas._READING)
    rows["start"], rows["end"] = [0, -1, 7, 0], [1, -1, 8, 1]
    rows["lemma"] = [1, 0, 3, 4]  # no addresses: they must not be followed
    assert lemmas._readings(rows.ctypes.data, 3)["lemma"].tolist() == [1]


def test_nothing_behind_the_last_reading_of_few_words_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (lemmas._Reading * 3)()
    for number, lemma in ((0, b"kot"), (2, b"behind")):
        rows[number].end, rows[number].form, rows[number].lemma, rows[number].tag = 1, b"kota", lemma, b"subst"
    rows[1].start = -1
    library = SimpleNamespace(morfeusz_analyse=lambda text: ctypes.addressof(rows))
    monkeypatch.setattr(lemmas, "_library", lambda: library)
    assert lemmas_of(["kota"]).lemmas == ["kot"]


@pytest.mark.parametrize("count", [2, 7, 16, 17])
def test_few_words_have_the_lemmas_of_each(count: int) -> None:
    for seed in range(20):
        words = random.Random(seed).choices([*SEGMENTED, *ODD, *PLAIN], k=count)
        assert split(words) == [readings_of(word) for word in words]
