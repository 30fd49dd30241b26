"""Train a classifier from a desk's own history and say how far it can be trusted.

The newest tickets are held back and a model trained on the others is measured on them. The model on disk is then
trained the same way on all tickets: the figures are those of its slightly less taught twin.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from knowledge_base.passage import Encoder
from training.classification_metrics import FEW_EXAMPLES, Report, confusion, measure
from training.classification_plots import plot_confusion, plot_curve
from training.encoders import RememberingEncoder
from training.finetune_encoder import Tuned
from training.label_errors import LabelDoubt, likely_label_errors
from training.second_opinion import Second
from training.ticket_history import Columns, LabelledTicket, Split, read_history, split_history
from training.unlabelled import with_or_without_history
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.opinion import SecondOpinion
from triage.adapters.models.linear.twins import Twin
from triage.domain.classification import Prediction
from triage.domain.redaction import RedactedText
from triage.errors import InvalidInput

Progress = Callable[[str], None]
"""Told the next step."""

Tune = Callable[[Sequence[str], Sequence[str], Sequence[int] | None], Tuned]
"""Fine-tunes an encoder on texts, their labels and their groups."""

STEPS = 7


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What a training run found.

    Attributes:
        classifier: trained on all tickets.
        predictions: what the model trained without the tickets held back said about them.
        report: measured on those.
        doubts: likely label errors among all tickets, most doubtful first.
        scarce: labels with fewer than ``FEW_EXAMPLES`` training tickets, and how many they have.
        dropped: labels with a single ticket, which cannot be learnt.
    """

    classifier: LinearClassifier
    split: Split
    predictions: tuple[Prediction, ...]
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
    progress("reading tickets, masking personal data")
    tickets, blank = read_history(data, columns)
    return train_from_tickets(
        tickets, encoder, name=data.stem, blank=blank, coverage=coverage, max_error=max_error, progress=progress
    )


def train_from_tickets(
    tickets: list[LabelledTicket],
    encoder: Encoder,
    *,
    name: str,
    blank: int = 0,
    coverage: float = 0.9,
    max_error: float = 0.05,
    tune: Tune | None = None,
    history: Sequence[str] = (),
    second: Second | None = None,
    progress: Progress = lambda step: None,
) -> TrainingRun:
    """Split, train and measure.

    Args:
        tickets: without personal data; what is in their words goes into the model file.
        name: of the model, after ``linear-``.
        blank: how many rows were left out for having no text or label.
        tune: makes an encoder for the tickets, in place of ``encoder``.
        history: more tickets of the desk, without personal data, whose categories nobody knows.
        second: makes a second opinion, heard where that helps held-out tickets; the model on disk is spared it when the
            measured one was not helped. Not with ``tune`` or a history.

    Raises:
        InvalidInput: fewer than two categories with two tickets.
    """
    counts = Counter(ticket.label for ticket in tickets)
    dropped = tuple(sorted(label for label, n in counts.items() if n < 2))
    tickets = [ticket for ticket in tickets if ticket.label not in dropped]
    if len(set(counts) - set(dropped)) < 2:
        raise InvalidInput(
            f"Training needs at least two categories with two tickets each; there are {len(tickets)} usable tickets "
            f"of {len(set(counts) - set(dropped))} such categories ({blank} rows have no text or label, "
            f"{len(dropped)} categories a single ticket)."
        )
    progress("dropping near-copies, splitting")
    split = split_history(tickets, blank=blank)
    progress(f"training on {len(split.train)} tickets")
    encoder = RememberingEncoder(encoder)

    def train(
        taught: Sequence[LabelledTicket], groups: Sequence[int] | None, opinion: SecondOpinion | None
    ) -> LinearClassifier:
        texts, labels = [ticket.text for ticket in taught], [ticket.label for ticket in taught]
        tuned = tune(texts, labels, groups) if tune is not None else None

        def with_encoder(chosen: Encoder, twins: Sequence[Twin] | None, past: Sequence[str]) -> LinearClassifier:
            return LinearClassifier.train(
                texts,
                labels,
                chosen,
                coverage=coverage,
                max_error=max_error,
                ids=[ticket.id for ticket in taught],
                groups=groups,
                twins=twins,
                opinion=opinion,
                history=past,
                name=f"linear-{name}",
            )

        if tuned is not None:
            return with_or_without_history(history, tuned.encoder, tuned.twins, with_encoder)
        return with_or_without_history(history, encoder, None, with_encoder)

    opinion = second(*_columns(split.train), split.groups) if second is not None else None
    measured = train(split.train, split.groups, opinion)
    progress(f"measuring on {len(split.test)} later tickets")
    predictions = measured.predict([RedactedText(ticket.text) for ticket in split.test])
    report = measure(predictions, [ticket.label for ticket in split.test])
    every = (*split.train, *split.test)
    progress(f"training on all {len(every)} tickets")
    if second is not None and opinion is not None and measured.hears_transformer:
        opinion = second.further(opinion, *_columns(every), len(split.train))
    else:
        opinion = None
    classifier = train(every, None, opinion)
    progress("looking for label errors")
    labels, ids = [ticket.label for ticket in every], [ticket.id for ticket in every]
    probabilities = classifier.held_out_probabilities
    doubts = (
        ()
        if probabilities is None
        else likely_label_errors(probabilities, labels, classifier.labels, ids, classifier.promise.set_threshold)
    )
    scarce = {label: n for label, n in sorted(Counter(labels).items()) if n < FEW_EXAMPLES}
    return TrainingRun(classifier, split, tuple(predictions), report, doubts, scarce, dropped)


