"""``triage run --json`` on tickets the models never saw, and on input no desk would wish for."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DEV = Path("training/data/dev_tickets.jsonl")
Run = Callable[[bytes], subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command in a process of its own, with a data directory of its own and standard input as given."""
    data_dir = tmp_path_factory.mktemp("data")

    def command(stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        environment = os.environ | {"TRIAGE_DATA_DIR": str(data_dir), "HF_HUB_OFFLINE": "1"}
        return subprocess.run(
            [sys.executable, "-m", "triage", "run", "--json"],
            input=stdin,
            capture_output=True,
            timeout=240,
            check=False,
            env=environment,
        )

    return command


def records(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_a_hundred_unseen_tickets_fill_every_stage(run: Run) -> None:
    rows = [json.loads(line) for line in DEV.read_text(encoding="utf-8").splitlines()][::4][:100]
    done = run("\n".join(json.dumps({"id": row["id"], "text": row["text"]}) for row in rows).encode())
    found = records(done)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert [record["id"] for record in found] == [row["id"] for row in rows]
    for record in found:
        assert record["failure"] is None, record["failure"]
        assert 0 < record["category"]["probability"] <= 1
        assert record["category"]["routing"]
        assert record["category"]["neighbours"] or record["category"]["abstained"]
        assert record["urgency"]["level"] in {"P1", "P2", "P3", "P4"}
        assert record["draft"]["body"]
        assert record["summary"]["text"]
        stages = {
            "redact",
            "classify",
            "extract",
            "deadline",
            "rights",
            "urgency",
            "retrieve",
            "draft",
            "lint",
            "summarise",
        }
        assert stages == set(record["timings_ms"])
    hits = sum(record["category"]["code"] == row["category"] for record, row in zip(found, rows, strict=True))
    assert hits >= 70  # chance is 6 of 100; the exact figure is measured in training/, not here


def test_input_no_desk_would_wish_for_gets_an_answer_each(run: Run) -> None:
    odd = [
        {"id": "empty", "text": ""},
        {"id": "spaces", "text": " \n\t "},
        {"id": "huge", "text": "pralka cieknie " * 70_000},
        {"id": "nul", "text": "a\x00b\ud800"},
        {"id": "emoji", "text": "😡" * 500},
        {"id": "digits", "text": "1" * 100_000},
        {"id": "german", "text": "Die Waschmaschine ist nach drei Wochen kaputt, ich möchte mein Geld zurück."},
        {"id": "ukrainian", "text": "Пральна машина не працює, поверніть гроші."},
        {"id": "japanese", "text": "洗濯機が壊れました。返金してください。"},
        {"id": "html", "text": "<p>nie działa</p><script>alert(1)</script>"},
        {"id": "template", "text": "{{ 7*7 }} {% for x in y %} ${jndi:ldap://x} ⟦PERSON_1·abcd⟧"},
        {"id": "no-text"},
    ]
    done = run("\n".join(json.dumps(entry) for entry in odd).encode())
    found = {record["id"]: record for record in records(done)}
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert set(found) == {str(entry["id"]) for entry in odd}
    for record in found.values():
        assert record["failure"] is None, (record["id"], record["failure"])
    for name in ("empty", "spaces", "german", "ukrainian", "japanese", "no-text"):
        assert found[name]["category"]["abstained"], name
    assert "49" not in found["template"]["draft"]["body"].split()


def test_binary_input_and_broken_lines_are_reported_and_the_rest_goes_on(run: Run) -> None:
    done = run(b'{"id": "good", "text": "ekspres cieknie"}\n{"id": "bad", \n')
    good, bad = records(done)
    assert done.returncode == 1
    assert good["id"] == "good"
    assert bad == {"id": "stdin:2", "error": "The line is not valid JSON."}
    (binary,) = records(run(bytes(range(256)) * 200))
    assert binary["category"]["code"]


def test_standard_output_holds_nothing_but_the_records(run: Run) -> None:
    done = run(b"dzien dobry, pralka AquaSpin W7 pokazuje E18, zam 45871")
    (record,) = records(done)
    assert record["entities"]["error_code"][0]["value"] == "E18"
    assert record["language"] == "pl"
    assert any(passage["document"].startswith("M03") for passage in record["passages"])
