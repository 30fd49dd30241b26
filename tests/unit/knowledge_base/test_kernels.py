"""The compiled inner loops of search against numpy, and against arrays that do not fit together."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.answer import SearchFilters
from knowledge_base.build import index_passages
from knowledge_base.dense import Segments
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.passage import Passage
from knowledge_base.sparse import LexicalIndex
from tests.fakes.hashing_encoder import HashingEncoder

Made = TypeVar("Made")
WORDS = "pompa filtr woda zwrot pralka naprawa gwarancja E18 the refund of money pump leaks kasa forsa łódź".split()
QUESTIONS = [
    "pompa i filtr",
    "zwrot kasy za pralkę",
    "how do I get a refund",
    "E18 woda",
    "xyzq",
    "pralki gwarancji łodzi",
]
compiled = pytest.mark.skipif(not kernels.COMPILED, reason="needs the compiled functions: pip install -e .")


def made_texts(count: int) -> list[str]:
    random = np.random.default_rng(11)
    return [" ".join(random.choice(WORDS, random.integers(1, 9))) for _ in range(count)]


def by_numpy(make: Callable[[], Made], monkeypatch: pytest.MonkeyPatch) -> Made:
    with monkeypatch.context() as patched:
        patched.setattr(kernels, "COMPILED", False)
        return make()


def test_they_are_compiled_where_there_is_a_compiler() -> None:
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if not (shutil.which(compiler) and Path(sysconfig.get_path("include"), "Python.h").exists()):
        pytest.skip("no compiler")
    assert kernels.COMPILED, "the sources in knowledge_base/kernels are newer than what was compiled: pip install -e ."


@compiled
def test_words_score_and_cover_as_by_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = made_texts(300)
    index = LexicalIndex.build(texts, ["pl", "en"] * 150)
    ids = np.random.default_rng(2).permutation(300)[:50]
    for question in QUESTIONS:
        found = index.search(question)
        expected = by_numpy(
            lambda question=question: LexicalIndex.build(texts, ["pl", "en"] * 150).search(question), monkeypatch
        )
        for one, other in zip(found.scores, expected.scores, strict=True):
            assert one == pytest.approx(other, rel=1e-6)
        covered = by_numpy(lambda expected=expected: expected.coverage(ids), monkeypatch)
        assert found.coverage(ids) == pytest.approx(covered, abs=1e-6)


@compiled
@pytest.mark.parametrize("dim", [1, 31, 64, 100, 256])
def test_the_nearest_names_and_sentences_are_those_by_numpy(dim: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(dim)
    rows = random.integers(-127, 128, (500, dim), dtype=np.int8)
    rows[::17] = 0
    bounds = np.unique([0, 500, *random.choice(np.arange(1, 500), 79, replace=False)])
    segments = Segments(rows, np.linalg.norm(rows.astype(np.float32), axis=1).astype(np.float32), bounds)
    unit = random.standard_normal(dim).astype(np.float32)
    unit /= np.linalg.norm(unit)
    ids = random.permutation(40)
    assert segments.best(unit, ids) == pytest.approx(by_numpy(lambda: segments.best(unit, ids), monkeypatch), abs=1e-6)
    assert segments.best(unit, ids[:0]).shape == (2, 0)


@compiled
def test_of_names_and_sentences_all_but_equally_near_the_nearest_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    rows = np.clip(100 * np.sign(random.standard_normal(256)) + random.integers(-9, 10, (600, 256)), -127, 127)
    bounds = np.arange(0, 601, 15)
    segments = Segments(rows.astype(np.int8), np.linalg.norm(rows, axis=1).astype(np.float32), bounds)
    for _ in range(20):
        unit = random.standard_normal(256).astype(np.float32)
        unit /= np.linalg.norm(unit)
        expected = by_numpy(lambda unit=unit: segments.best(unit, np.arange(20)), monkeypatch)
        assert segments.best(unit, np.arange(20)) == pytest.approx(expected, abs=1e-6)


class CrowdedEncoder(HashingEncoder):
    """One whose vectors are all near to one another, so that rounding them would change their order."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = 0.2 * super().encode(texts) + np.float32(self.dim**-0.5)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