def _columns(tickets: Sequence[LabelledTicket]) -> tuple[list[str], list[str]]:
    return [ticket.text for ticket in tickets], [ticket.label for ticket in tickets]


def write_run(run: TrainingRun, out: Path) -> None:
    """Write the model, ``metrics.json``, ``label_errors.jsonl`` and the plots into a directory."""
    out.mkdir(parents=True, exist_ok=True)
    run.classifier.save(out, {"made_by": "triage train", "n_train": str(_n_all(run))})
    measures = {
        "model": run.classifier.name,
        "n_train": _n_all(run),
        "n_train_measured": len(run.split.train),
        "near_copies_dropped": run.split.copies,
        "blank_dropped": run.split.blank,
        "labels_dropped": run.dropped,
        "too_few_examples": run.scarce,
        "n_history": run.classifier.n_history,
        "hears_transformer": run.classifier.hears_transformer,
        "promise": asdict(run.classifier.promise),
        "test": run.report.as_json(),
    }
    (out / "metrics.json").write_text(json.dumps(measures, indent=2, ensure_ascii=False), encoding="utf-8")
    doubts = "".join(json.dumps(asdict(doubt), ensure_ascii=False) + "\n" for doubt in run.doubts)
    (out / "label_errors.jsonl").write_text(doubts, encoding="utf-8")
    plot_curve(run.report.curve, run.classifier.promise.max_error, out / "coverage-at-error")
    labels, counts = confusion(run.predictions, [ticket.label for ticket in run.split.test])
    plot_confusion(labels, counts, out / "confusion")


def describe_run(run: TrainingRun) -> list[str]:
    """The run in plain sentences, for the terminal."""
    report, split, promise = run.report, run.split, run.classifier.promise
    lines = [
        f"trained on {_n_all(run)} tickets of {len(run.classifier.labels)} categories"
        f" ({split.copies} near-copies and {split.blank} blank rows dropped)",
        f"measured by training on {len(split.train)} of them and asking about the {len(split.test)} later ones:",
        f"accuracy            {report.accuracy}",
        f"among first three   {report.top3}",
        f"macro-F1            {report.macro_f1:.3f}",
        f"calibration error   {report.calibration}",
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
    if run.classifier.n_history:
        lines.append(f"reads {run.classifier.n_history} tickets without a category beside these")
    if run.classifier.hears_transformer:
        lines.append(
            "a transformer fine-tuned on them has a say: some milliseconds a ticket instead of a fraction of one"
        )
    if promise.tagging_threshold > 1:
        lines.append(f"no ticket can be tagged alone at {promise.max_error:.1%} error yet: more tickets are needed")
    if run.doubts:
        lines.append(f"{len(run.doubts)} labels look wrong; they are listed in label_errors.jsonl, for example:")
        lines += [f"  {d.id}: {d.given} -> {d.suggested} (+{d.margin:.2f})" for d in run.doubts[:5]]
    return lines


def _n_all(run: TrainingRun) -> int:
    return len(run.split.train) + len(run.split.test)
