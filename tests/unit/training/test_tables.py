"""Tables as desks export them, and errors that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.tables import read_table
from triage.errors import InvalidInput


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "text,label\npralka cieknie,C01\n"),
        ("t.csv", "text;label\npralka cieknie;C01\n"),
        ("t.CSV", "\ufefftext\tlabel\npralka cieknie\tC01\n"),
        ("t.tsv", "text\tlabel\npralka cieknie\tC01\n"),
        ("t.jsonl", '{"text": "pralka cieknie", "label": "C01"}\n'),
    ],
)
def test_the_usual_forms_are_read(tmp_path: Path, name: str, content: str) -> None:
    [row] = read_table(written(tmp_path, name, content), ("text", "label"))
    assert (row["text"], row["label"]) == ("pralka cieknie", "C01")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.csv", "", "is empty"),
        ("t.csv", "text,label\n", "heading but no rows"),
        ("t.csv", 'text,label\n"\xb9\xea",x\n'.encode("latin-1"), "not UTF-8.*WINDOWS-1250"),
        ("t.jsonl", '{"text": "a"}\n{"text":\n', "line 2, is not a JSON object"),
        ("t.csv", "opis,kategoria\na,b\n", "no column text, label; it has opis, kategoria.*--text"),
        ("t.xlsx", "PK", "not a table"),
        ("t.parquet", "PAR1 no", "cannot be read as .parquet"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_to_do(
    tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_table(written(tmp_path, name, content), ("text", "label"))
