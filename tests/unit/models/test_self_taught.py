"""A head that teaches itself on past tickets: what it is taught, how it is judged, what it gains, how it is kept."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.models.history_encoder import HistoryEncoder
from triage.adapters.models.linear import LinearClassifier, self_taught, training
from triage.adapters.models.linear.calibration import Calibration
from triage.adapters.models.linear.features import CountedTexts, FeatureExtractor
from triage.adapters.models.linear.fitting import Lesson, fit_head, learn_features
from triage.adapters.models.linear.ridge import CLOSENESS_WEIGHT
from triage.adapters.models.linear.self_taught import LABELLED_WEIGHT, PENALTY, Teacher, past_tickets, teach_pupil
from triage.adapters.models.linear.trust import recognises_no_fewer
from triage.adapters.models.linear.twins import Fold, Verdicts
from triage.domain.redaction import RedactedText

WORDS = {
    "parcel": "paczka kurier przesyłka dostawa doręczenie list adres numer śledzenie paczkomat".split(),
    "refund": "zwrot pieniądze przelew konto kwota faktura rachunek zapłata korekta saldo".split(),
    "fault": "usterka awaria naprawa serwis gwarancja zepsuty pęka cieknie iskrzy hałas".split(),
}
FILLERS = "dzień dobry proszę pani panie jestem mam tutaj wczoraj dzisiaj bardzo chyba".split()


def tickets(n: int, seed: int) -> tuple[list[str], list[str]]:
    """Two or three of a category's ten words between words that say nothing: few tickets hold few of the ten."""
    rng = random.Random(seed)
    labels = [sorted(WORDS)[number % len(WORDS)] for number in range(n)]
    words = [[*rng.sample(WORDS[label], rng.choice((2, 3))), *rng.sample(FILLERS, 3)] for label in labels]
    for each in words:
        rng.shuffle(each)
    return [" ".join(each) for each in words], labels


def right(model: LinearClassifier, texts: Sequence[str], labels: Sequence[str]) -> float:
    first = [model.labels[number] for number in model.probabilities(texts).argmax(axis=1)]
    return float(np.mean([said == label for said, label in zip(first, labels, strict=True)]))


@pytest.fixture(scope="module")
def taught() -> LinearClassifier:
    texts, labels = tickets(15, seed=1)
    ids = [f"t{number}" for number in range(len(texts))]
    return LinearClassifier.train(texts, labels, HashingEncoder(), ids=ids, history=tickets(240, seed=2)[0])


def test_past_tickets_teach_what_few_examples_cannot_say(taught: LinearClassifier) -> None:
    texts, labels = tickets(15, seed=1)
    alone = LinearClassifier.train(texts, labels, HashingEncoder())
    asked = tickets(300, seed=3)
    assert taught.n_history == len(set(tickets(240, seed=2)[0]) - set(texts))
    assert right(taught, *asked) > right(alone, *asked) + 0.05
    assert taught.held_out.accuracy > alone.held_out.accuracy
    assert taught.held_out_probabilities is not None
    assert taught.held_out_probabilities.shape == (15, 3)


def test_a_self_taught_head_says_after_a_day_on_disk_what_it_said_before(
    taught: LinearClassifier, tmp_path: Path
) -> None:
    taught.save(tmp_path)
    again = LinearClassifier.load(tmp_path, HashingEncoder())
    asked = [RedactedText(text) for text in tickets(40, seed=4)[0]]
    assert again.predict(asked) == taught.predict(asked)
    assert again.n_history == taught.n_history > 0
    assert json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))["format"] == 5
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert f"taught {taught.n_history} past tickets too" in card


def test_only_tickets_that_people_labelled_are_named_as_neighbours(taught: LinearClassifier) -> None:
    past = tickets(240, seed=2)[0][:20]
    for prediction in taught.predict([RedactedText(text) for text in past]):
        assert len(prediction.neighbours) == 3
        assert set(prediction.neighbours) <= {f"t{number}" for number in range(15)}


def test_with_enough_examples_of_each_category_past_tickets_are_not_taught() -> None:
    texts, labels = tickets(60, seed=1)
    model = LinearClassifier.train(texts, labels, HashingEncoder(), history=tickets(100, seed=2)[0])
    assert model.n_history == 0


def test_a_past_ticket_is_taught_once_and_never_beside_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    assert past_tickets(["b", "a", " ", "b", "labelled", ""], ["labelled"], seed=0) == ("a", "b")
    monkeypatch.setattr(self_taught, "MOST_EXAMPLES", 5)
    history = [f"past {number}" for number in range(9)]
    drawn = past_tickets(history, ["one", "two", "three"], seed=0)
    assert len(drawn) == 2
    assert set(drawn) <= set(history)
    assert past_tickets(history, ["labelled"] * 7, seed=0) == ()


