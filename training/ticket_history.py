"""A desk's own history, made fit for training: what the customer wrote then, once, split by time and thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.filing_times import sortable_times
from training.label_names import usual_spellings
from training.tables import read_table
from triage.adapters.models.linear.counting import NgramCounts
from triage.adapters.models.linear.features import MAX_NGRAMS, prepare
from triage.adapters.models.linear.grouping import near_copy_groups
from triage.adapters.models.linear.ngrams import matrix_of
from triage.errors import InvalidInput
from triage.recognisers import Recognisers
from triage.stages.ingest import newest_part
from triage.stages.redact import redact_text


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns: text and label are needed, the others are used when named."""

    text: str = "text"
    label: str = "label"
    id: str | None = None
    time: str | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledTicket:
    """One ticket of the history.

    Attributes:
        text: what the customer wrote in the first message, without quoted history and signature.
        time: when it was filed, in ISO 8601 and UTC, so that text order is order in time; empty when not known.
        thread: id of the conversation; the ticket's own id when not known.
    """

    id: str
    text: str
    label: str
    time: str
    thread: str


@dataclass(frozen=True, slots=True)
class Split:
    """Tickets to train on and later ones to measure on, and how many were left out.

    Attributes:
        groups: group number of each training ticket; near-copies and one thread share one.
        copies: near-copies dropped.
        blank: tickets without text or label dropped.
        by_time: whether ``test`` holds the newest tickets; else they were drawn by chance, for want of times.
        undated: tickets without a time, which are trained on where the others are split by time.
    """

    train: tuple[LabelledTicket, ...]
    test: tuple[LabelledTicket, ...]
    groups: tuple[int, ...]
    copies: int
    blank: int
    by_time: bool
    undated: int


@dataclass(frozen=True, slots=True)
class History:
    """A table of tickets as it was read.

    Attributes:
        tickets: those with a text and a label, the first message of each thread only.
        blank: how many rows had no text or no label.
        respelt: spelling of a label → the more frequent one that was read instead.
    """

    tickets: list[LabelledTicket]
    blank: int
    respelt: dict[str, str]


def read_history(path: Path, columns: Columns) -> History:
    """Read a table of tickets and take personal data out of them, so that no model file will hold any.

    Raises:
        InvalidInput: the file is missing, empty, damaged, of another format, lacks a column, or its column of times
            holds hardly any.
    """
    wanted = [name for name in (columns.text, columns.label, columns.id, columns.time, columns.thread) if name]
    rows = [_ticket(row, number, columns) for number, row in enumerate(read_table(path, wanted))]
    labelled = [ticket for ticket in rows if ticket.text and ticket.label]
    respelt = usual_spellings(ticket.label for ticket in labelled)
    times = sortable_times([ticket.time for ticket in labelled])
    if columns.time and 2 * times.count("") > len(times):
        raise InvalidInput(
            f"In {path.name}, column {columns.time}, {times.count('')} of {len(times)} times cannot be read: write "
            "them like 2026-11-03 10:00, 03.11.2026 10:00 or as seconds since 1970, or train without --time."
        )
    tickets = [
        replace(ticket, label=respelt.get(ticket.label, ticket.label), time=time)
        for ticket, time in zip(labelled, times, strict=True)
    ]
    return History(masked(_first_of_each_thread(tickets)), len(rows) - len(labelled), respelt)


def read_texts(path: Path, column: str) -> list[str]:
    """Read the texts of tickets whose category nobody gave, without quoted history, signatures and personal data.

    Raises:
        InvalidInput: the file is missing, empty, damaged, of another format, or lacks the column.
    """
    written = [newest_part(str(row[column] or "").strip()) for row in read_table(path, [column])]
    recognisers = Recognisers()
    return [redact_text(text, recognisers)[0] for text in written if text]


