"""Histories as helpdesks and spreadsheets export them: times, labels and bodies written in every way."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.fakes.hashing_encoder import HashingEncoder
from tests.unit.models.test_linear_classifier import tickets
from training import commands, train_as_asked
from training.evaluate_classifier import evaluate_classifier
from training.filing_times import sortable_times
from training.fit_to_serve import obstacles
from training.label_errors import read_reviewed, relabelled
from training.label_names import only_known
from training.run_files import write_run
from training.run_report import describe_run
from training.ticket_history import Columns, LabelledTicket, read_history, split_history
from training.train_classifier import train_from_tickets
from triage.adapters.models.linear import LinearClassifier
from triage.domain.company import Category, Taxonomy
from triage.errors import InvalidInput

WORDS = "zwrot pralka telefon faktura kurier lodówka rower status wycena szkoda".split()


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def ticket(number: int, text: str, label: str = "a", time: str = "") -> LabelledTicket:
    return LabelledTicket(f"t{number}", text, label, time, f"t{number}")


def taxonomy(**formerly: tuple[str, ...]) -> Taxonomy:
    categories = (
        Category(code, {"pl": code, "en": code}, {}, "inbox", (), "ACK", code, formerly=names)
        for code, names in formerly.items()
    )
    return Taxonomy("1", tuple(categories))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-03 10:00:00", "2026-11-03T10:00:00+00:00"),
        ("2026-11-03T10:00:00.000+0200", "2026-11-03T08:00:00+00:00"),
        ("2026/11/03 10:00", "2026-11-03T10:00:00+00:00"),
        ("03.11.2026 10:00", "2026-11-03T10:00:00+00:00"),
        ("3/11/2026", "2026-11-03T00:00:00+00:00"),
        ("Tue, 3 Nov 2026 10:00:00 +0100", "2026-11-03T09:00:00+00:00"),
        ("3 listopada 2026 10:00", "2026-11-03T10:00:00+00:00"),
        ("2026-11-03 10:00:00 CET", "2026-11-03T09:00:00+00:00"),
        ("1793700000", "2026-11-03T10:00:00+00:00"),
        ("1793700000000", "2026-11-03T10:00:00+00:00"),
        ("wczoraj", ""),
        ("9999-12-31T23:59:59-05:00", ""),
        ("12", ""),
        ("", ""),
    ],
)
def test_a_time_is_read_however_it_is_written(written: str, expected: str) -> None:
    assert sortable_times([written]) == [expected]


def test_months_stand_first_only_where_the_column_shows_it() -> None:
    assert [each[:10] for each in sortable_times(["3/11/2026", "3/25/2026"])] == ["2026-03-11", "2026-03-25"]
    assert [each[:10] for each in sortable_times(["3/11/2026", "25/3/2026"])] == ["2026-11-03", "2026-03-25"]


def test_the_newest_are_held_back_also_where_text_order_is_another(tmp_path: Path) -> None:
    rows = [
        {"body": f"{word} {word}owy", "queue": "a", "filed": f"{30 - 3 * n:02d}.{n + 1:02d}.2026", "case": f"c{n}"}
        for n, word in enumerate(WORDS)
    ]
    rows.append({"body": "odpowiedź w wątku", "queue": "a", "filed": "01.12.2026", "case": "c0"})
    history = read_history(write_rows(tmp_path / "h.csv", rows), Columns("body", "queue", None, "filed", "case"))
    split = split_history(history.tickets)
    assert split.by_time
    assert [each.thread for each in split.test] == ["c8", "c9"]
    assert "zwrot zwrotowy" in {each.text for each in split.train}  # opened the thread, though "30" sorts after "01"


def test_tickets_without_a_time_are_trained_on_and_counted() -> None:
    history = [ticket(n, f"{word} {word}owy", time=f"2026-01-{n + 1:02d}") for n, word in enumerate(WORDS)]
    history[9] = ticket(9, history[9].text)
    split = split_history(history)
    assert (split.by_time, split.undated) == (True, 1)
    assert [each.id for each in split.test] == ["t7", "t8"]


def test_a_split_by_chance_is_not_called_later(tmp_path: Path) -> None:
    texts, labels = tickets(60, seed=3)
    history = [ticket(n, f"{text} {n}", label) for n, (text, label) in enumerate(zip(texts, labels, strict=True))]
    lines = describe_run(train_from_tickets(history, HashingEncoder(), name="undated"))
    assert any("drawn by chance" in line for line in lines)


def test_a_column_that_holds_no_times_is_refused(tmp_path: Path) -> None:
    rows = [{"text": word, "label": "a", "filed": "niedawno"} for word in WORDS]
    with pytest.raises(InvalidInput, match="column filed, 10 of 10 times cannot be read"):
        read_history(write_rows(tmp_path / "h.csv", rows), Columns(time="filed"))


def test_a_list_of_one_label_is_that_label_and_one_of_several_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text(json.dumps({"text": "a b", "label": ["refund"]}), encoding="utf-8")
    assert read_history(path, Columns()).tickets[0].label == "refund"
    for text, label in (("a b", ["refund", "vip"]), ({"body": "a b"}, "refund")):
        path.write_text(json.dumps({"text": text, "label": label}), encoding="utf-8")
        with pytest.raises(InvalidInput, match=r"Row 1: column (label|text) holds a list of several or an object"):
            read_history(path, Columns())


@pytest.mark.parametrize("damage", ["a;b;c;d", '"open;b'], ids=["too many cells", "a quotation mark left open"])
def test_a_damaged_row_of_a_table_is_named(tmp_path: Path, damage: str) -> None:
    rows = ["text;label", '"two\nlines";a', "one;a", damage, *(f"more {n};b" for n in range(40))]
    (tmp_path / "h.csv").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"h\.csv, line 5: the row does not have as many cells"):
        read_history(tmp_path / "h.csv", Columns())


def test_spellings_of_a_label_are_one_category(tmp_path: Path) -> None:
    labels = ["Przegląd", "Przegląd", "przegląd ", "PRZEGLAD", "Awaria", "awaria", "Awaria"]
    rows = [{"text": f"{word} {n}", "label": label} for n, (word, label) in enumerate(zip(WORDS, labels, strict=False))]
    history = read_history(write_rows(tmp_path / "h.csv", rows), Columns())
    assert [each.label for each in history.tickets] == 4 * ["Przegląd"] + 3 * ["Awaria"]
    assert history.respelt == {"przegląd": "Przegląd", "PRZEGLAD": "Przegląd", "awaria": "Awaria"}


def test_a_model_is_measured_on_labels_spelt_another_way(tmp_path: Path) -> None:
    texts, labels = tickets(60, seed=3)
    model = LinearClassifier.train(texts, labels, HashingEncoder())
    model.save(tmp_path / "model")
    rows = [{"text": text, "label": label.upper()} for text, label in zip(texts, labels, strict=True)]
    rows.append({"text": "pogoda na jutro", "label": "OOS"})
    path = write_rows(tmp_path / "h.csv", rows)
    found = evaluate_classifier(tmp_path / "model", path, HashingEncoder(), Columns(), oos_label="oos")
    assert found.unknown_labels == ()
    assert found.report.accuracy.value > 0.9
    assert found.report.out_of_scope is not None
    assert found.report.out_of_scope.recall.n == 1


def test_tickets_are_known_by_former_names_of_their_category() -> None:
    known = taxonomy(HALAS=("Głośność", "Noise 2024"), AWARIA=())
    history = [ticket(1, "a", "glosnosc"), ticket(2, "b", "noise  2024"), ticket(3, "c", "awaria"), ticket(4, "d", "x")]
    assert [each.label for each in only_known(history, known)] == ["HALAS", "HALAS", "AWARIA"]


def test_what_keeps_a_model_from_serving_is_said_with_the_way_out() -> None:
    known = taxonomy(HALAS=(), AWARIA=())
    assert list(obstacles({"HALAS": 3, "AWARIA": 2}, "e", known, "e")) == []
    (foreign,) = obstacles({"HALAS": 30, "LICZNIK": 2}, "e", known, "e")
    assert "lacks 1 of its 2 categories: LICZNIK (2)" in foreign
    assert "--known-only" in foreign
    (other,) = obstacles({"HALAS": 3}, "MiniLM", known, "shipped")
    assert "--encoder shipped" in other


def test_html_bodies_are_read_as_they_are_seen(tmp_path: Path) -> None:
    body = "<html><body><p>Pompa <b>stoi</b></p><style>p{}</style><blockquote>Proszę o numer</blockquote></body></html>"
    path = tmp_path / "h.jsonl"
    rows = [{"text": body, "label": "a"}, {"text": "<p> </p><br>", "label": "a"}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    history = read_history(path, Columns())
    assert [each.text for each in history.tickets] == ["Pompa stoi"]
    assert history.blank == 1


def test_doubtful_labels_are_listed_with_the_masked_text(tmp_path: Path) -> None:
    texts, labels = tickets(200, seed=3)
    history = [
        ticket(n, f"{text} {n}", label if n else next(other for other in labels if other != label))
        for n, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]
    run = train_from_tickets(history, HashingEncoder(), name="doubts")
    write_run(run, tmp_path)
    listed = [json.loads(line) for line in (tmp_path / "label_errors.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"id": "t0", "text": f"{texts[0]} 0"}.items() <= listed[0].items()


def test_a_category_that_got_another_name_is_noticed() -> None:
    texts, labels = tickets(300, seed=3)
    renamed = max(set(labels), key=labels.count)
    history = [
        ticket(n, f"{text} {n}", f"{label} (new)" if label == renamed and n % 2 else label)
        for n, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]
    lines = describe_run(train_from_tickets(history, HashingEncoder(), name="renamed", coverage=0.6))
    assert any(f"one category under two names? {renamed} and {renamed} (new)" in line for line in lines), lines


def test_a_reviewed_list_of_label_errors_is_taught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_as_asked, "encoder_for", lambda texts: HashingEncoder())
    app = typer.Typer()
    app.command()(commands.train)
    texts, labels = tickets(200, seed=3)
    names = sorted(set(labels))
    filed = [names[names.index(label) - 1] if n % 20 == 0 else label for n, label in enumerate(labels)]
    rows = [{"text": f"{text} {n}", "label": label} for n, (text, label) in enumerate(zip(texts, filed, strict=True))]
    out = tmp_path / "model"
    command = ["--data", str(write_rows(tmp_path / "h.csv", rows)), "--out", str(out)]
    assert CliRunner().invoke(app, command).exit_code == 0
    first = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    listed = (out / "label_errors.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["id"] for line in listed} == {f"row-{n + 1}" for n in range(0, 200, 20)}
    (tmp_path / "reviewed.jsonl").write_text("\n".join(listed), encoding="utf-8")
    again = CliRunner().invoke(app, [*command, "--relabel", str(tmp_path / "reviewed.jsonl")])
    assert again.exit_code == 0, again.output
    second = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert (out / "label_errors.jsonl").read_text(encoding="utf-8") == ""
    assert second["test"]["accuracy"]["value"] > first["test"]["accuracy"]["value"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"id": "t1"}', "line 1: give"),
        ("nonsense", "line 1: give"),
        ('{"id": "x", "suggested": "a"}', "None of the 1"),
    ],
)
def test_a_reviewed_list_that_fits_nothing_is_refused(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "reviewed.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput, match=fault):
        relabelled([ticket(1, "a")], read_reviewed(tmp_path / "reviewed.jsonl"))


@pytest.mark.parametrize("kind", ["a file", "below a file"])
def test_a_place_that_cannot_be_written_to_is_refused_before_training(tmp_path: Path, kind: str) -> None:
    app = typer.Typer()
    app.command()(commands.train)
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    out = tmp_path / "taken" if kind == "a file" else tmp_path / "taken" / "model"
    refused = CliRunner().invoke(app, ["--data", str(tmp_path / "none.csv"), "--out", str(out)])
    assert isinstance(refused.exception, InvalidInput)
    assert "cannot be written to" in str(refused.exception)


def test_only_known_categories_are_trained_on_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_as_asked, "encoder_for", lambda texts: HashingEncoder())
    monkeypatch.setattr(
        train_as_asked, "taxonomy_in_force", lambda: taxonomy(**{label.upper(): () for label in set(labels)})
    )
    texts, labels = tickets(60, seed=3)
    rows = [{"text": f"{text} {n}", "label": label} for n, (text, label) in enumerate(zip(texts, labels, strict=True))]
    rows += [{"text": f"licznik {n}", "label": "meter"} for n in range(3)]
    app = typer.Typer()
    app.command()(commands.train)
    path, out = str(write_rows(tmp_path / "h.csv", rows)), str(tmp_path / "model")
    done = CliRunner().invoke(app, ["--data", path, "--out", out, "--known-only"])
    assert done.exit_code == 0, done.output
    assert "left out, because the taxonomy lacks their category: meter (3)" in done.output
    assert json.loads((tmp_path / "model" / "model.json").read_text())["labels"] == sorted(
        label.upper() for label in set(labels)
    )
