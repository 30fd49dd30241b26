"""What a ticket demands is read beside what it is about, also where no word names it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.demands import read_demands, targets_of
from triage.adapters.models.linear.parameters import Head
from triage.domain.redaction import RedactedText

MATTERS = {
    "fault": ["nie działa", "zepsuł się", "stoi i mruga"],
    "delivery": ["nie dotarł", "przyszedł zły", "zaginął"],
}
DEMANDS = {
    "MONEY": ["oddajcie ile dałem", "przelew na konto i koniec"],
    "ANOTHER": ["niech przyjdzie taki sam ale cały", "czekam na drugi"],
    "": ["pozdrawiam serdecznie", "daję znać i tyle"],
}
PRODUCTS = ["czajnik", "rower", "zegarek", "laptop", "mikser", "odkurzacz"]


def tickets(n: int, seed: int) -> tuple[list[str], list[str], list[set[str]]]:
    draw = random.Random(seed)
    texts, labels, demands = [], [], []
    for _ in range(n):
        label, demand = draw.choice(sorted(MATTERS)), draw.choice(sorted(DEMANDS))
        texts.append(f"{draw.choice(PRODUCTS)} {draw.choice(MATTERS[label])}, {draw.choice(DEMANDS[demand])}")
        labels.append(label)
        demands.append({demand} - {""})
    return texts, labels, demands


def train(n: int = 240) -> LinearClassifier:
    texts, labels, demands = tickets(n, seed=1)
    return LinearClassifier.train(texts, labels, HashingEncoder(), demands=demands)


@pytest.fixture(scope="module")
def trained() -> LinearClassifier:
    return train()


def remedies(classifier: LinearClassifier, texts: list[str]) -> list[set[str]]:
    return [set(said.remedies) for said in classifier.predict([RedactedText(text) for text in texts])]


def test_a_demand_is_named_whatever_the_ticket_is_about_and_none_where_there_is_none(trained: LinearClassifier) -> None:
    texts, _, demands = tickets(60, seed=2)
    assert remedies(trained, texts) == demands


def test_two_demands_are_both_named(trained: LinearClassifier) -> None:
    both = ", ".join(["rower nie działa", *DEMANDS["MONEY"], *DEMANDS["ANOTHER"]])
    assert remedies(trained, [both]) == [{"MONEY", "ANOTHER"}]


def test_categories_are_as_sure_with_demands_taught_as_without(trained: LinearClassifier) -> None:
    texts, labels, _ = tickets(240, seed=1)
    plain = LinearClassifier.train(texts, labels, HashingEncoder())
    np.testing.assert_allclose(trained.probabilities(texts), plain.probabilities(texts), atol=1e-4)
    assert remedies(plain, texts[:3]) == [set(), set(), set()]


def test_a_saved_model_names_the_same_demands(trained: LinearClassifier, tmp_path: Path) -> None:
    trained.save(tmp_path)
    texts, *_ = tickets(40, seed=3)
    assert remedies(LinearClassifier.load(tmp_path, HashingEncoder()), texts) == remedies(trained, texts)


def test_a_demand_of_few_tickets_is_not_taught() -> None:
    assert remedies(train(30), tickets(30, seed=2)[0]) == [set()] * 30


def test_the_odds_of_a_demand_are_those_of_held_out_tickets() -> None:
    draw = np.random.default_rng(5)
    margins = draw.normal(size=(4_000, 2)).astype(np.float32)
    made = draw.random(margins.shape) < 1 / (1 + np.exp(-(3.0 * margins - 1.0)))
    none = Head(
        np.zeros((1, 2), np.float32),
        np.zeros((1, 2), np.float32),
        np.zeros((0, 2), np.float32),
        np.zeros(2, np.float32),
    )
    head = read_demands(("A", "B"), none, margins, np.where(made, 1.0, -1.0).astype(np.float32))
    assert head.slope == pytest.approx(3.0, abs=0.2)
    assert head.offset == pytest.approx(-1.0, abs=0.15)


def test_rows_behind_the_tickets_demand_nothing() -> None:
    targets = targets_of([{"B"}, {"A", "B"}], ("A", "B"), 3)
    assert targets.tolist() == [[-1, 1], [1, 1], [-1, -1]]