def read_unsorted(path: Path, columns: Columns, most: int) -> list[str]:
    """Texts of the tickets in a table of the history that have no label, read as :func:`read_history` reads the others.

    Args:
        most: of more of them so many are read, spread over the table.

    Raises:
        InvalidInput: the file is missing, empty, damaged, of another format, or lacks a column.
    """
    wanted = [name for name in (columns.text, columns.label, columns.id, columns.time, columns.thread) if name]
    rows = [_ticket(row, number, columns) for number, row in enumerate(read_table(path, wanted))]
    times = sortable_times([ticket.time for ticket in rows])
    dated = [replace(ticket, time=time) for ticket, time in zip(rows, times, strict=True)]
    unsorted = [ticket for ticket in _first_of_each_thread(dated) if ticket.text and not ticket.label]
    spread = np.linspace(0, len(unsorted) - 1, min(len(unsorted), most)).astype(int)
    return [ticket.text for ticket in masked([unsorted[row] for row in spread])]


def masked(tickets: Sequence[LabelledTicket]) -> list[LabelledTicket]:
    """The tickets with placeholders where personal data stood, as a served model gets them too."""
    recognisers = Recognisers()
    return [replace(ticket, text=redact_text(ticket.text, recognisers)[0]) for ticket in tickets]


def _ticket(row: dict[str, object], number: int, columns: Columns) -> LabelledTicket:
    def cell(name: str | None) -> str:
        value = row.get(name) if name else None
        if isinstance(value, list) and len(value) <= 1:
            value = next(iter(value), None)
        if isinstance(value, list | dict):
            raise InvalidInput(
                f"Row {number + 1}: column {name} holds a list of several or an object. Give one text and one category "
                "for each ticket, the primary one of several."
            )
        return "" if value is None else str(value).strip()

    own_id = cell(columns.id) or f"row-{number + 1}"
    text = newest_part(cell(columns.text))
    return LabelledTicket(own_id, text, cell(columns.label), cell(columns.time), cell(columns.thread) or own_id)


def _first_of_each_thread(tickets: list[LabelledTicket]) -> list[LabelledTicket]:
    """The message that opened each conversation: later ones know what happened since."""
    first: dict[str, LabelledTicket] = {}
    for ticket in sorted(tickets, key=lambda ticket: (not ticket.time, ticket.time)):
        first.setdefault(ticket.thread, ticket)
    kept = {id(ticket) for ticket in first.values()}
    return [ticket for ticket in tickets if id(ticket) in kept]


def split_history(
    tickets: Sequence[LabelledTicket], *, blank: int = 0, test_share: float = 0.2, seed: int = 0
) -> Split:
    """Drop near-copies and hold the newest groups back for measuring.

    Where fewer than half of them have a time, the groups held back are drawn by chance; else those without one count
    as the oldest.

    Args:
        test_share: share of tickets held back, in (0, 1).
    """
    texts = [prepare(ticket.text) for ticket in tickets]
    chars, found = NgramCounts.of("char", texts).learn(min_df=1, max_features=MAX_NGRAMS["char"])
    groups = near_copy_groups(matrix_of(found, (len(texts), len(chars.vocabulary))))
    kept = _one_of_each(tickets, groups)
    undated = sum(not tickets[row].time for row in kept)
    by_time = 2 * undated <= len(kept)
    order = _in_time(tickets, kept) if by_time else np.random.default_rng(seed).permutation(kept)
    n_test = round(test_share * len(order))
    train, test = np.sort(order[: len(order) - n_test]), np.sort(order[len(order) - n_test :])
    return Split(
        train=tuple(tickets[row] for row in train),
        test=tuple(tickets[row] for row in test),
        groups=tuple(int(groups[row]) for row in train),
        copies=len(tickets) - len(kept),
        blank=blank,
        by_time=by_time,
        undated=undated,
    )


def _one_of_each(tickets: Sequence[LabelledTicket], groups: NDArray[np.intp]) -> NDArray[np.intp]:
    """The oldest ticket of each group of near-copies with the same label."""
    order = sorted(range(len(tickets)), key=lambda row: tickets[row].time)
    first: dict[tuple[int, str], int] = {}
    for row in order:
        first.setdefault((int(groups[row]), tickets[row].label), row)
    return np.array(sorted(first.values()), dtype=np.intp)


def _in_time(tickets: Sequence[LabelledTicket], kept: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.array(sorted(kept, key=lambda row: tickets[row].time), dtype=np.intp)
