"""``triage search --json``: each hit names its passage, so that `triage rulings teach` can be told which is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from triage.cli import app


def test_a_hit_names_its_passage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.md").write_text("---\nid: A\nversion: '2'\n---\n## Pompa\n\nBłąd E18 oznacza brak odpływu wody.\n")
    monkeypatch.setenv("TRIAGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TRIAGE_DOCUMENTS_DIR", str(folder))
    result = CliRunner().invoke(app, ["search", "--json", "błąd", "E18"])
    [line] = result.stdout.splitlines()
    assert (json.loads(line)["id"], json.loads(line)["document"]) == ("A@2#0", "A")


def answered(question: str) -> list[dict[str, object]]:
    printed = CliRunner().invoke(app, ["search", "--json", *question.split()]).stdout
    return [json.loads(line) for line in printed.splitlines()]


def test_where_nothing_answers_the_nearest_are_printed_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.md").write_text("---\nid: A\n---\n## Pompa\n\nBłąd E18 oznacza brak odpływu wody.\n")
    monkeypatch.setenv("TRIAGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TRIAGE_DOCUMENTS_DIR", str(folder))
    asked = {question: answered(question) for question in ("błąd E18", "błąd E47 pralki")}
    assert [line["answers"] for line in asked["błąd E18"]] == [True]
    [near] = asked["błąd E47 pralki"]
    assert (near["answers"], near["document"], near["missing"]) == (False, "A", ["E47"])
