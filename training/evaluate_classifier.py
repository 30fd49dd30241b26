"""Measure a trained classifier on labelled texts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.passage import Encoder
from training.classification_metrics import Report, measure
from training.ticket_history import Columns, read_history
from triage.adapters.models.linear import LinearClassifier
from triage.domain.company import Taxonomy
from triage.domain.folding import name_key
from triage.domain.redaction import RedactedText


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one model on one file.

    Attributes:
        unknown_labels: labels in the file that the model does not have; their texts count as errors.
        tickets_per_second: all texts in one call, encoding included.
    """

    model: str
    report: Report
    unknown_labels: tuple[str, ...]
    promised_error: float
    promised_coverage: float
    tickets_per_second: float

    def as_json(self) -> dict[str, object]:
        """Plain JSON values."""
        return {
            "model": self.model,
            **self.report.as_json(),
            "unknown_labels": list(self.unknown_labels),
            "promised_error": self.promised_error,
            "promised_coverage": self.promised_coverage,
            "tickets_per_second": round(self.tickets_per_second, 1),
        }


def evaluate_classifier(
    model: Path,
    data: Path,
    encoder: Encoder,
    columns: Columns,
    *,
    oos_label: str | None = None,
    taxonomy: Taxonomy | None = None,
) -> Evaluation:
    """Predict every text of a file and compare with its label.

    Args:
        model: a directory written by ``triage train``.
        oos_label: label of texts that belong to no category.
        taxonomy: its names for categories are understood where the model knows codes.

    Raises:
        ModelUnavailable: no model there, or it was trained with another encoder.
        ModelTampered: a file of the model was changed.
        InvalidInput: the data cannot be read.
    """
    classifier = LinearClassifier.load(model, encoder)
    tickets = read_history(data, columns).tickets
    texts = [RedactedText(ticket.text) for ticket in tickets]
    started = time.perf_counter()
    predictions = classifier.predict(texts)
    elapsed_s = time.perf_counter() - started
    known = [*classifier.labels, *([oos_label] if oos_label is not None else [])]
    as_known = {label: _as_known(label, known, taxonomy) for label in {ticket.label for ticket in tickets}}
    labels = [as_known[ticket.label] for ticket in tickets]
    return Evaluation(
        model=classifier.name,
        report=measure(predictions, labels, oos_label=oos_label),
        unknown_labels=tuple(sorted(set(labels) - set(known))),
        promised_error=classifier.promise.max_error,
        promised_coverage=classifier.promise.coverage,
        tickets_per_second=len(texts) / max(elapsed_s, 1e-9),
    )


def _as_known(label: str, known: Sequence[str], taxonomy: Taxonomy | None) -> str:
    """The known label that this one is, is another spelling of, or names by the taxonomy; else itself."""
    if label in known:
        return label
    spelt = next((each for each in known if name_key(each) == name_key(label)), None)
    if spelt is not None:
        return spelt
    code = taxonomy.code_of(label) if taxonomy is not None else None
    return code if code is not None and code in known else label
