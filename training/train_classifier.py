"""Train a classifier from a desk's own history and say how far it can be trusted.

The newest tickets are held back (drawn by chance where there are no times) and a model trained on the others is
measured on them. The model on disk is then trained the same way on all tickets: the figures are those of its slightly
less taught twin.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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

    @property
    def n_tickets(self) -> int:
        """How many tickets the model on disk was trained on."""
        return len(self.split.train) + len(self.split.test)


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
    history = read_history(data, columns)
    return train_from_tickets(
        history.tickets,
        encoder,
        name=data.stem,
        blank=history.blank,
        coverage=coverage,
        max_error=max_error,
        progress=progress,
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
    described: Mapping[str, Sequence[str]] | None = None,
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
        described: what categories are, in words, by label.
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
                described=described,
                name=f"linear-{name}",
            )

        if tuned is not None:
            return with_or_without_history(history, tuned.encoder, tuned.twins, with_encoder)
        return with_or_without_history(history, encoder, None, with_encoder)

    opinion = second(*_columns(split.train), split.groups) if second is not None else None
    measured = train(split.train, split.groups, opinion)
    progress(f"measuring on the {len(split.test)} held back")
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


def check_writable(out: Path) -> None:
    """Say before minutes of training that what comes of it could not be kept.

    Raises:
        InvalidInput: ``out`` is no directory that can be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as exc:
        raise InvalidInput(f"{out} cannot be written to ({exc.strerror}): give another directory.") from exc


def write_run(run: TrainingRun, out: Path) -> None:
    """Write the model, ``metrics.json``, ``label_errors.jsonl`` and the plots into a directory.

    Raises:
        InvalidInput: it cannot be written; a model that was there before is left as it was.
    """
    out.mkdir(parents=True, exist_ok=True)
    try:
        _write_run(run, out)
    except OSError as exc:
        raise InvalidInput(
            f"The model could not be written to {out}: {exc.strerror}. Nothing there replaces it."
        ) from exc


def _write_run(run: TrainingRun, out: Path) -> None:
    run.classifier.save(out, {"made_by": "triage train", "n_train": str(run.n_tickets)})
    measures = {
        "model": run.classifier.name,
        "n_train": run.n_tickets,
        "n_train_measured": len(run.split.train),
        "held_back": "the newest" if run.split.by_time else "by chance",
        "undated": run.split.undated,
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
    texts = {ticket.id: ticket.text for ticket in (*run.split.train, *run.split.test)}
    doubts = "".join(
        json.dumps(asdict(doubt) | {"text": texts[doubt.id]}, ensure_ascii=False) + "\n" for doubt in run.doubts
    )
    (out / "label_errors.jsonl").write_text(doubts, encoding="utf-8")
    plot_curve(run.report.curve, run.classifier.promise.max_error, out / "coverage-at-error")
    labels, counts = confusion(run.predictions, [ticket.label for ticket in run.split.test])
    plot_confusion(labels, counts, out / "confusion")
