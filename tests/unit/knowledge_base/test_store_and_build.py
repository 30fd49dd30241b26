"""Generations on disk: checked, atomic, incremental."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.answer import SearchFilters
from knowledge_base.build import build_index
from knowledge_base.errors import EncoderMismatch, IndexCorrupt, IndexUnavailable
from knowledge_base.hybrid import read_query
from knowledge_base.hybrid.versions import VersionedDocument, superseded_from
from knowledge_base.passage import FloatArray
from knowledge_base.store import current_generation, documents_of, open_index
from tests.fakes.hashing_encoder import HashingEncoder

ROOT = Path(__file__).resolve().parents[3]


class CountingEncoder(HashingEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self, name: str = "hashing-64") -> None:
        super().__init__(name)
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.texts += texts
        return super().encode(texts)


def write(folder: Path, name: str, body: str, version: str = "1", **front: str) -> Path:
    folder.mkdir(exist_ok=True)
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    path = folder / f"{name}-{version}.md"
    path.write_text(f"---\nid: {name}\nversion: '{version}'\nlanguage: pl\n{lines}---\n{body}", encoding="utf-8")
    return path


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    write(folder, "A", "## Zwrot\n\nPieniądze zwracamy w 14 dni.\n\n## Etykieta\n\nWysyłamy e-mailem.")
    write(folder, "B", "## Pompa\n\nBłąd E18 oznacza brak odpływu wody.")
    return folder


def test_an_index_that_was_never_built_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable):
        open_index(tmp_path, HashingEncoder())


def test_a_reopened_index_ranks_exactly_as_before(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    first, second = (open_index(tmp_path / "index", HashingEncoder()) for _ in range(2))
    for query in ("zwrot pieniędzy", "E-18", "etykieta"):
        one, other = first.rank(read_query(query)), second.rank(read_query(query))
        assert np.array_equal(one.ids, other.ids)
        assert np.array_equal(one.evidence, other.evidence)
        assert first.search(query) == second.search(query)


def test_another_encoder_is_refused_by_name(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    with pytest.raises(EncoderMismatch, match=r"hashing-64.*other"):
        open_index(tmp_path / "index", HashingEncoder("other"))


def test_one_flipped_byte_in_any_file_is_refused(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    folder = current_generation(tmp_path / "index").folder
    for path in [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]:
        content = path.read_bytes()
        if not content:
            continue
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(IndexCorrupt, match="build the index again"):
            open_index(tmp_path / "index", HashingEncoder())
        path.write_bytes(content)
    open_index(tmp_path / "index", HashingEncoder())


@pytest.mark.parametrize("damage", ["missing file", "foreign file", "no manifest", "foreign manifest", "bad pointer"])
def test_a_damaged_generation_is_refused(sources: Path, tmp_path: Path, damage: str) -> None:
    index = tmp_path / "index"
    build_index(sources, index, HashingEncoder())
    folder = current_generation(index).folder
    match damage:
        case "missing file":
            (folder / "facets.npy").unlink()
        case "foreign file":
            (folder / "extra.pkl").write_bytes(b"\x80\x04.")
        case "no manifest":
            (folder / "manifest.json").unlink()
        case "foreign manifest":
            (folder / "manifest.json").write_text('{"format": 99}')
        case _:
            (index / "CURRENT").write_text("../../etc")
    with pytest.raises(IndexCorrupt):
        open_index(index, HashingEncoder())


@pytest.mark.parametrize("written_by", [9, 10, 12])
def test_an_index_of_another_format_is_built_again(sources: Path, tmp_path: Path, written_by: int) -> None:
    index = tmp_path / "index"
    build_index(sources, index, HashingEncoder())
    path = current_generation(index).folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, "format": written_by}), encoding="utf-8")
    with pytest.raises(IndexCorrupt, match="build the index again"):
        open_index(index, HashingEncoder())
    report = build_index(sources, index, HashingEncoder())
    assert report.embedded == report.passages == 3
    assert open_index(index, HashingEncoder()).search("E18")


def test_an_index_whose_parts_do_not_hold_as_many_passages_as_it_says_is_refused(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    path = current_generation(tmp_path / "index").folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, "passages": manifest["passages"] + 1}), encoding="utf-8")
    with pytest.raises(IndexCorrupt, match="different sizes"):
        open_index(tmp_path / "index", HashingEncoder())


def test_a_damaged_index_is_built_again_from_the_documents(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    (current_generation(tmp_path / "index").folder / "vectors.npy").write_bytes(b"damaged")
    report = build_index(sources, tmp_path / "index", HashingEncoder())
    assert report.embedded == report.passages == 3
    assert open_index(tmp_path / "index", HashingEncoder()).search("E18")


@pytest.mark.parametrize("pointer", [b"../../etc", b"\xff\xfe", b""])
def test_an_index_whose_pointer_is_garbled_is_built_again(sources: Path, tmp_path: Path, pointer: bytes) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    (tmp_path / "index" / "CURRENT").write_bytes(pointer)
    build_index(sources, tmp_path / "index", HashingEncoder())
    assert open_index(tmp_path / "index", HashingEncoder()).search("E18")


def test_only_changed_documents_are_embedded_again(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    encoder = CountingEncoder()
    write(sources, "B", "## Pompa\n\nBłąd E18: oczyścić filtr.")
    write(sources, "C", "## Nowy\n\nNowy dokument.")
    report = build_index(sources, tmp_path / "index", encoder)
    assert (report.documents, report.passages, report.embedded) == (3, 4, 2)
    # of each changed passage: the whole of it, its name, its only sentence
    assert sorted(text.rsplit("\n", 1)[-1] for text in encoder.texts) == sorted(
        ["Błąd E18: oczyścić filtr.", "Pompa", "Nowy dokument.", "Nowy", "Błąd E18: oczyścić filtr.", "Nowy dokument."]
    )
    fresh = build_index(sources, tmp_path / "other", HashingEncoder())
    assert fresh.embedded == 4
    incremental, whole = (open_index(tmp_path / name, HashingEncoder()) for name in ("index", "other"))
    assert incremental.search("oczyścić filtr") == whole.search("oczyścić filtr")


def test_the_generation_of_documents_that_have_not_changed_goes_on_serving(sources: Path, tmp_path: Path) -> None:
    index, done = tmp_path / "index", []
    first = build_index(sources, index, HashingEncoder(), stamp="monday")
    files = {path: path.stat().st_mtime_ns for path in index.rglob("*")}
    again = build_index(
        sources, index, HashingEncoder(), stamp="monday", on_progress=lambda *numbers: done.append(numbers)
    )
    assert {path: path.stat().st_mtime_ns for path in index.rglob("*")} == files
    assert replace(again, duration_s=0.0) == replace(first, duration_s=0.0, embedded=0)
    assert done == [(2, 2)]
    ids = [build_index(sources, index, HashingEncoder(), stamp="tuesday").generation]
    (sources / "B-1.md").rename(sources / "C-1.md")
    ids.append(build_index(sources, index, HashingEncoder(), stamp="tuesday").generation)
    ids.append(build_index(sources, index, HashingEncoder("other"), stamp="tuesday").generation)
    (index / "generations" / ids[-1] / "facets.json").write_text("{}")
    ids.append(build_index(sources, index, HashingEncoder("other"), stamp="tuesday").generation)
    assert len({first.generation, *ids}) == 5


def test_a_document_that_is_gone_leaves_the_index(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    (sources / "B-1.md").unlink()
    report = build_index(sources, tmp_path / "index", HashingEncoder())
    assert (report.documents, report.embedded) == (1, 0)
    assert not open_index(tmp_path / "index", HashingEncoder()).search("E18")


def test_another_encoder_embeds_everything_again(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    report = build_index(sources, tmp_path / "index", HashingEncoder("other"))
    assert report.embedded == report.passages


def test_a_bad_file_is_reported_and_the_others_are_indexed(sources: Path, tmp_path: Path) -> None:
    (sources / "zly.pdf").write_bytes(b"not a pdf")
    write(sources, "A", "## Inny\n\ntekst", version="1").rename(sources / "A-kopia.md")
    write(sources, "A", "## Zwrot\n\nPieniądze zwracamy w 14 dni.")
    report = build_index(sources, tmp_path / "index", HashingEncoder())
    assert report.documents == 2
    assert {fault.name for fault in report.faults} == {"zly.pdf", "A-kopia.md"}
    assert all(fault.message.startswith(fault.name) for fault in report.faults)


def test_no_more_than_two_generations_are_kept(sources: Path, tmp_path: Path) -> None:
    ids = [build_index(sources, tmp_path / "index", HashingEncoder(), stamp=stamp).generation for stamp in "1234"]
    assert {path.name for path in (tmp_path / "index" / "generations").iterdir()} == set(ids[-2:])


def test_an_empty_folder_makes_an_index_that_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    report = build_index(tmp_path / "docs", tmp_path / "index", HashingEncoder())
    assert report.passages == 0
    assert open_index(tmp_path / "index", HashingEncoder()).search("cokolwiek") == ()


def test_the_text_that_quotes_point_into_is_kept(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    texts = {record.source: record.text for record in documents_of(current_generation(tmp_path / "index").folder)}
    (hit, *_) = open_index(tmp_path / "index", HashingEncoder()).search("E18")
    assert texts[hit.passage.source][hit.quote.start : hit.quote.end] == hit.quote.text


KILLED = """
import os, signal, sys
from pathlib import Path
from knowledge_base.build import build_index
from knowledge_base.store import generation
from tests.fakes.hashing_encoder import HashingEncoder
name = sys.argv[3]
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
if name == "encode":
    HashingEncoder.encode = die
