"""Measure how danger is recognised (rules ∪ model), and choose what the model must show without the measured texts.

    python -m training.evaluate_safety --json
    python -m training.evaluate_safety --data training/data/dev_safety_2.jsonl --half report

The more signs of danger (``danger_signs`` in ``cues.yaml``) a text shows, the less sure the model has to be; the more
signs of calm (``calm_signs``), the surer. How much is fitted on the seed tickets, each judged by a model that had not
seen it: logistic regression on the model's log-odds and the numbers of signs, cut where rules and model together find
``LEAST_RECALL`` of the dangerous ones. These were picked to be hard (calm, no word of danger), so tickets as they come
are found more often. The shipped table stands in ``urgency.yaml``. Recall and precision are measured on
``training/data/dev_safety.jsonl``, texts written apart.
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
from sklearn.linear_model import LogisticRegression

from training.encoders import SHIPPED_NAME, open_encoder
from training.halves import HALVES, read_half
from training.intervals import Share, share
from triage.adapters.company import SHIPPED as COMPANY
from triage.adapters.company import load_company
from triage.adapters.models.linear import LinearClassifier, train_shipped
from triage.adapters.models.linear.shipped import read_seed_tickets
from triage.domain.classification import Alternative, Prediction
from triage.domain.company import MOST_CALMING, Company, Cue
from triage.domain.company import Danger as Policy
from triage.domain.folding import fold
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author, Channel
from triage.stages.classify import classify, raised

DEV = Path(__file__).parent / "data" / "dev_safety.jsonl"
LEAST_RECALL = 0.985
MOST_SIGNS = 3
#: Nothing is surer than this, so that one ticket cannot outweigh the others.
SUREST = 1e-4


@dataclass(frozen=True, slots=True)
class Danger:
    """Texts, whether each is dangerous, whether a rule says so, the danger category's probability and the signs of it.

    Attributes:
        signs: number of different signs of danger in each text, int, shape (n,).
        calming: number of different signs of calm in each, int, shape (n,).
    """

    truth: NDArray[np.bool_]
    by_rule: NDArray[np.bool_]
    probability: NDArray[np.float64]
    signs: NDArray[np.int_]
    calming: NDArray[np.int_]

    def recall(self, policy: Policy | None) -> Share:
        """Dangerous texts found by rules or model; by rules alone where there is no policy."""
        found = self._found(policy)
        return share(int((found & self.truth).sum()), int(self.truth.sum()))

    def precision(self, policy: Policy | None) -> Share:
        """Texts called dangerous that are."""
        found = self._found(policy)
        return share(int((found & self.truth).sum()), int(found.sum()))

    def _found(self, policy: Policy | None) -> NDArray[np.bool_]:
        if policy is None:
            return self.by_rule
        shown = zip(self.signs.tolist(), self.calming.tolist(), strict=True)
        needed = np.array([policy.needed(signs, calming) for signs, calming in shown])
        return np.asarray(self.by_rule | (self.probability >= needed))


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
    says = []
    for text in texts:
        message = RedactedMessage("m", Author.CUSTOMER, now, RedactedText(text))
        ticket = RedactedTicket("T", RedactedText(""), (message,), now, Channel.EMAIL, 1)
        says.append(any(flag.code == danger.flag for flag in classify(ticket, "pl", company, silent).flags))
    return np.array(says, dtype=bool)


def signs_in(texts: Sequence[str], cues: Sequence[Cue]) -> NDArray[np.int_]:
    """How many different signs each text shows, of danger or of calm: int, shape (n,)."""
    return np.array([len(raised(cues, fold(text), text)) for text in texts], dtype=int)


def choose_policy(seed: Danger, flag: str, category: str) -> Policy:
    """What the model must show by the signs of danger and of calm: what finds enough of the seed.

    Returns:
        Probabilities for no sign of danger, for one, two and ``MOST_SIGNS``, and the factor of a sign of calm, which is
        at least 1, rounded to two significant digits.
    """
    evidence = np.column_stack(
        [_log_odds(seed.probability), np.minimum(seed.signs, MOST_SIGNS), np.minimum(seed.calming, MOST_CALMING)]
    )
    weighing = LogisticRegression(C=1.0).fit(evidence, seed.truth)
    score = np.where(seed.by_rule, np.inf, weighing.decision_function(evidence))[seed.truth]
    enough = np.sort(score)[int((1 - LEAST_RECALL) * len(score))]
    (of_model, of_sign, of_calm), start = weighing.coef_[0], weighing.intercept_[0]
    log_odds = (enough - start - of_sign * np.arange(MOST_SIGNS + 1)) / of_model
    least = tuple(_rounded(one) for one in 1 / (1 + np.exp(-log_odds)))
    return Policy(flag, category, least, max(1.0, _rounded(np.exp(-of_calm / of_model))))


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(probability, SUREST, 1 - SUREST)
    return np.asarray(np.log(bounded / (1 - bounded)))


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
    return Danger(
        truth,
        found_by_rules(tickets.texts, company),
        held_out[:, column],
        signs_in(tickets.texts, company.danger_signs),
        signs_in(tickets.texts, company.calm_signs),
    )


def dev_danger(classifier: LinearClassifier, company: Company, path: Path = DEV, half: str | None = None) -> Danger:
    """The texts kept apart: with ``safety``, or tickets whose ``flags`` say so."""
    rows = read_half(path, half)
    texts = [str(row["text"]) for row in rows]
    column = classifier.labels.index(company.urgency.danger.category)
    truth = np.array(
        [bool(row["safety"] if "safety" in row else company.urgency.danger.flag in row["flags"]) for row in rows]
    )
    probability = classifier.probabilities(texts)[:, column]
    return Danger(
        truth,
        found_by_rules(texts, company),
        probability,
        signs_in(texts, company.danger_signs),
        signs_in(texts, company.calm_signs),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Choose the table on the seed tickets and measure it, and the one in force, on the texts kept apart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEV, help="texts with `safety`, or tickets with `flags`")
    parser.add_argument("--half", choices=HALVES, help="of the texts, by their ids; all when not given")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    company = load_company()
    with tempfile.TemporaryDirectory() as folder:
        classifier = train_shipped(COMPANY, open_encoder(SHIPPED_NAME), Path(folder))
    seed, dev = seed_danger(classifier, company), dev_danger(classifier, company, chosen.data, chosen.half)
    force = company.urgency.danger
    settings = {
        "in_force": force,
        "chosen_on_seed": choose_policy(seed, force.flag, force.category),
        "rules_alone": None,
    }
    rows: dict[str, dict[str, object]] = {}
    for name, policy in settings.items():
        recall, precision = dev.recall(policy), dev.precision(policy)
        shown = f"p ≥ {policy.least}, calm {policy.calm}" if policy else ""
        rows[name] = {"recall": recall.value, "precision": precision.value}
        rows[name] |= {"least": policy.least, "calm": policy.calm} if policy else {}
        if not chosen.json:
            print(f"{name:<15} {shown}  recall {recall}  precision {precision}")
            print(f"{'':<15} seed       recall {seed.recall(policy)}  precision {seed.precision(policy)}")
    if chosen.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
