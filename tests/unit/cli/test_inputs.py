"""Inputs of ``triage run``: one bad entry never stops the others."""

import json
from datetime import UTC, datetime
from pathlib import Path

from triage.cli.inputs import Unreadable, parse, read_tickets
from triage.domain.ticket import Channel, Ticket

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def test_json_lines_with_a_broken_line_in_the_middle() -> None:
    raw = b'{"id": "a", "text": "x"}\n{broken\n{"id": "b", "text": "y"}\n[1]\n'
    entries = list(parse(raw, "t.jsonl", NOW))
    assert [entry.id for entry in entries if isinstance(entry, Ticket)] == ["a", "b"]
    assert [entry.id for entry in entries if isinstance(entry, Unreadable)] == ["t.jsonl:2", "t.jsonl:4"]


def test_a_json_list_and_a_single_object_are_read_too() -> None:
    assert len(list(parse(json.dumps([{"text": "a"}, {"text": "b"}]).encode(), "t.json", NOW))) == 2
    assert len(list(parse(json.dumps({"text": "a"}, indent=2).encode(), "t.json", NOW))) == 1


def test_a_mail_on_standard_input_is_told_from_plain_text() -> None:
    mail = b"From: a@example.com\nSubject: x\n\nCieknie."
    assert [entry.channel for entry in parse(mail, "stdin", NOW) if isinstance(entry, Ticket)] == [Channel.EMAIL]
    text = "Uwaga: cieknie.\nProszę o pomoc.".encode()
    assert [entry.channel for entry in parse(text, "stdin", NOW) if isinstance(entry, Ticket)] == [Channel.API]


def test_binary_deeply_nested_and_missing_inputs_are_answered_not_raised(tmp_path: Path) -> None:
    deep = tmp_path / "deep.jsonl"
    deep.write_text('{"a":' * 100_000, encoding="utf-8")
    binary = tmp_path / "x.bin"
    binary.write_bytes(bytes(range(256)) * 100)
    entries = list(read_tickets([deep, binary, tmp_path / "missing.jsonl"], b"", NOW))
    assert [type(entry) for entry in entries] == [Unreadable, Ticket, Unreadable]