def verdicts(right: Sequence[bool]) -> Verdicts:
    """About tickets of the second of two categories, in reversed order."""
    margins = np.array([[0.0, 1.0] if each else [1.0, 0.0] for each in right], dtype=np.float32)
    return Verdicts(np.arange(len(right))[::-1], margins, np.zeros(len(right), dtype=np.float32))


@pytest.mark.parametrize(
    ("won", "lost", "kept"),
    [(0, 0, True), (9, 3, True), (3, 3, True), (4, 6, True), (0, 1, False), (3, 9, False)],
)
def test_a_pupil_is_kept_unless_it_loses_more_than_one_standard_error(won: int, lost: int, kept: bool) -> None:
    """Of 100 tickets; 6 lost and 4 won are 0.02 fewer, with a standard error of 0.032; 9 and 3: 0.06 with 0.034."""
    teacher = [True] * lost + [False] * won + [True] * (100 - lost - won)
    pupil = [False] * lost + [True] * won + [True] * (100 - lost - won)
    assert recognises_no_fewer(verdicts(pupil), verdicts(teacher), np.ones(100, dtype=np.intp)) is kept


def test_a_pupil_that_held_out_tickets_speak_against_is_not_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong_about_all(*given: object) -> self_taught.Pupil:
        pupil = teach_pupil(*given)  # type: ignore[arg-type]
        return replace(pupil, verdicts=replace(pupil.verdicts, margins=-pupil.verdicts.margins))

    monkeypatch.setattr(training, "teach_pupil", wrong_about_all)
    model = LinearClassifier.train(*tickets(15, seed=1), HashingEncoder(), history=tickets(240, seed=2)[0])
    assert model.held_out.accuracy > 0.5


def naming(lesson: Lesson, rows: NDArray[np.intp], encoder: HistoryEncoder, past: Sequence[str]) -> Teacher:
    """A teacher taught some labelled tickets and all names."""
    embedding = encoder.encode([*lesson_texts(), *lesson.spoken])
    extractor, features = learn_features(lesson, lesson.with_names(rows), encoder, embedding)
    head = fit_head(lesson, lesson.with_names(rows), extractor, features, 1.4, 0).head
    return Teacher(extractor, head, encoder, 1.4, Calibration(1.0, 0.5))


def lesson_texts() -> list[str]:
    return tickets(12, seed=5)[0]


def test_a_labelled_ticket_is_judged_by_a_pupil_and_a_teacher_that_never_saw_its_label() -> None:
    """Against kernel ridge regression as a textbook writes it, in double precision, fitted without the ticket."""
    texts, labels = tickets(12, seed=5)
    past = past_tickets(tickets(30, seed=6)[0], texts, seed=0)
    encoder = HistoryEncoder.reading(past, HashingEncoder())
    lesson = Lesson.of(texts, labels)
    every, judged = np.arange(12), np.array([1, 5, 6])
    seen = np.setdiff1d(every, judged)
    fold = Fold(encoder, encoder.encode([*texts, *lesson.spoken]), seen, judged)
    teacher = naming(lesson, every, encoder, past)
    pupil = teach_pupil(lesson, texts, past, teacher, [fold], seed=0)

    blind = naming(lesson, seen, encoder, past)
    asked = blind.extractor.transform(past)
    named = blind.calibration.probabilities(blind.head.margins(asked, np.empty((0, 0), dtype=np.float32)))
    own = HashingEncoder()
    extractor, ngrams = FeatureExtractor.learn(CountedTexts.of([*texts, *past]), own, min_df=2)
    scaled = ngrams.toarray().astype(float) * extractor.column_scale(0.7, 0.0)[: ngrams.shape[1]]
    vectors = own.encode([*texts, *past]).astype(np.float16).astype(float)
    kernel = scaled @ scaled.T + CLOSENESS_WEIGHT * np.exp(4.0 * (vectors @ vectors.T - 1.0))
    targets = 2.0 * np.vstack([np.eye(3)[lesson.truth[:12]], named]) - 1.0
    penalty = np.where(np.arange(len(targets)) < 12, PENALTY / LABELLED_WEIGHT, PENALTY)
    rows = np.setdiff1d(np.arange(len(targets)), judged)
    expected = kernel[np.ix_(judged, rows)] @ np.linalg.solve(
        kernel[np.ix_(rows, rows)] + np.diag(penalty[rows]), targets[rows]
    )
    np.testing.assert_allclose(pupil.verdicts.margins, expected, atol=2e-3)
    np.testing.assert_array_equal(pupil.verdicts.rows, judged)
    np.testing.assert_allclose(pupil.verdicts.nearest, (vectors[judged] @ vectors[seen].T).max(axis=1), atol=1e-5)
    np.testing.assert_array_equal(pupil.margins[judged], pupil.verdicts.margins)
