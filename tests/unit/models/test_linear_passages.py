"""Longer texts are read past what says nothing of any category."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.passages import LONGEST, passages, read_past_asides
from triage.adapters.models.linear.shipped import read_seed_tickets
from triage.domain.redaction import RedactedText

PRODUCTS = ["pralka", "lodówka", "telefon", "rower", "zegarek", "kanapa", "laptop", "czajnik", "kurtka", "drukarka"]
MATTERS = {
    "return": ["chcę zwrócić bez powodu", "odsyłam, nie pasuje", "odstępuję od umowy"],
    "fault": ["nie działa od wczoraj", "zepsuł się po miesiącu", "cieknie i buczy"],
    "status": ["kiedy wysyłka ruszy", "jaki jest status sprawy", "na jakim etapie jest paczka"],
}
ASIDES = [
    "Paczka z prezentami przyszła w samą wigilię.",
    "Na jakim etapie życia jest człowiek, nikt nie wie.",
    "Kiedy wysyłka była droższa, pisałam listy.",
    "Status wdowy mam od roku.",
    "Z góry dziękuję.",
    "Witam",
]
STORY = " ".join([*ASIDES[:3], "{}", *ASIDES[3:5]])


def tickets(n: int, seed: int) -> tuple[list[str], list[str]]:
    rng = random.Random(seed)
    labels = [rng.choice(sorted(MATTERS)) for _ in range(n)]
    return [f"{rng.choice(PRODUCTS)} {rng.choice(MATTERS[label])}." for label in labels], labels


def stories(n: int, seed: int) -> tuple[list[str], list[str]]:
    texts, labels = tickets(n, seed)
    return [STORY.format(text) for text in texts], labels


def train(asides: list[str]) -> LinearClassifier:
    texts, labels = tickets(120, seed=1)
    return LinearClassifier.train(texts, labels, HashingEncoder(), asides=asides)


@pytest.fixture(scope="module")
def past_asides() -> LinearClassifier:
    return train(ASIDES)


def share_right(classifier: LinearClassifier, texts: list[str], labels: list[str]) -> float:
    said = [classifier.labels[place] for place in classifier.probabilities(texts).argmax(axis=1)]
    return float(np.mean([one == label for one, label in zip(said, labels, strict=True)]))


def test_a_ticket_in_a_long_story_is_placed_right_by_a_head_that_was_taught_asides(
    past_asides: LinearClassifier,
) -> None:
    texts, labels = stories(60, seed=2)
    assert share_right(train([]), texts, labels) < 0.8
    assert share_right(past_asides, texts, labels) > 0.95


def test_predictions_are_made_from_the_same_margins_as_probabilities(past_asides: LinearClassifier) -> None:
    texts, _ = stories(20, seed=2)
    first = [each.alternatives[0].probability for each in past_asides.predict(list(map(RedactedText, texts)))]
    np.testing.assert_allclose(first, past_asides.probabilities(texts).max(axis=1), atol=1e-6)


def test_asides_are_no_examples_to_name_and_no_past_tickets(past_asides: LinearClassifier) -> None:
    assert past_asides.n_history == 0
    neighbours = past_asides.predict([RedactedText("Witam, mieszkam sama")])[0].neighbours
    assert set(neighbours) <= {str(number) for number in range(120)}


def test_a_model_that_reads_past_asides_survives_the_disk(past_asides: LinearClassifier, tmp_path: Path) -> None:
    past_asides.save(tmp_path)
    assert json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))["format"] == 6
    texts, _ = stories(10, seed=3)
    kept = LinearClassifier.load(tmp_path, HashingEncoder())
    np.testing.assert_array_equal(kept.probabilities(texts), past_asides.probabilities(texts))


def test_held_out_tickets_are_read_past_asides_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def said_of_stories() -> NDArray[np.float64]:
        texts, labels = tickets(120, seed=1)
        told, right = stories(30, seed=4)
        taught = LinearClassifier.train([*texts, *told], [*labels, *right], HashingEncoder(), asides=ASIDES)
        assert taught.held_out_probabilities is not None
        return taught.held_out_probabilities[120:]

    reading_past = said_of_stories()
    monkeypatch.setattr("triage.adapters.models.linear.passages.FEWEST", 99)
    assert np.abs(said_of_stories() - reading_past).max() > 0.01


def test_a_text_of_few_passages_is_read_as_it_is() -> None:
    whole = np.array([[0.3, -0.8]], dtype=np.float32)
    assert read_past_asides(["Witam. Nie działa. Proszę o pomoc"], whole, never_asked) is whole


def never_asked(parts: object, owners: object) -> NDArray[np.float32]:
    raise AssertionError("a short text was cut")


def test_what_is_left_and_the_whole_weigh_the_same() -> None:
    def margins_of(parts: list[str], owners: NDArray[np.intp]) -> NDArray[np.float32]:
        asked.extend(parts)
        assert set(owners.tolist()) == {1}
        return np.array([[0.5, -0.7] if "cieknie" in part else [-0.9, -0.9] for part in parts], dtype=np.float32)

    asked: list[str] = []
    whole = np.array([[0.1, 0.2], [-0.1, 0.1]], dtype=np.float32)
    said = read_past_asides(["Krótko.", "Witam! Tu ja. Pralka cieknie. Pa."], whole, margins_of)  # type: ignore[arg-type]
    assert asked == ["Witam!", "Tu ja.", "Pralka cieknie.", "Pa.", "Pralka cieknie."]
    np.testing.assert_allclose(said, [[0.1, 0.2], [0.2, -0.3]], atol=1e-6)


def test_where_every_passage_says_nothing_the_best_of_them_is_heard() -> None:
    whole = np.array([[-0.8, -0.9]], dtype=np.float32)
    text = "Ach. Och. Ech. Uch."
    said = read_past_asides(
        [text],
        whole,
        lambda parts, _: np.array([[-0.6 if part == "Ech." else -0.9, -0.95] for part in parts], dtype=np.float32),
    )
    np.testing.assert_allclose(said, [[-0.7, -0.925]], atol=1e-6)


def test_a_dictated_sentence_without_full_stops_is_cut_evenly() -> None:
    text = " ".join(f"słowo{number}" for number in range(2 * LONGEST + 4))
    pieces = [text[start:end] for start, end in passages(text)]
    assert [len(piece.split()) for piece in pieces] == [14, 13, 13]
    assert " ".join(pieces) == text


def test_asides_of_a_company_are_read_and_change_what_its_model_was_made_from(tmp_path: Path) -> None:
    folder = tmp_path / "seed" / "pl"
    folder.mkdir(parents=True)
    (folder / "all.jsonl").write_text('{"id": "1", "text": "zwrot", "category": "return"}', encoding="utf-8")
    before = read_seed_tickets(tmp_path)
    (folder / "asides.txt").write_text("Dzień dobry\n\n Pozdrawiam \n", encoding="utf-8")
    after = read_seed_tickets(tmp_path)
    assert (before.asides, after.asides) == ((), ("Dzień dobry", "Pozdrawiam"))
    assert before.digest != after.digest


def test_a_very_long_text_is_read_in_pieces_of_so_many_passages_and_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def margins_of(parts: list[str], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        asked.append(len(parts))
        assert len(rows) == len(parts)
        return np.array([[0.5, -1.0] if "cieknie" in part else [-0.9, -0.9] for part in parts], dtype=np.float32)

    texts = ["Witam! Tu ja. Pralka cieknie. Pa. " * 10] * 2
    whole = np.zeros((2, 2), np.float32)
    at_once = read_past_asides(texts, whole, margins_of)  # type: ignore[arg-type]
    monkeypatch.setattr("triage.adapters.models.linear.passages.AT_ONCE", 7)
    asked.clear()
    np.testing.assert_array_equal(read_past_asides(texts, whole, margins_of), at_once)  # type: ignore[arg-type]
    assert max(asked) == 7
    assert sum(asked) == 80 + len(texts)
