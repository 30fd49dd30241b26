"""Own history in, measured model out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.fakes.hashing_encoder import HashingEncoder
from tests.tiny_models import tiny_sentence_encoder
from tests.unit.models.test_linear_classifier import tickets
from training import commands, past_texts, train_as_asked
from training.evaluate_classifier import evaluate_classifier
from training.label_names import with_codes
from training.run_files import write_run
from training.run_report import describe_run
from training.ticket_history import (
    Columns,
    LabelledTicket,
    read_history,
    read_texts,
    read_unsorted,
    split_history,
)
from training.train_classifier import train_from_history, train_from_tickets
from triage.adapters.models.linear import LinearClassifier
from triage.bootstrap.encoders import load_encoder
from triage.config import load_settings
from triage.domain.company import Category, Taxonomy
from triage.errors import InvalidInput

ALL_COLUMNS = Columns("body", "queue", "no", "filed", "case")


def write_history(path: Path, n: int = 300) -> Path:
    texts, labels = tickets(n, seed=7)
    rows = [
        {
            "no": f"T{k}",
            "body": f"{text} nr {k % 7}{'x' * (k % 5)}",
            "queue": label,
            "filed": f"2026-{1 + k // 30:02d}-01",
            "case": f"c{k}",
        }
        for k, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]
    rows.append(rows[0] | {"no": "T-later", "filed": "2027-01-01", "body": "odpowiedź w tym samym wątku"})
    rows.append(rows[1] | {"no": "T-blank", "case": "c-blank", "body": " "})
    rows.append(rows[2] | {"no": "T-lone", "case": "c-lone", "queue": "single"})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def ticket(number: int, text: str, label: str = "a", time: str = "") -> LabelledTicket:
    return LabelledTicket(f"t{number}", text, label, time, f"t{number}")


def test_reads_the_first_message_of_each_thread_and_counts_blank_rows(tmp_path: Path) -> None:
    history = read_history(write_history(tmp_path / "history.csv"), ALL_COLUMNS)
    ids = {each.id for each in history.tickets}
    assert history.blank == 1
    assert "T0" in ids
    assert not {"T-later", "T-blank"} & ids


def test_quoted_history_and_signature_are_removed(tmp_path: Path) -> None:
    body = "Pralka cieknie.\n\nW dniu 3.11.2026 Serwis pisze:\n> Dzień dobry, jaki model?"
    path = tmp_path / "mail.jsonl"
    path.write_text(json.dumps({"text": body, "label": "fault"}), encoding="utf-8")
    assert read_history(path, Columns()).tickets[0].text == "Pralka cieknie."


def test_missing_columns_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no column nothing.*queue"):
        read_history(write_history(tmp_path / "history.csv", 10), Columns("nothing", "queue"))
    with pytest.raises(InvalidInput, match="There is no file"):
        read_history(tmp_path / "missing.csv", Columns())
    (tmp_path / "history.xlsx").write_text("x", encoding="utf-8")
    with pytest.raises(InvalidInput, match="not a table"):
        read_history(tmp_path / "history.xlsx", Columns())


def test_the_newest_tickets_are_held_back_and_copies_dropped() -> None:
    words = "zwrot pralka telefon faktura kurier lodówka rower status wycena szkoda".split()
    history = [ticket(n, f"{word} {word}owy", time=f"2026-01-{n + 1:02d}") for n, word in enumerate(words)]
    split = split_history([*history, ticket(90, history[0].text, time="2026-02-01")])
    assert split.copies == 1
    assert [each.id for each in split.test] == ["t8", "t9"]  # the copy of t0 is not among them, though newest
    assert len(split.groups) == len(split.train) == 8


def test_without_times_the_split_is_by_chance_but_the_same_each_run() -> None:
    history = [ticket(n, 5 * chr(97 + n) + " " + 5 * chr(98 + n)) for n in range(20)]
    one, other = (split_history(history) for _ in range(2))
    assert one == other
    assert len(one.test) == 4


def test_history_becomes_a_measured_model_with_its_papers(tmp_path: Path) -> None:
    steps: list[str] = []
    run = train_from_history(
        write_history(tmp_path / "history.csv"), ALL_COLUMNS, HashingEncoder(), progress=steps.append
    )
    out = tmp_path / "model"
    write_run(run, out)
    assert run.dropped == ("single",)
    assert run.report.accuracy.value > 0.9
    assert len(steps) == 6
    measures = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert measures["test"]["accuracy"]["n"] == len(run.split.test)
    assert {"README.md", "manifest.json", "label_errors.jsonl", "coverage-at-error.png", "confusion.png"} <= {
        path.name for path in out.iterdir()
    }
    assert any("left out: single" in line for line in describe_run(run))
    test_rows = [json.dumps({"text": each.text, "label": each.label}) for each in run.split.test]
    (tmp_path / "test.jsonl").write_text("\n".join(test_rows), encoding="utf-8")
    again = evaluate_classifier(out, tmp_path / "test.jsonl", HashingEncoder(), Columns())
    assert again.report.accuracy.value >= run.report.accuracy.value  # the model on disk has been taught these too
    assert again.unknown_labels == ()


def test_too_few_examples_are_said_plainly(tmp_path: Path) -> None:
    run = train_from_history(write_history(tmp_path / "history.csv", 40), ALL_COLUMNS, HashingEncoder())
    assert run.scarce
    assert any("too few examples" in line for line in describe_run(run))


def test_the_commands_train_and_evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_as_asked, "encoder_for", lambda texts: HashingEncoder())
    monkeypatch.setattr(commands, "encoder_of", lambda model: HashingEncoder())
    app = typer.Typer()
    app.command()(commands.train)
    app.command()(commands.evaluate)
    data = str(write_history(tmp_path / "history.csv"))
    named = ["--data", data, "--text", "body", "--label", "queue"]
    out = str(tmp_path / "model")
    trained = CliRunner().invoke(app, ["train", *named, "--time", "filed", "--thread", "case", "--out", out])
    assert trained.exit_code == 0, trained.output
    assert "accuracy" in trained.output
    evaluated = CliRunner().invoke(app, ["evaluate", "--model", out, *named, "--oos-label", "single", "--json"])
    assert evaluated.exit_code == 0, evaluated.output
    figures = json.loads(evaluated.stdout.strip().splitlines()[-1])
    assert figures["accuracy"]["value"] > 0.9
    assert figures["out_of_scope"]["recall"]["n"] == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_an_encoder_that_is_named_is_the_one_of_a_service_that_is_set_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()
    app.command()(commands.train)
    app.command()(commands.evaluate)
    monkeypatch.setenv("TRIAGE_DATA_DIR", str(tmp_path / "data"))
    folder, out = str(tiny_sentence_encoder(tmp_path)), str(tmp_path / "model")
    named = ["--data", str(write_history(tmp_path / "history.csv")), "--text", "body", "--label", "queue"]
    trained = CliRunner().invoke(app, ["train", *named, "--encoder", folder, "--out", out])
    assert trained.exit_code == 0, trained.output
    monkeypatch.setenv("TRIAGE_ENCODER", folder)
    service = load_encoder(load_settings())
    assert LinearClassifier.load(tmp_path / "model", service.encoder).name
    evaluated = CliRunner().invoke(app, ["evaluate", "--model", out, *named])
    assert evaluated.exit_code == 0, evaluated.output


@pytest.mark.parametrize(
    ("n", "dim", "n_history", "said"),
    [
        (40, 8, 162, "reads 162 tickets without a category"),
        (52, 64, 0, "not used: with 200 tickets without a category"),
    ],
    ids=["few dimensions leave something to learn", "all held-out tickets are right without"],
)
def test_tickets_without_a_category_are_used_where_they_help_and_said_not_to_be_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int, dim: int, n_history: int, said: str
) -> None:
    monkeypatch.setattr(train_as_asked, "encoder_for", lambda texts: HashingEncoder(dim=dim))
    named = ["--data", str(write_history(tmp_path / "few.csv", n)), "--text", "body", "--label", "queue"]
    named += ["--out", str(tmp_path / "model")]
    more = [{"body": text} for text in tickets(200, seed=9)[0]]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, [*more, {"body": ""}])), encoding="utf-8")
    trained = CliRunner().invoke(train_alone(), [*named, "--unlabelled", str(tmp_path / "more.jsonl")])
    assert trained.exit_code == 0, trained.output
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["n_history"] == n_history
    assert said in trained.output


@pytest.mark.parametrize(("unsorted", "n_history"), [(200, 162), (90, 0)], ids=["many", "too few to say much"])
def test_rows_that_nobody_sorted_are_read_unasked_where_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unsorted: int, n_history: int
) -> None:
    monkeypatch.setattr(train_as_asked, "encoder_for", lambda texts: HashingEncoder(dim=8))
    monkeypatch.setattr(past_texts, "LEAST_UNASKED", 100)
    path = write_history(tmp_path / "few.csv", 40)
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, next(csv.reader([path.read_text("utf-8").splitlines()[0]])), restval="")
        writer.writerows({"body": text} for text in tickets(unsorted, seed=9)[0])
    named = ["--data", str(path), "--text", "body", "--label", "queue", "--out", str(tmp_path / "model")]
    trained = CliRunner().invoke(train_alone(), named)
    assert trained.exit_code == 0, trained.output
    metrics = json.loads((tmp_path / "model" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["n_history"] == n_history
    assert "not used" not in trained.output


def test_rows_without_a_category_are_read_as_the_others_are(tmp_path: Path) -> None:
    rows = [
        {"text": "Zwrot na jan.kowalski@example.com", "label": "", "thread": "a", "time": "12.03.2026"},
        {"text": "Zwrot, proszę", "label": "", "thread": "a", "time": "30.01.2026"},
        {"text": "Nie działa", "label": "fault", "thread": "b", "time": "1.03.2026"},
        {"text": " ", "label": "", "thread": "c", "time": ""},
        {"text": "Pisze ewa.nowak@example.com", "label": "", "thread": "d", "time": ""},
    ]
    (tmp_path / "all.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    columns = Columns(time="time", thread="thread")
    first, second = read_unsorted(tmp_path / "all.jsonl", columns, 10)
    assert first == "Zwrot, proszę"  # the message that opened the conversation
    assert second.startswith("Pisze")
    assert "nowak" not in second
    assert len(read_unsorted(tmp_path / "all.jsonl", columns, 1)) == 1


def test_tickets_without_a_category_need_the_same_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_as_asked, "encoder_for", lambda texts: HashingEncoder(dim=8))
    named = ["--data", str(write_history(tmp_path / "few.csv", 40)), "--text", "body", "--label", "queue"]
    (tmp_path / "other.jsonl").write_text('{"text": "kasa"}', encoding="utf-8")
    out = ["--out", str(tmp_path / "model"), "--unlabelled", str(tmp_path / "other.jsonl")]
    refused = CliRunner().invoke(train_alone(), [*named, *out])
    assert "has no column body" in str(refused.exception)


def train_alone() -> typer.Typer:
    app = typer.Typer()
    app.command()(commands.train)
    return app


def test_texts_without_a_category_are_read_without_personal_data_and_signatures(tmp_path: Path) -> None:
    rows = [{"body": "Proszę o zwrot na jan.kowalski@example.com"}, {"body": None}, {"body": "  "}]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (text,) = read_texts(tmp_path / "more.jsonl", "body")
    assert "kowalski" not in text
    assert text.startswith("Proszę o zwrot")


def taxonomy(**labels: str) -> Taxonomy:
    categories = (
        Category(code, {"pl": label, "en": code.lower()}, {}, "inbox", (), "ACK", f"tag-{code.lower()}")
        for code, label in labels.items()
    )
    return Taxonomy("1", tuple(categories))


def test_a_history_that_calls_categories_by_name_is_taught_by_their_codes() -> None:
    known = taxonomy(ZWROT_TOWARU="Zwrot towaru", DOSTAWA="Dostawa")
    history = [ticket(1, "a", "zwrot towaru "), ticket(2, "b", "DOSTAWA"), ticket(3, "c", "tag-dostawa")]
    assert [each.label for each in with_codes(history, known)] == ["ZWROT_TOWARU", "DOSTAWA", "DOSTAWA"]
    foreign = [*history, ticket(4, "d", "Rozmiar")]
    assert with_codes(foreign, known) == foreign  # half of one taxonomy and half of another could not serve
    ambiguous = taxonomy(A="Zwrot", B="Zwrot")
    assert with_codes([ticket(1, "a", "Zwrot")], ambiguous)[0].label == "Zwrot"


def test_a_model_of_codes_is_measured_on_a_history_of_names(tmp_path: Path) -> None:
    known = taxonomy(RET="return", FLT="fault", STA="status", ONE="single")
    history = read_history(write_history(tmp_path / "history.csv"), ALL_COLUMNS)
    run = train_from_tickets(with_codes(history.tickets, known), HashingEncoder(), name="codes", blank=history.blank)
    write_run(run, tmp_path / "model")
    named = evaluate_classifier(
        tmp_path / "model", tmp_path / "history.csv", HashingEncoder(), ALL_COLUMNS, taxonomy=known
    )
    assert named.report.accuracy.value > 0.9
    assert named.unknown_labels == ("single",)  # one ticket could not be learnt


@pytest.mark.parametrize(("encoding", "advice"), [("cp1250", "WINDOWS-1250"), ("utf-16", "UTF-16")])
def test_a_table_in_another_encoding_is_refused_with_the_command_that_converts_it(
    tmp_path: Path, encoding: str, advice: str
) -> None:
    path = tmp_path / "excel.csv"
    path.write_text("treść;kategoria\nnie działa;usterka\n", encoding=encoding)
    with pytest.raises(InvalidInput, match=f"iconv -f {advice} -t UTF-8 excel.csv"):
        read_history(path, Columns("treść", "kategoria"))
