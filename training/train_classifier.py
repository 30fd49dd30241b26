"""Train a classifier from a desk's own history and say how far it can be trusted.

The newest tickets are held back and measured; the model on disk is the one that was measured.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from knowledge_base.passage import Encoder
from training.classification_metrics import FEW_EXAMPLES, Report, confusion, measure
from training.classification_plots import plot_confusion, plot_curve
from training.label_errors import LabelDoubt, likely_label_errors
from training.ticket_history import Columns, Split, read_history, split_history
from triage.adapters.models.linear import LinearClassifier
from triage.domain.classification import Prediction
from triage.domain.redaction import RedactedText
from triage.errors import InvalidInput

Progress = Callable[[str], None]
"""Told the next step."""

STEPS = 6


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What a training run found.

    Attributes:
        report: measured on the tickets held back.
        doubts: likely label errors among the training tickets, most doubtful first.
        scarce: labels with fewer than ``FEW_EXAMPLES`` training tickets, and how many they have.
        dropped: labels with a single ticket, which cannot be learnt.
    """

    classifier: LinearClassifier
    split: Split
    report: Report
    doubts: tuple[LabelDoubt, ...]
    scarce: dict[str, int]
    dropped: tuple[str, ...]


def train_from_history(
    data: Path,
    columns: Columns,
    encoder: Encoder,
    *,
    coverage: float = 0.9,
    max_error: float = 0.05,
    progress: Progress = lambda step: None,
) -> TrainingRun:
    """Read, clean, split, train and measure.

    Args:
        data: a .jsonl, .csv, .tsv or .parquet table.
        coverage: promised share of prediction sets that hold the true category, in (0, 1).
        max_error: promised share of errors among tickets tagged alone, in (0, 1).

    Raises:
        InvalidInput: the table cannot be read, or has fewer than two categories with two tickets.
    """
    progress("reading tickets")
    tickets, blank = read_history(data, columns)
    counts = Counter(ticket.label for ticket in tickets)
    dropped = tuple(sorted(label for label, n in counts.items() if n < 2))
    tickets = [ticket for ticket in tickets if ticket.label not in dropped]
    if len(set(counts) - set(dropped)) < 2:
        raise InvalidInput("Training needs at least two categories with two tickets each.")
    progress("dropping near-copies, splitting")
    split = split_history(tickets, blank=blank)
    progress(f"training on {len(split.train)} tickets")
    labels = [ticket.label for ticket in split.train]
    classifier = LinearClassifier.train(
        [ticket.text for ticket in split.train],
        labels,
        encoder,
        coverage=coverage,
        max_error=max_error,
        ids=[ticket.id for ticket in split.train],
        groups=split.groups,
        name=f"linear-{data.stem}",
    )
    progress(f"measuring on {len(split.test)} later tickets")
    report = measure(_predict(classifier, split), [ticket.label for ticket in split.test])
    progress("looking for label errors")
    probabilities = classifier.held_out_probabilities
    ids = [ticket.id for ticket in split.train]
    doubts = () if probabilities is None else likely_label_errors(probabilities, labels, classifier.labels, ids)
    scarce = {label: n for label, n in sorted(Counter(labels).items()) if n < FEW_EXAMPLES}
    return TrainingRun(classifier, split, report, doubts, scarce, dropped)


def write_run(run: TrainingRun, out: Path) -> None:
    """Write the model, ``metrics.json``, ``label_errors.jsonl`` and the plots into a directory."""
    out.mkdir(parents=True, exist_ok=True)
    run.classifier.save(out, {"made_by": "triage train", "n_train": str(len(run.split.train))})
    measures = {
        "model": run.classifier.name,
        "n_train": len(run.split.train),
        "near_copies_dropped": run.split.copies,
        "blank_dropped": run.split.blank,
        "labels_dropped": run.dropped,
        "too_few_examples": run.scarce,
        "promise": asdict(run.classifier.promise),
        "test": run.report.as_json(),
    }
    (out / "metrics.json").write_text(json.dumps(measures, indent=2, ensure_ascii=False), encoding="utf-8")
    doubts = "".join(json.dumps(asdict(doubt), ensure_ascii=False) + "\n" for doubt in run.doubts)
    (out / "label_errors.jsonl").write_text(doubts, encoding="utf-8")
    plot_curve(run.report.curve, run.classifier.promise.max_error, out / "coverage-at-error")
    labels, counts = confusion(_predict(run.classifier, run.split), [ticket.label for ticket in run.split.test])
    plot_confusion(labels, counts, out / "confusion")


def describe_run(run: TrainingRun) -> list[str]:
    """The run in plain sentences, for the terminal."""
    report, split, promise = run.report, run.split, run.classifier.promise
    lines = [
        f"trained on {len(split.train)} tickets of {len(run.classifier.labels)} categories"
        f" ({split.copies} near-copies and {split.blank} blank rows dropped); measured on {len(split.test)} later ones",
        f"accuracy            {report.accuracy}",
        f"among first three   {report.top3}",
        f"macro-F1            {report.macro_f1:.3f}",
        f"calibration error   {report.calibration_error:.3f}",
        f"tagged alone        {report.tagged}",
        f"errors among those  {report.tagged_error}   (promised: at most {promise.max_error:.1%})",
        f"sets hold the truth {report.set_coverage}   (promised: {promise.coverage:.1%};"
        f" mean size {report.set_size:.2f})",
        f"{'category':<28}{'n':>6}{'precision':>11}{'recall':>8}{'tagged':>8}",
    ]
    lines += [
        f"{each.label[:27]:<28}{each.n:>6}{each.precision:>11.2f}{each.recall:>8.2f}{each.tagged:>8.2f}"
        for each in report.classes
    ]
    lines += [
        f"too few examples: {label} has {n} training tickets; give at least {FEW_EXAMPLES} before trusting its figures"
        for label, n in run.scarce.items()
    ]
    lines += [f"left out: {label} has a single ticket" for label in run.dropped]
    if promise.tagging_threshold > 1:
        lines.append(f"no ticket can be tagged alone at {promise.max_error:.1%} error yet: more tickets are needed")
    if run.doubts:
        lines.append(f"{len(run.doubts)} labels look wrong; they are listed in label_errors.jsonl, for example:")
        lines += [f"  {d.id}: {d.given} -> {d.suggested} (+{d.margin:.2f})" for d in run.doubts[:5]]
    return lines


def _predict(classifier: LinearClassifier, split: Split) -> list[Prediction]:
    return classifier.predict([RedactedText(ticket.text) for ticket in split.test])
