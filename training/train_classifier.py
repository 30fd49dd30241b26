"""Train a classifier from a desk's own history and say how far it can be trusted.

The newest tickets are held back (drawn by chance where there are no times) and a model trained on the others is
measured on them. The model on disk is then trained the same way on all tickets: the figures are those of its slightly
less taught twin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.passage import Encoder
from training.classification_metrics import FEW_EXAMPLES, Report, measure
from training.encoders import RememberingEncoder
from training.label_errors import LabelDoubt, likely_label_errors
from training.second_opinion import Second
from training.teacher import Teacher, Tune, columns_of
from training.ticket_history import Columns, LabelledTicket, Split, read_history, split_history
from triage.adapters.models.linear import LinearClassifier
from triage.domain.classification import Prediction
from triage.domain.redaction import RedactedText
from triage.errors import InvalidInput

Progress = Callable[[str], None]
"""Told the next step."""

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
    tickets, dropped = _learnable(tickets, blank)
    progress("dropping near-copies, splitting")
    split = split_history(tickets, blank=blank)
    progress(f"training on {len(split.train)} tickets")
    teacher = Teacher(
        RememberingEncoder(encoder), f"linear-{name}", coverage, max_error, tune, history, described or {}
    )
    opinion = second(*columns_of(split.train), split.groups) if second is not None else None
    measured = teacher.teach(split.train, split.groups, opinion)
    progress(f"measuring on the {len(split.test)} held back")
    predictions = measured.predict([RedactedText(ticket.text) for ticket in split.test])
    report = measure(predictions, [ticket.label for ticket in split.test])
    every = (*split.train, *split.test)
    progress(f"training on all {len(every)} tickets")
    if second is not None and opinion is not None and measured.hears_transformer:
        opinion = second.further(opinion, *columns_of(every), len(split.train))
    else:
        opinion = None
    classifier = teacher.teach(every, None, opinion)
    progress("looking for label errors")
    doubts = _doubts(classifier, every)
    return TrainingRun(classifier, split, tuple(predictions), report, doubts, _scarce(every), dropped)


def _learnable(tickets: list[LabelledTicket], blank: int) -> tuple[list[LabelledTicket], tuple[str, ...]]:
    """The tickets of categories with two and more, and the other categories.

    Raises:
        InvalidInput: fewer than two categories are left.
    """
    counts = Counter(ticket.label for ticket in tickets)
    dropped = tuple(sorted(label for label, n in counts.items() if n < 2))
    kept = [ticket for ticket in tickets if ticket.label not in dropped]
    n_categories = len(counts) - len(dropped)
    if n_categories < 2:
        raise InvalidInput(
            f"Training needs at least two categories with two tickets each; there are {len(kept)} usable tickets "
            f"of {n_categories} such categories ({blank} rows have no text or label, "
            f"{len(dropped)} categories a single ticket)."
        )
    return kept, dropped


def _doubts(classifier: LinearClassifier, tickets: Sequence[LabelledTicket]) -> tuple[LabelDoubt, ...]:
    """Likely label errors among what a classifier was taught; none where it held no ticket out."""
    probabilities = classifier.held_out_probabilities
    if probabilities is None:
        return ()
    labels, ids = [ticket.label for ticket in tickets], [ticket.id for ticket in tickets]
    return likely_label_errors(probabilities, labels, classifier.labels, ids, classifier.promise.set_threshold)


def _scarce(tickets: Sequence[LabelledTicket]) -> dict[str, int]:
    """Labels with few tickets, and how many they have."""
    counts = Counter(ticket.label for ticket in tickets)
    return {label: n for label, n in sorted(counts.items()) if n < FEW_EXAMPLES}
