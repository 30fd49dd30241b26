"""A transformer fine-tuned on the tickets is heard beside the head where that helps, and nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.fakes.hashing_encoder import HashingEncoder
from tests.tiny_models import tiny_sentence_encoder
from tests.unit.models.test_linear_classifier import redacted, tickets
from training import commands, second_opinion, train_as_asked
from training.run_report import describe_run
from training.second_opinion import Tutor, is_worth_it
from training.teach_transformer import MINILM, USUAL, Teaching, teach, teaching_for
from training.ticket_history import LabelledTicket
from training.train_classifier import train_from_tickets
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.opinion import Reader, SecondOpinion, hear
from triage.adapters.models.linear.twins import Verdicts
from triage.adapters.models.registry import FileModelRegistry
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder
from triage.errors import ModelTampered

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
QUICK = Teaching(epochs=8, batch=32, rate=3e-3, layer_rate=3e-2)
TEXTS, LABELS = tickets(240, seed=1)
# One label in eight is another than the words say, so that the head errs on those while they are held out.
GIVEN = [("status" if label != "status" else "fault") if k % 8 == 0 else label for k, label in enumerate(LABELS)]
NAMES = ("fault", "return", "status")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_sentence_encoder(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def opinion(base: Path) -> SecondOpinion:
    """Of a transformer over letters taught 240 tickets."""
    return Tutor(base, QUICK)(TEXTS, LABELS)


@pytest.fixture(scope="module")
def knowing(opinion: SecondOpinion) -> SecondOpinion:
    """One that is said to have been right about every ticket while that was held out, with little doubt."""
    said = np.full((240, 3), -3.0, dtype=np.float32)
    said[np.arange(240), [NAMES.index(label) for label in GIVEN]] = 3.0
    said += np.random.default_rng(0).normal(size=said.shape).astype(np.float32)
    return SecondOpinion(opinion.reader, tuple(range(240)), said)


@pytest.fixture(scope="module")
def hearing(knowing: SecondOpinion) -> LinearClassifier:
    return LinearClassifier.train(TEXTS, GIVEN, HashingEncoder(), opinion=knowing, name="hearing")


def test_the_reader_learns_nine_tenths_of_the_tickets_and_the_others_judge_it(opinion: SecondOpinion) -> None:
    unseen, truth = tickets(90, seed=2)
    said = opinion.reader.margins(unseen, NAMES)
    assert np.mean([NAMES[k] == label for k, label in zip(said.argmax(axis=1), truth, strict=True)]) > 0.8
    assert 16 <= len(opinion.judged) <= 32
    right = [NAMES[k] == LABELS[row] for k, row in zip(opinion.said.argmax(axis=1), opinion.judged, strict=True)]
    assert np.mean(right) > 0.7


def test_before_the_first_step_margins_are_cosines_to_the_means_of_categories(base: Path) -> None:
    texts, labels = TEXTS[:120], LABELS[:120]
    untaught = teach(texts, labels, Teaching(epochs=1, rate=0.0, layer_rate=0.0, start=16.0), base)
    vectors = SentenceTransformerEncoder(base).encode(texts)
    means = np.stack([vectors[[row for row, label in enumerate(labels) if label == name]].mean(0) for name in NAMES])
    cosines = vectors @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T
    said = untaught.margins(texts, NAMES)
    apart, expected = (each - each.mean(axis=1, keepdims=True) for each in (said, 16.0 * cosines))
    assert np.abs(apart - expected).max() < 0.1 * np.abs(expected).max()  # weights of 8 bits


def test_what_it_says_of_a_text_does_not_depend_on_the_texts_beside_it(opinion: SecondOpinion) -> None:
    together = opinion.reader.margins(TEXTS[:30], NAMES)
    alone = np.concatenate([opinion.reader.margins([text], NAMES) for text in TEXTS[:30]])
    np.testing.assert_allclose(together, alone, atol=1e-3)


def test_a_category_it_was_not_taught_is_its_least_likely_one(opinion: SecondOpinion) -> None:
    labels = ("aaa", *NAMES)
    said = opinion.reader.margins(TEXTS[:10], labels)
    np.testing.assert_array_equal(said[:, 1:], opinion.reader.margins(TEXTS[:10], NAMES))
    np.testing.assert_array_equal(said[:, 0], said[:, 1:].min(axis=1))


def verdicts(margins: np.ndarray[tuple[int, int], np.dtype[np.float32]], rows: list[int]) -> Verdicts:
    return Verdicts(np.array(rows), margins, np.zeros(len(rows), dtype=np.float32))


def test_it_is_weighed_where_both_judged_and_not_heard_where_it_does_not_help(opinion: SecondOpinion) -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 600)
    exact = np.eye(3, dtype=np.float32)[truth]
    head = (exact + rng.normal(size=exact.shape)).astype(np.float32)
    other = (exact + rng.normal(size=exact.shape)).astype(np.float32)
    rows = rng.permutation(600).tolist()
    second = SecondOpinion(opinion.reader, tuple(range(200, 600)), other[200:])
    heard = hear(second, verdicts(head[rows], rows), truth)
    assert sorted(heard.verdicts.rows.tolist()) == list(range(200, 600))
    assert heard.weight > 0.3  # as sure as the head
    both = head[heard.verdicts.rows] + np.float32(heard.weight) * other[heard.verdicts.rows]
    np.testing.assert_allclose(heard.verdicts.margins, both, rtol=1e-6)
    assert heard.verdicts.weight is not None  # they stand for the 200 that only the head judged, too
    head_right = head.argmax(axis=1) == truth
    weighed = np.average(head_right[heard.verdicts.rows], weights=heard.verdicts.weight)
    assert abs(weighed - head_right.mean()) < abs(head_right[200:].mean() - head_right.mean())
    assert np.mean(both.argmax(1) == truth[heard.verdicts.rows]) > np.mean(head.argmax(1) == truth) + 0.05
    noise = SecondOpinion(opinion.reader, second.judged, rng.normal(size=(400, 3)).astype(np.float32))
    certain = verdicts(3 * exact[rows], rows)
    assert hear(noise, certain, truth).weight == 0
    assert hear(noise, certain, truth).verdicts is certain


def test_one_ticket_lost_does_not_silence_an_opinion_that_knows_when_the_head_errs(opinion: SecondOpinion) -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 600)
    named = np.where(np.arange(600) < 60, (truth + 1) % 3, truth)  # the head errs on the first sixty
    head = np.eye(3, dtype=np.float32)[named]
    doubt = np.where(np.arange(600) < 60, 0.3, 0.0)
    other = (head * (1.0 - doubt[:, None])).astype(np.float32)
    other[599] = np.roll(other[599], 1) * 20
    heard = hear(SecondOpinion(opinion.reader, tuple(range(600)), other), verdicts(head, list(range(600))), truth)
    assert (head.argmax(axis=1) == truth).sum() == 540
    assert heard.weight > 0
    assert (heard.verdicts.margins.argmax(axis=1) == truth).sum() == 539


def test_its_margins_are_added_to_the_heads(hearing: LinearClassifier, knowing: SecondOpinion) -> None:
    plain = LinearClassifier.train(TEXTS, GIVEN, HashingEncoder(), name="plain")
    assert (plain.hears_transformer, hearing.hears_transformer) == (False, True)
    asked = [*tickets(20, seed=5)[0], ""]
    weight = hearing._parameters.settings["transformer_weight"]
    assert isinstance(weight, float)
    assert weight > 0
    added = hearing.margins(hearing._extractor.transform(asked)) - plain.margins(plain._extractor.transform(asked))
    np.testing.assert_allclose(added, weight * knowing.reader.margins(asked, NAMES), atol=2e-3)
    assert hearing.held_out.accuracy > plain.held_out.accuracy + 0.05
    assert hearing.predict(redacted(asked[0]))[0].neighbours == plain.predict(redacted(asked[0]))[0].neighbours


def test_it_survives_the_disk_and_the_registry_and_a_changed_graph_is_refused(
    hearing: LinearClassifier, base: Path, tmp_path: Path
) -> None:
    hearing.save(tmp_path / "model")
    assert json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))["format"] == 4
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert f"began as {base.parent.name}/encoder" in card
    assert "240 training tickets were judged, each by a model that had seen neither" in card
    registry = FileModelRegistry(tmp_path / "models", tmp_path / "seed")
    version = registry.add(tmp_path / "model", actor="cli", at=datetime(2026, 11, 30, tzinfo=UTC))
    loaded = registry.load(version.id, HashingEncoder())
    assert loaded.hears_transformer
    asked = tickets(20, seed=5)[0]
    np.testing.assert_array_equal(loaded.probabilities(asked), hearing.probabilities(asked))
    graph = registry.folder / version.id / "transformer.onnx"
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(ModelTampered, match=r"transformer\.onnx"):
        registry.load(version.id, HashingEncoder())


class Told:
    """A second opinion that tells the labels, or nothing; remembers what it was asked for."""

    def __init__(self, opinion: SecondOpinion, *, right: bool) -> None:
        self.opinion, self.right = opinion, right
        self.taught: list[int] = []

    def _said(self, labels: list[str], judged: list[int]) -> SecondOpinion:
        self.taught.append(len(labels))
        said = np.random.default_rng(0).normal(size=(len(judged), 3)).astype(np.float32)
        if self.right:
            said[np.arange(len(judged)), [NAMES.index(labels[row]) for row in judged]] += 6.0
        return SecondOpinion(self.opinion.reader, tuple(judged), said)

    def __call__(self, texts: list[str], labels: list[str], groups: list[int] | None) -> SecondOpinion:
        assert len(texts) == len(labels) == len(groups or ())
        return self._said(labels, list(range(0, len(labels), 2)))

    def further(self, earlier: SecondOpinion, texts: list[str], labels: list[str], n_earlier: int) -> SecondOpinion:
        assert n_earlier == self.taught[0]
        return self._said(labels, list(range(n_earlier, len(labels))))


def history() -> list[LabelledTicket]:
    return [
        LabelledTicket(f"t{k}", f"{text} nr {k}", label, "", f"t{k}")
        for k, (text, label) in enumerate(zip(TEXTS, GIVEN, strict=True))
    ]


def test_a_history_is_measured_with_it_and_taught_further_only_where_it_helped(opinion: SecondOpinion) -> None:
    helpful = Told(opinion, right=True)
    run = train_from_tickets(history(), HashingEncoder(), name="own", second=helpful)
    assert run.classifier.hears_transformer
    assert helpful.taught == [len(run.split.train), len(run.split.train) + len(run.split.test)]
    assert any("a transformer fine-tuned on them has a say" in line for line in describe_run(run))
    useless = Told(opinion, right=False)
    run = train_from_tickets(history(), HashingEncoder(), name="own", second=useless)
    assert not run.classifier.hears_transformer
    assert useless.taught == [len(run.split.train)]


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The texts that each reader was taught."""
    seen: list[list[str]] = []

    def remembering(texts: list[str], *more: object) -> Reader:
        seen.append(texts)
        return teach(texts, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(second_opinion, "teach", remembering)
    return seen


def test_a_reader_taught_all_is_judged_by_an_earlier_one_on_tickets_that_it_was_not_taught(
    base: Path, taught: list[list[str]]
) -> None:
    quick = Tutor(base, Teaching(epochs=1, batch=64))
    groups = [row // 2 for row in range(240)]
    opinion = quick(TEXTS, LABELS, groups)
    assert 16 <= len(opinion.judged) <= 32
    assert {row ^ 1 for row in opinion.judged} == set(opinion.judged)  # pairs stay together
    assert taught[0] == [text for row, text in enumerate(TEXTS) if row not in opinion.judged]
    judged = [TEXTS[row] for row in opinion.judged]
    np.testing.assert_array_equal(opinion.said, opinion.reader.margins(judged, NAMES))
    unseen, truth = tickets(30, seed=3)
    further = quick.further(opinion, [*TEXTS, *unseen], [*LABELS, *truth], 240)
    assert taught[1:] == [[*TEXTS, *unseen]]
    assert further.judged == (*opinion.judged, *range(240, 270))
    np.testing.assert_array_equal(further.said, opinion.reader.margins([*judged, *unseen], NAMES))


def test_of_a_long_history_the_reader_that_was_judged_stays(
    base: Path, taught: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_opinion, "USUAL_LETTERS", 1_000)
    long = Tutor(base, Teaching(epochs=1, batch=64))
    opinion = long(TEXTS, LABELS)
    further = long.further(opinion, [*TEXTS, "gdzie paczka"], [*LABELS, "status"], 240)
    assert further.reader is opinion.reader
    assert further.judged == (*opinion.judged, 240)
    assert len(taught) == 1


def test_the_longer_a_history_the_less_often_it_is_read() -> None:
    assert teaching_for(["a" * 100] * 10_000) == USUAL
    assert teaching_for(["a" * 100] * 10_000, Path("MiniLM")) == MINILM
    assert teaching_for(["a" * 1_000] * 6_000, Path("MiniLM")) == teaching_for(["a" * 1_000] * 6_000)
    longer = [teaching_for(["a" * 1_000] * n) for n in (3_126, 6_000, 10_000, 40_000)]
    assert [each.epochs for each in longer] == [5, 3, 1, 1]
    assert {each.sub_words for each in longer} == {64}


def test_no_more_of_a_ticket_is_read_than_the_teaching_says(base: Path) -> None:
    short = teach(TEXTS[:64], LABELS[:64], Teaching(epochs=1, sub_words=12), base)
    assert short.transformer.manifest.max_tokens == 12
    same = short.margins(["paczka nie doszła, proszę o zwrot", "paczka nie doszła i proszę o wymianę"], short.labels)
    np.testing.assert_array_equal(same[0], same[1])  # alike in the ten letters between the marks


def test_left_open_it_is_for_enough_tickets_with_few_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "computes_in_16_bits", lambda: True)
    labels = [f"c{k % 60}" for k in range(6_000)]
    assert is_worth_it(["krótki tekst"] * 6_000, labels)
    assert not is_worth_it(["krótki tekst"] * 4_999, labels[:4_999])
    assert not is_worth_it(["krótki tekst"] * 6_000, [f"c{k % 500}" for k in range(6_000)])  # twelve of each
    assert is_worth_it(["a" * 500] * 25_000, [f"c{k % 60}" for k in range(25_000)])  # 320 letters of each are read
    assert not is_worth_it(["a" * 500] * 26_000, [f"c{k % 60}" for k in range(26_000)])
    monkeypatch.setattr(second_opinion, "computes_in_16_bits", lambda: False)
    assert not is_worth_it(["krótki tekst"] * 6_000, labels)


def test_the_command_asks_for_it_where_told_to_and_says_what_came_of_it(
    opinion: SecondOpinion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_as_asked, "encoder_for", lambda texts: HashingEncoder())
    app = typer.Typer()
    app.command()(commands.train)
    data, out = tmp_path / "own.jsonl", tmp_path / "model"
    rows = [{"text": ticket.text, "label": ticket.label} for ticket in history()]
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    named = ["--data", str(data), "--out", str(out)]

    def run(*more: str, right: bool) -> tuple[str, bool]:
        monkeypatch.setattr(train_as_asked, "Tutor", lambda transformer: Told(opinion, right=right))
        done = CliRunner().invoke(app, [*named, *more])
        assert done.exit_code == 0, done.output
        return done.output, json.loads((out / "metrics.json").read_text(encoding="utf-8"))["hears_transformer"]

    said, heard = run("--transformer", right=True)
    assert heard
    assert "has a say" in said
    said, heard = run("--transformer", right=False)
    assert not heard
    assert "the transformer has no say" in said
    assert not run(right=True)[1]  # 240 tickets are too few unasked
    monkeypatch.setattr(train_as_asked, "is_worth_it", lambda texts, labels: True)
    assert run(right=True)[1]
    monkeypatch.setattr(train_as_asked, "open_service_encoder", lambda name: HashingEncoder())
    assert not run("--encoder", "one-of-my-own", right=True)[1]  # who names an encoder has chosen
    refused = CliRunner().invoke(app, [*named, "--transformer", "--fine-tune"])
    assert refused.exit_code == 2
