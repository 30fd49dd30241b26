"""Measure how danger is recognised (rules ∪ model), and choose the model's threshold without the measured texts.

    python -m training.evaluate_safety --json
    python -m training.evaluate_safety --data training/data/dev_safety_2.jsonl --half report

The threshold is the largest probability at which rules and model together find ``LEAST_RECALL`` of the dangerous seed
tickets, each judged by a model that had not seen it; the shipped one stands in ``urgency.yaml``. Recall and precision
are measured on ``training/data/dev_safety.jsonl``, texts written apart from the seed tickets.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.encoders import SHIPPED_NAME, open_encoder
from training.halves import HALVES, read_half
from training.intervals import Share, share
from triage.adapters.company import SHIPPED as COMPANY
from triage.adapters.company import load_company
from triage.adapters.models.linear import LinearClassifier, train_shipped
from triage.adapters.models.linear.shipped import read_seed_tickets
from triage.domain.classification import Alternative, Prediction
from triage.domain.company import Company
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author, Channel
from triage.stages.classify import classify

DEV = Path(__file__).parent / "data" / "dev_safety.jsonl"
LEAST_RECALL = 0.98
STEPS = np.arange(0.01, 0.5, 0.01)


@dataclass(frozen=True, slots=True)
class Danger:
    """Texts, whether each is dangerous, whether a rule says so, and the model's probability of the danger category."""

    truth: NDArray[np.bool_]
    by_rule: NDArray[np.bool_]
    probability: NDArray[np.float64]

    def recall(self, threshold: float) -> Share:
        """Dangerous texts found by rules or model."""
        found = self._found(threshold)
        return share(int((found & self.truth).sum()), int(self.truth.sum()))

    def precision(self, threshold: float) -> Share:
        """Texts called dangerous that are."""
        found = self._found(threshold)
        return share(int((found & self.truth).sum()), int(found.sum()))

    def _found(self, threshold: float) -> NDArray[np.bool_]:
        return np.asarray(self.by_rule | (self.probability >= threshold))


class SilentClassifier:
    """Says nothing: what is left is the rules."""

    def __init__(self, code: str) -> None:
        self.name = "silent"
        self._prediction = Prediction((Alternative(code, 1.0),))

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        """The same for every text."""
        return [self._prediction for _ in texts]


def found_by_rules(texts: Sequence[str], company: Company) -> NDArray[np.bool_]:
    """Whether the rules alone raise the danger flag: bool, shape (n,)."""
    danger = company.urgency.danger
    silent = SilentClassifier(next(each.code for each in company.taxonomy.categories if each.code != danger.category))
    now = datetime(2026, 11, 1, tzinfo=UTC)
    raised = []
    for text in texts:
        message = RedactedMessage("m", Author.CUSTOMER, now, RedactedText(text))
        ticket = RedactedTicket("T", RedactedText(""), (message,), now, Channel.EMAIL, 1)
        raised.append(any(flag.code == danger.flag for flag in classify(ticket, "pl", company, silent).flags))
    return np.array(raised, dtype=bool)


def choose_threshold(seed: Danger) -> float:
    """The largest threshold that finds enough of the dangerous seed tickets; the smallest one when none does."""
    enough = [step for step in STEPS if seed.recall(step).value >= LEAST_RECALL]
    return round(float(max(enough, default=STEPS[0])), 2)


def seed_danger(classifier: LinearClassifier, company: Company) -> Danger:
    """The seed tickets, each judged by a model that had not seen it.

    Args:
        classifier: just trained on them.
    """
    tickets, code = read_seed_tickets(COMPANY), company.urgency.danger.category
    held_out = classifier.held_out_probabilities
    if held_out is None:
        raise ValueError("Give a classifier that was trained just now: what it held out is not kept on disk.")
    truth = np.array([label == code for label in tickets.labels])
    column = classifier.labels.index(code)
    return Danger(truth, found_by_rules(tickets.texts, company), held_out[:, column])


def dev_danger(classifier: LinearClassifier, company: Company, path: Path = DEV, half: str | None = None) -> Danger:
    """The texts kept apart: with ``safety``, or tickets whose ``flags`` say so."""
    rows = read_half(path, half)
    texts = [str(row["text"]) for row in rows]
    column = classifier.labels.index(company.urgency.danger.category)
    truth = np.array(
        [bool(row["safety"] if "safety" in row else company.urgency.danger.flag in row["flags"]) for row in rows]
    )
    return Danger(truth, found_by_rules(texts, company), classifier.probabilities(texts)[:, column])


def main(arguments: Sequence[str] | None = None) -> None:
    """Choose the threshold on the seed tickets and measure it, and the one in force, on the texts kept apart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEV, help="texts with `safety`, or tickets with `flags`")
    parser.add_argument("--half", choices=HALVES, help="of the texts, by their ids; all when not given")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    company = load_company()
    with tempfile.TemporaryDirectory() as folder:
        classifier = train_shipped(COMPANY, open_encoder(SHIPPED_NAME), Path(folder))
    seed, dev = seed_danger(classifier, company), dev_danger(classifier, company, chosen.data, chosen.half)
    best = choose_threshold(seed)
    settings = {"in_force": company.urgency.danger.probability, "chosen_on_seed": best, "rules_alone": 2.0}
    rows: dict[str, dict[str, float]] = {}
    for name, threshold in settings.items():
        recall, precision = dev.recall(threshold), dev.precision(threshold)
        rows[name] = {"threshold": threshold, "recall": recall.value, "precision": precision.value}
        if not chosen.json:
            print(f"{name:<15} p ≥ {threshold:.2f}  recall {recall}  precision {precision}")
            print(f"{'':<15} seed       recall {seed.recall(threshold)}  precision {seed.precision(threshold)}")
    if chosen.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
