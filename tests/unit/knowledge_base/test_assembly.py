"""Words and vectors of an index made side by side, against each made alone."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.build import index_passages
from knowledge_base.dense import VectorIndex
from knowledge_base.hybrid import (
    CodeIndex,
    Facets,
    Parts,
    PassageVectors,
    WordForms,
    assemble,
    collector_paused,
    search_pieces,
)
from knowledge_base.passage import Passage
from knowledge_base.sparse import LexicalIndex, tokenise_pieces
from tests.fakes.hashing_encoder import HashingEncoder

TEXTS = ("Błąd E18: pompa nie odpompowuje wody.", "Zwrot w 14 dni. Etykieta e-mailem.", "The pump is blocked, see E18.")
PASSAGES = [Passage(f"P{n}@1#0", f"P{n}", "1", "Pompa", (), text, 0, len(text)) for n, text in enumerate(TEXTS)]


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    assert gc.isenabled()
    yield
    gc.enable()


def files_of(parts: Parts, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    for part in (parts.facets, parts.codes, parts.vectors, parts.segments, parts.forms):
        part.save(folder)
    parts.lexical.save(folder / "bm25")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parts_made_side_by_side_are_those_made_one_after_the_other(tmp_path: Path) -> None:
    vectors = PassageVectors.encode(PASSAGES, HashingEncoder())
    tokenised = tokenise_pieces(search_pieces(PASSAGES))
    lexical, forms = LexicalIndex.of_tokenised(tokenised), WordForms.of(tokenised.vocabularies, PASSAGES)
    facets, codes = Facets.of(PASSAGES), CodeIndex.of(PASSAGES)
    in_turn = Parts(PASSAGES, facets, codes, lexical, VectorIndex.build(vectors.whole), vectors.segments, forms)
    beside = index_passages(PASSAGES, HashingEncoder())
    assert files_of(beside, tmp_path / "beside") == files_of(in_turn, tmp_path / "in_turn")


class _Awaited(list[Passage]):
    """Passages that can be read once somebody is at the vectors."""

    def __init__(self, passages: list[Passage]) -> None:
        super().__init__(passages)
        self.begun = threading.Event()
        self.met: list[bool] = []

    def __iter__(self) -> Iterator[Passage]:
        self.met.append(self.begun.wait(20))
        return super().__iter__()


def test_words_and_vectors_are_made_at_the_same_time() -> None:
    passages = _Awaited(PASSAGES)

    def vectors() -> PassageVectors:
        passages.begun.set()
        return PassageVectors.encode(PASSAGES, HashingEncoder())

    assemble(passages, vectors)
    assert all(passages.met)


def test_what_fails_among_the_words_is_raised_and_not_lost() -> None:
    broken = replace(PASSAGES[0], asked_as=(None,))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="NoneType"):
        assemble([broken], lambda: PassageVectors.encode(PASSAGES[:1], HashingEncoder()))
    assert gc.isenabled()


def test_what_fails_among_the_vectors_is_raised() -> None:
    def vectors() -> PassageVectors:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        assemble(PASSAGES, vectors)
    assert gc.isenabled()


def test_the_collector_rests_during_a_build_and_goes_on_afterwards() -> None:
    seen = []

    def vectors() -> PassageVectors:
        seen.append(gc.isenabled())
        return PassageVectors.encode(PASSAGES, HashingEncoder())

    assemble(PASSAGES, vectors)
    assert (seen, gc.isenabled()) == ([False], True)


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with collector_paused():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_of_two_builds_at_once_the_first_to_end_lets_the_collector_go_on() -> None:
    with collector_paused():
        other = collector_paused()
        other.__enter__()
    assert gc.isenabled()
    other.__exit__(None, None, None)
    assert gc.isenabled()
