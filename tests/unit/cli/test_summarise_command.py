"""``triage summarise --json``: the contract other programs rely on, line by line, whatever else stands in the input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.fakes.hashing_encoder import HashingEncoder
from tests.fakes.models import FakeClassifier, FakeRecogniser
from training.draft_cases import company
from triage.calendars.clock_table import ClockTable
from triage.calendars.regime import RegimeTable
from triage.calendars.rules import RuleTable
from triage.cli import summarise as command
from triage.drafting.summaries import SummaryTools

SECTIONS = ["intent", "timeline", "demands", "facts", "commitments", "open_questions", "deadlines", "tone"]
BIKE = {
    "id": "a1",
    "messages": [
        {"author": "customer", "at": "2026-11-02T08:00:00+01:00",
         "text": "Dzień dobry, rower VoltRide C5 nie wspomaga, na wyświetlaczu M12. Proszę o naprawę.\n\n-- \nAnna"},
        {"author": "agent", "at": "2026-11-03T09:00:00+01:00", "text": "Kurier odbierze rower 6.11.2026."},
        {"author": "customer", "at": "2026-11-09T08:00:00+01:00",
         "text": "Kuriera nadal nie ma. Kiedy odbierzecie rower?\n\nW dniu 3.11.2026 Serwis napisał:\n> Kurier"},
    ],
}  # fmt: skip
BAD = [
    "not json",
    '{"id": "b", "messages": "x"}',
    '{"id": "c", "messages": [{"author": "robot", "text": "x"}]}',
    "[1, 2]",
    '{"id": "d", "messages": [{"at": "yesterday", "text": "x"}]}',
    '{"a":' * 3000,
    "null",
    "7",
]


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> tuple[CliRunner, typer.Typer]:
    rules = RuleTable.load()
    tables = rules, ClockTable.load(rules), RegimeTable.load()
    tools = SummaryTools(company(), *tables, FakeRecogniser(("Anna",)), FakeClassifier("C01"), HashingEncoder())
    monkeypatch.setattr(command, "load_summary_tools", lambda settings, report: tools)
    app = typer.Typer()
    app.command()(command.summarise)
    return CliRunner(), app


def told(
    runner: tuple[CliRunner, typer.Typer], lines: list[str], *arguments: str
) -> tuple[int, list[dict[str, object]]]:
    result = runner[0].invoke(
        runner[1], ["--json", *arguments], input="\n".join(lines).encode("utf-8", "surrogatepass")
    )
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_each_line_gives_id_sections_and_text_and_every_statement_names_its_messages(
    runner: tuple[CliRunner, typer.Typer],
) -> None:
    code, [made] = told(runner, [json.dumps(BIKE)])
    assert code == 0
    assert sorted(made) == ["id", "summary", "text"]
    assert made["id"] == "a1"
    summary = made["summary"]
    assert isinstance(summary, dict)
    assert list(summary) == SECTIONS
    lines = [line for section in summary.values() for line in section]
    assert all(sorted(line) == ["messages", "text"] for line in lines)
    assert all(set(line["messages"]) <= {"m1", "m2", "m3"} and line["messages"] for line in lines)
    assert made["text"] == "\n".join(line["text"] for line in lines)
    assert "nie dotrzymano" in summary["commitments"][0]["text"]
    assert summary["commitments"][0]["messages"] == ["m2", "m3"]
    assert "Termin UPK-7A-REPLY: 16.11.2026" in made["text"]  # counted from the first message, not from today
    assert "napisał" not in str(made)


def test_a_bad_line_is_named_and_the_others_go_on(runner: tuple[CliRunner, typer.Typer]) -> None:
    code, records = told(runner, [line for bad in BAD for line in (bad, json.dumps(BIKE))])
    assert code == 1
    assert sum("summary" in record for record in records) == len(BAD)
    faulty = [record for record in records if "error" in record]
    assert [record["id"] for record in faulty] == [f"stdin:{number}" for number in range(1, 2 * len(BAD), 2)]
    assert all(sorted(record) == ["error", "id"] for record in faulty)


def test_an_empty_history_is_an_empty_summary(runner: tuple[CliRunner, typer.Typer]) -> None:
    code, [made] = told(runner, ['{"id": "e", "messages": []}'])
    assert (code, made["text"]) == (0, "")


def test_files_are_read_like_standard_input(runner: tuple[CliRunner, typer.Typer], tmp_path: Path) -> None:
    (tmp_path / "tickets.jsonl").write_text(json.dumps(BIKE) + "\n" + json.dumps(BIKE | {"id": "a2"}), encoding="utf-8")
    code, records = told(runner, [], str(tmp_path / "tickets.jsonl"))
    assert code == 0
    assert [record["id"] for record in records] == ["a1", "a2"]