@compiled
@pytest.mark.parametrize(("dim", "limit"), [(64, 2), (64, 20), (128, 5), (50, 20)])
@pytest.mark.parametrize("kind", [HashingEncoder, CrowdedEncoder])
def test_a_search_ranks_and_judges_as_by_numpy(
    kind: type[HashingEncoder], dim: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages = [
        Passage(f"D@1#{number}", "D", "1", "Reklamacje", (), text, 0, len(text), language=("pl", "en")[number % 2])
        for number, text in enumerate(dict.fromkeys(made_texts(400)))
    ]
    every = SearchFilters(outdated=True)

    def rankings() -> list[tuple[list[int], list[float]]]:
        encoder = kind(dim=dim)
        index = KnowledgeIndex(index_passages(passages, encoder), encoder)
        found = [index.rank(read_query(question), every, limit) for question in QUESTIONS]
        # of passages for which nothing speaks at all, any may be taken
        spoken_for = [ranking.evidence.any(axis=1) for ranking in found]
        return [(r.ids[some].tolist(), r.relevance.tolist()) for r, some in zip(found, spoken_for, strict=True)]

    for one, other in zip(rankings(), by_numpy(rankings, monkeypatch), strict=True):
        assert one[0] == other[0]
        assert one[1] == pytest.approx(other[1], abs=1e-5)


F32, I32, I64, U64 = np.float32, np.int32, np.int64, np.uint64
#: Of two terms, 10 and 20.
POSTINGS = (
    np.ones(3, F32), np.array([0, 1, 1], I32), np.array([0, 2, 3], I64), np.array([10, 20], U64), np.ones(2, F32),
)  # fmt: skip
ONE = np.ones(1, F32)


def columns(*numbers: int) -> np.ndarray:
    return np.array(numbers, I64)


def ids(*numbers: int) -> bytes:
    return np.array(numbers, np.uint64).tobytes()


Arrays = tuple[np.ndarray, ...]


def damaged(place: int, array: np.ndarray) -> Arrays:
    return (*POSTINGS[:place], array, *POSTINGS[place + 1 :])


def add_terms(*terms: int, of: Arrays = POSTINGS, n_words: int = 1, n_texts: int = 2) -> float:
    sizes, weights = columns(len(terms)), np.ones(n_words, F32)
    return kernels.add_terms(*of, ids(*terms), sizes, weights, np.zeros(n_texts, F32))


def add_groups(*sizes: int, of: Arrays = POSTINGS, n_totals: int = 4) -> tuple[float, float]:
    return kernels.add_groups(*of, ids(10, 20), columns(*sizes).tobytes(), ONE, np.zeros(n_totals, F32))


def cover(
    n_grams: int = 1,
    passage: int = 0,
    keys: Arrays = POSTINGS,
    grams: Arrays = POSTINGS,
    sizes: tuple[int, ...] = (1, 0, 0, 0),
    n_courtesies: int = 1,
    n_covered: int = 1,
    n_texts: int = 2,
) -> float:
    return kernels.cover(
        *keys, *grams, ids(10), columns(*sizes).tobytes(), ids(10), columns(n_grams), bytes(n_courtesies),
        columns(passage), np.zeros(n_covered, F32), n_texts, 1.0,
    )  # fmt: skip


def nearest(end: int, dim: int) -> None:
    rows, norms = np.ones((2, 4), np.int8), np.ones(2, F32)
    kernels.nearest(rows, norms, columns(0, 1, end), columns(0), np.ones(dim, F32), np.zeros(2, F32))


def hash_terms(length: int) -> None:
    kernels.hash_terms(b"abcd", columns(length), np.zeros(1, np.uint64), 3)


def find_words(length: int) -> None:
    kernels.find_words(b"abcd", columns(length), np.zeros(1, np.uint64), columns(0), 3)


def log_odds(length: int, n_trigrams: int = 27**3) -> None:
    kernels.log_odds(b"abcd", columns(length), np.zeros(n_trigrams), np.zeros(1), 2.0)


def hash_grams(length: int, n_ids: int = 1) -> None:
    kernels.hash_grams("a".encode("utf-32-le"), columns(length), np.zeros(n_ids, U64), columns(0), 3, 4)


def key_words(
    word: object = "ab",
    n_counts: int = 1,
    count: int = 2,
    first: int = 0,
    end: int = 1,
    n_levels: int = 1,
    size: int = 4,
    told: object = None,
) -> list[object]:
    """Looks up a word that a table has with a lemma and a stem, 5 and 6, of which the stem has a neighbour, 7."""
    hashed = ord("a") + 3 * ord("b")
    found: list[object] = kernels.key_words(
        [word], told, np.array([hashed], U64), columns(first), columns(*[count] * n_counts), np.array([5, 6], U64),
        np.zeros(1, U64), np.array([6], U64), np.full(n_levels, 9, np.uint8), np.zeros(0, U64), np.array([6], U64),
        columns(0, 0, end), np.array([7], U64), 3, 10, size,
    )  # fmt: skip
    return found


def near(n_vectors: int = 2, n_allowed: int = 2) -> None:
    rows, scales, vectors = np.ones((2, 4), np.int8), np.ones(2, F32), np.ones((n_vectors, 4), F32)
    kernels.near(rows, scales, vectors, np.ones(4, F32), 0.1, np.ones(n_allowed, bool), columns(0))


def rank(
    relation: int = 2,
    end: int = 2,
    n_grams: int = 1,
    n_weights: int = 30,
    n_codes: int = 1,
    n_allowed: int = 1,
    n_evidence: int = 9,
    n_backgrounds: int = 3,
) -> int:
    """Ranks one passage of a name and a sentence."""
    codes, allowed, chosen = np.zeros(n_codes, F32), np.ones(n_allowed, bool), np.ones(1, bool)
    rows, norms, bounds = np.ones((2, 4), np.int8), np.ones(2, F32), columns(0, 1, end)
    relations, backgrounds = np.array([relation], np.int8), np.zeros(n_backgrounds, F32)
    return kernels.rank(
        ONE, ONE, np.ones(n_grams, F32), 1.0, 1.0, 1.0, codes, allowed, 1, chosen, np.ones((1, 4), F32),
        np.ones(4, F32), rows, norms, bounds, relations, backgrounds, np.zeros(n_weights), columns(0),
        np.zeros(n_evidence, F32), np.zeros(1, F32),
    )  # fmt: skip


def fill_slots(n_slots: int, *ids: int) -> None:
    kernels.fill_slots(np.array(ids, np.uint64), np.zeros(n_slots, np.int32))


def cut_pieces(slot: int = 0, n_tokens: int = 2, n_scores: int = 1, n_kinds: int = 256) -> int:
    folded, kinds, slots = np.zeros(1, np.uint8), np.full(n_kinds, 2, np.uint8), np.full(2, slot, np.int32)
    ids, scores, tokens = np.ones(1, np.uint64), np.zeros(n_scores), np.zeros(n_tokens, I64)
    return kernels.cut_pieces("a".encode("utf-32-le"), folded, kinds, ids, scores, slots, 16, 3, tokens)


def sum_rows(*numbers: int, dim: int = 4) -> None:
    kernels.sum_rows(np.ones((2, 4), np.int8), np.ones(2, F32), columns(*numbers), np.zeros(dim, F32))


def cut_sentences(n_spans: int = 1, start: int = 0) -> int:
    return kernels.cut_sentences("Dwanaście znaków.".encode("utf-32-le"), start, np.zeros((n_spans, 2), I64))


def quote(
    n_parts: int = 2,
    prefix: int = 0,
    passage: int = 0,
    number: int = 0,
    end_of_words: int = 1,
    n_norms: int = 2,
    sentences_end: int = 2,
    dim: int = 4,
    room: int = 2,
    n_places: int = 2,
) -> int:
    """Reads one passage of a name and a sentence for one key of one word; how many terms it has."""
    points, shown = "ab".encode("utf-32-le"), np.zeros((1, 5), I64)
    kernels.quote(
        points, columns(1, 1), columns(n_parts), columns(prefix), b"\0", columns(passage), np.zeros(1, U64),
        columns(number), 1, np.zeros(1, U64), columns(0, end_of_words), np.array([ord("b")], U64),
        np.ones((2, dim), np.int8), np.ones(n_norms, F32), columns(0, 1, sentences_end), np.ones(4, F32), 3,
        np.zeros((room, 3), I64), np.zeros(room, F32), np.zeros(n_places, I64), shown,
    )  # fmt: skip
    return int(shown[0, 4])


def hold(length: int = 1, number: int = 0, end_of_words: int = 1, n_flipped: int = 1, n_held: int = 1) -> bool:
    held = np.zeros(n_held, bool)
    kernels.hold(
        "b".encode("utf-32-le"), columns(length), bytes(n_flipped), np.zeros(1, U64), columns(number), 1,
        np.zeros(1, U64), columns(0, end_of_words), np.array([ord("b")], U64), 3, held,
    )  # fmt: skip
    return bool(held[0])


def judge(n_evidence: int = 9, n_codes: int = 1, n_named: int = 1, n_weights: int = 22, n_answers: int = 9) -> float:
    flags, relevance = np.zeros(1, bool), np.zeros(1, F32)
    kernels.judge(
        np.zeros(n_evidence, F32), np.zeros(n_codes, F32), ONE, flags, flags, np.zeros(n_named, bool), flags, 1.0, 0.0,
        np.zeros(n_weights), np.zeros(n_answers, F32), relevance,
    )  # fmt: skip
    return float(relevance[0])


ASKED: dict[str, Callable[[], object]] = {
    "no such text": lambda: add_terms(10, n_texts=1),
    "too few weights": lambda: add_terms(10, n_words=2),
    "scores cut off": lambda: add_terms(10, of=damaged(0, np.ones(2, F32))),
    "idf cut off": lambda: add_terms(10, of=damaged(4, np.ones(1, F32))),
    "terms cut off": lambda: add_terms(10, of=damaged(3, np.array([10], U64))),
    "postings beyond the file": lambda: add_terms(10, of=damaged(2, columns(0, 9, 3))),
    "postings that end before they begin": lambda: add_terms(10, of=damaged(2, columns(2, 1, 3))),
    "a text below all": lambda: add_terms(10, of=damaged(1, np.array([-1, 1, 1], I32))),
    "too few terms": lambda: add_groups(1, 1, 1, 0),
    "fewer than none": lambda: add_groups(3, -1, 0, 0),
    "sizes of half a word": lambda: add_groups(1, 1),
    "groups in a text below all": lambda: add_groups(1, 1, 0, 0, of=damaged(1, np.array([-1, 1, 1], I32))),
    "groups of other texts": lambda: add_groups(1, 1, 0, 0, n_totals=2),
    "too few grams": lambda: cover(2),
    "no such passage": lambda: cover(passage=2),
    "a passage below all": lambda: cover(passage=-1),
    "keys of words beyond the file": lambda: cover(keys=damaged(2, columns(0, 9, 3))),
    "grams beyond the file": lambda: cover(grams=damaged(2, columns(0, 9, 3))),
    "more keys than there are": lambda: cover(sizes=(1, 1, 0, 0)),
    "fewer courtesies than words": lambda: cover(n_courtesies=0),
    "no room for what is covered": lambda: cover(n_covered=0),
    "passages of another index": lambda: cover(n_texts=1, passage=0),
    "rows beyond the file": lambda: nearest(end=3, dim=4),
    "another dimension": lambda: nearest(end=2, dim=5),
    "longer than the text": lambda: hash_terms(2),
    "shorter than none": lambda: find_words(-1),
    "not all of the text": lambda: log_odds(0),
    "another alphabet": lambda: log_odds(1, n_trigrams=26**3),
    "words without counts": lambda: key_words(n_counts=0),
    "keys beyond the file": lambda: key_words(first=1),
    "keys before the file": lambda: key_words(first=-1),
    "fewer keys than none": lambda: key_words(count=-1),
    "more keys than a word has": lambda: key_words(count=300),
    "neighbours beyond the file": lambda: key_words(end=2),
    "neighbours that end before they begin": lambda: key_words(end=-1),
    "stems that are not levelled": lambda: key_words(n_levels=0),
    "grams of two letters": lambda: key_words(size=2),
    "a word told to have no keys": lambda: key_words(told=[([], "a")]),
    "a word told to have too many": lambda: key_words(told=[(["a"] * 300, "a")]),
    "keys that are no text": lambda: key_words(told=[([1], "a")]),
    "more letters than there are": lambda: hash_grams(2),
    "no room for the grams": lambda: hash_grams(1, n_ids=0),
    "vectors cut off": lambda: near(n_vectors=1),
    "a filter of other passages": lambda: near(n_allowed=3),
    "no such relation": lambda: rank(3),
    "a relation below all": lambda: rank(-1),
    "sentences beyond the file": lambda: rank(end=3),
    "sentences that end before they begin": lambda: rank(end=0),
    "scores of other texts": lambda: rank(n_grams=2),
    "weights of other evidence": lambda: rank(n_weights=27),
    "codes of other passages": lambda: rank(n_codes=2),
    "a filter of more passages": lambda: rank(n_allowed=2),
    "no room for the evidence": lambda: rank(n_evidence=8),
    "too few languages": lambda: rank(n_backgrounds=2),
    "no power of two": lambda: fill_slots(3, 1),
    "more pieces than slots": lambda: fill_slots(2, 1, 2),
    "a piece twice": lambda: fill_slots(4, 1, 1),
    "no room for the pieces": lambda: cut_pieces(n_tokens=1),
    "pieces without a score": lambda: cut_pieces(n_scores=0),
    "too few kinds": lambda: cut_pieces(n_kinds=255),
    "no such row": lambda: sum_rows(0, 2),
    "rows of another length": lambda: sum_rows(0, dim=3),
    "no room for the sentences": lambda: cut_sentences(n_spans=0),
    "a start before the text": lambda: cut_sentences(start=-1),
    "more parts than there are": lambda: quote(n_parts=3),
    "fewer parts than there are": lambda: quote(n_parts=1),
    "a header longer than the text": lambda: quote(prefix=2),
    "a header shorter than none": lambda: quote(prefix=-1),
    "a passage beyond the index": lambda: quote(passage=1),
    "a key of no such word": lambda: quote(number=1),
    "words beyond those of the index": lambda: quote(end_of_words=2),
    "fewer words than none": lambda: quote(end_of_words=-1),
    "fewer rows than norms": lambda: quote(n_norms=3),
    "more sentences than the text": lambda: quote(sentences_end=3),
    "fewer sentences than the text": lambda: quote(sentences_end=1),
    "sentences of another dimension": lambda: quote(dim=5),
    "no room for a sentence": lambda: quote(room=0),
    "no room for a word": lambda: quote(n_places=0),
    "evidence of more kinds": lambda: judge(n_evidence=10),
    "codes of more passages": lambda: judge(n_codes=2),
    "names of other passages": lambda: judge(n_named=2),
    "weights for another answer": lambda: judge(n_weights=20),
    "no room for the answers": lambda: judge(n_answers=8),
    "texts longer than there are": lambda: hold(length=2),
    "a key of no such thing": lambda: hold(number=1),
    "words of things beyond the index": lambda: hold(end_of_words=2),
    "languages of other texts": lambda: hold(n_flipped=2),
    "no room for what is held": lambda: hold(n_held=2),
}


@compiled
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_arrays_that_do_not_fit_together_are_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        ask()


@compiled
def test_arrays_that_fit_together_are_read() -> None:
    assert add_terms(10, 10, 7) == 1
    assert add_groups(1, 0, 1, 0) == (2, 2)
    assert cover(passage=1) == 1
    nearest(end=2, dim=4)
    for read in (hash_terms, find_words, log_odds, hash_grams):
        read(1)
    own = (1 * 10 + ord("a")) * 10 + ord("b")  # what the folded word is by itself, its English stem
    terms, sizes = ids(5, 6, own, 7), columns(1, 0, 2, 1).tobytes()
    [(*found, level, courtesy)] = key_words()
    assert (found[:2], level, courtesy) == ([terms, sizes], 9, False)
    assert len(found[2]) == 8  # „_ab_” has one 4-gram
    assert key_words("ac") == key_words("a1") == key_words("") == [None]
    assert key_words(count=0) == [()]
    [(told, *_)] = key_words(told=[(["=b", "b"], "c")])
    assert told == ids((10 + ord("=")) * 10 + ord("b"), 10 + ord("b"), 10 + ord("c"))
    near()
    assert rank() == 1
    fill_slots(4, 1, 2, 3)
    sum_rows(1, 0)
    assert cut_sentences() == 1
    assert quote() == 1
    assert hold()
    assert judge() == 0.5


@compiled
def test_a_table_of_pieces_that_names_no_such_piece_is_not_read() -> None:
    assert [cut_pieces(slot) for slot in (2, -1, 0)] == [-1, -1, -1]