elif name == "replace":
    os.replace = die
else:
    setattr(generation, name, die)
build_index(Path(sys.argv[1]), Path(sys.argv[2]), HashingEncoder())
"""


@pytest.mark.parametrize("point", ["encode", "write_passages", "write_documents", "_sync_tree", "_switch", "replace"])
def test_a_build_killed_at_any_point_leaves_the_old_generation_serving(
    sources: Path, tmp_path: Path, point: str
) -> None:
    index = tmp_path / "index"
    before = build_index(sources, index, HashingEncoder()).generation
    expected = open_index(index, HashingEncoder()).search("E18")
    write(sources, "B", "## Pompa\n\nBłąd E18: nowa treść.")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED, str(sources), str(index), point]
    ended = subprocess.run(command, env=environment, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    reopened = open_index(index, HashingEncoder())
    assert reopened.generation == before
    assert reopened.search("E18") == expected
    after = build_index(sources, index, HashingEncoder())
    assert open_index(index, HashingEncoder()).generation == after.generation
    assert len(list((index / "generations").iterdir())) <= 2


def test_the_validity_of_the_newer_version_decides_when_the_older_is_hidden(sources: Path, tmp_path: Path) -> None:
    write(sources, "P", "## Termin\n\nOdpowiadamy w 30 dni.", "2.0", valid_from="2019-01-01", valid_to="2026-12-31")
    write(sources, "P", "## Termin\n\nOdpowiadamy w 14 dni.", "3.0", valid_from="2023-01-01", supersedes='"P@2.0"')
    build_index(sources, tmp_path / "index", HashingEncoder())
    index = open_index(tmp_path / "index", HashingEncoder(), today=lambda: date(2026, 11, 22))

    def versions(filters: SearchFilters) -> list[str]:
        found = index.search("w ile dni odpowiadamy termin", filters)
        return sorted(hit.passage.document_version for hit in found if hit.passage.document_id == "P")

    assert versions(SearchFilters()) == ["3.0"]
    assert versions(SearchFilters(valid_on=date(2022, 6, 1))) == ["2.0"]
    assert versions(SearchFilters(outdated=True)) == ["2.0", "3.0"]


def test_a_higher_version_replaces_a_lower_one_even_if_it_does_not_say_so() -> None:
    documents = [
        VersionedDocument("A@2.9", None, ()),
        VersionedDocument("A@2.10", date(2026, 1, 1), ()),
        VersionedDocument("B@1", None, ("C",)),
        VersionedDocument("C@7", None, ()),
    ]
    assert superseded_from(documents) == {"A@2.9": date(2026, 1, 1), "C@7": date.min}


VERSIONED = st.builds(
    VersionedDocument,
    st.sampled_from(["A@1", "A@2", "A@2.10", "A@2.9", "B@1", "B@2", "C@1"]),
    st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 5)),
    st.lists(st.sampled_from(["A", "B", "A@1", "B@2", "C@1", "D"]), max_size=2).map(tuple),
)


@given(st.lists(VERSIONED, max_size=6, unique_by=lambda document: document.key))
def test_each_document_is_replaced_from_the_first_day_of_any_that_replaces_it(
    documents: list[VersionedDocument],
) -> None:
    order = ["1", "2", "2.9", "2.10"]

    def replaces(newer: VersionedDocument, older: VersionedDocument) -> bool:
        (newer_id, of_newer), (older_id, of_older) = newer.key.split("@"), older.key.split("@")
        higher = newer_id == older_id and order.index(of_newer) > order.index(of_older)
        return newer.key != older.key and (higher or bool({older.key, older_id} & {*newer.supersedes}))

    expected = {
        older.key: min(days)
        for older in documents
        if (days := [newer.valid_from or date.min for newer in documents if replaces(newer, older)])
    }
    assert superseded_from(documents) == expected


def test_a_document_is_compared_with_versions_of_its_own_only(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()
    key = VersionedDocument.key

    def counted(self: VersionedDocument) -> str:
        name: str = key.__get__(self)
        read[name] += 1
        return name

    documents = [VersionedDocument(f"D{number}@1", None, ()) for number in range(500)]
    monkeypatch.setattr(VersionedDocument, "key", property(counted))
    assert superseded_from(documents) == {}
    assert max(read.values()) < 20


def test_a_manifest_that_was_read_before_is_read_again_when_it_changes(sources: Path, tmp_path: Path) -> None:
    build_index(sources, tmp_path / "index", HashingEncoder())
    known = current_generation(tmp_path / "index", verify=False)
    manifest = known.folder / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"stamp": ""', '"stamp": "later"'), encoding="utf-8")
    assert current_generation(tmp_path / "index", verify=False).manifest.stamp == "later"
    manifest.write_text("{", encoding="utf-8")
    with pytest.raises(IndexCorrupt):
        current_generation(tmp_path / "index", verify=False)
