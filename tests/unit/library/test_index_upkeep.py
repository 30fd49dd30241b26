"""A running process and its index: damage on disk does not stop answers, and is mended behind them."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from knowledge_base.answer import NO_FILTERS
from knowledge_base.errors import IndexCorrupt
from tests.fakes.hashing_encoder import HashingEncoder
from triage.bootstrap.knowledge import Knowledge
from triage.config import Settings


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.md").write_text("---\nid: A\n---\n## Pompa\n\nBłąd E18 oznacza brak odpływu wody.\n")
    return Knowledge.open(Settings(data_dir=tmp_path / "data", documents_dir=folder), HashingEncoder())


def answers(knowledge: Knowledge) -> list[str]:
    return [hit.passage.document_id for hit in knowledge.search("E18", NO_FILTERS)]


@pytest.mark.parametrize("damage", ["all deleted", "pointer deleted", "pointer to nowhere", "pointer garbled"])
def test_a_damaged_index_goes_on_answering_and_is_built_again(knowledge: Knowledge, damage: str) -> None:
    assert answers(knowledge) == ["A"]
    before, index_dir = knowledge.generation, knowledge.holdings.index_dir
    match damage:
        case "all deleted":
            shutil.rmtree(index_dir)
        case "pointer deleted":
            (index_dir / "CURRENT").unlink()
        case "pointer to nowhere":
            (index_dir / "CURRENT").write_text("0123456789abcdef\n")
        case _:
            (index_dir / "CURRENT").write_bytes(b"0568\xff\x00../x\n")
    assert answers(knowledge) == ["A"]
    assert knowledge.wait(20)
    assert answers(knowledge) == ["A"]
    assert knowledge.generation != before


def test_passages_that_are_cut_off_while_they_are_served_are_refused_and_built_again(knowledge: Knowledge) -> None:
    before, index_dir = knowledge.generation, knowledge.holdings.index_dir
    passages = index_dir / "generations" / before / "passages.jsonl"
    with passages.open("r+b") as file:
        file.truncate(100)
    with pytest.raises(IndexCorrupt, match="build the index again"):
        answers(knowledge)
    assert knowledge.wait(20)
    assert answers(knowledge) == ["A"]
    assert knowledge.generation != before


def test_a_newer_generation_of_another_process_is_picked_up(knowledge: Knowledge, tmp_path: Path) -> None:
    assert answers(knowledge) == ["A"]
    folder = tmp_path / "documents"
    (folder / "b.md").write_text("---\nid: B\n---\n## Filtr\n\nPrzy E18 czyści się też filtr.\n")
    other = Knowledge.open(Settings(data_dir=tmp_path / "data", documents_dir=folder), HashingEncoder())
    other.build()
    assert sorted(answers(knowledge)) == ["A", "B"]


def test_two_builders_of_one_index_take_turns(knowledge: Knowledge, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", documents_dir=tmp_path / "documents")
    others = [Knowledge.open(settings, HashingEncoder()) for _ in range(4)]
    threads = [threading.Thread(target=other.build) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    reports = [other.report for other in others]
    assert all(report and report.embedded == 0 and not report.faults for report in reports)
    assert answers(knowledge) == ["A"]


def test_a_change_during_a_build_is_built_too(knowledge: Knowledge, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    knowledge.refresh()
    (folder / "b.md").write_text("---\nid: B\n---\n## Filtr\n\nPrzy E18 czyści się też filtr.\n")
    knowledge.refresh()
    assert knowledge.wait(30)
    assert sorted(answers(knowledge)) == ["A", "B"]
