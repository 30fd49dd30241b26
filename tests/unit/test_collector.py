"""What lives as long as the process is not looked at again; what is dropped is freed all the same."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from knowledge_base.build import build_index
from knowledge_base.store import open_index
from tests.fakes.hashing_encoder import HashingEncoder
from triage.bootstrap.collector import keep_what_is_there


class Held:
    """An object that may be held by itself."""

    def __init__(self) -> None:
        self.held: object = None


@pytest.fixture
def kept() -> Iterator[None]:
    gc.disable()
    keep_what_is_there()
    yield
    gc.unfreeze()
    gc.enable()


def test_what_was_unreachable_is_freed_before() -> None:
    circle = Held()
    circle.held, gone = circle, weakref.ref(circle)
    del circle
    keep_what_is_there()
    gc.unfreeze()
    assert gone() is None


def test_the_collector_looks_at_new_objects_only(kept: None) -> None:
    there = gc.get_freeze_count()
    new = Held()
    new.held = new
    assert there > 10_000
    assert any(found is new for found in gc.get_objects())
    assert len(gc.get_objects()) < there / 10


def test_an_index_that_was_there_is_freed_when_another_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "A.md").write_text("---\nid: A\nversion: '1'\n---\n## Pompa\n\nBłąd E18.", encoding="utf-8")
    build_index(tmp_path / "docs", tmp_path / "index", HashingEncoder())
    index = open_index(tmp_path / "index", HashingEncoder(), today=lambda: date(2026, 11, 22))
    assert index.search("pompa E18")
    gone = [weakref.ref(index), weakref.ref(index.parts.passages), weakref.ref(index.parts.lexical)]
    gc.disable()
    keep_what_is_there()
    try:
        del index
        assert [found() for found in gone] == [None, None, None]
    finally:
        gc.unfreeze()
        gc.enable()
