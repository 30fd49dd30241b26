"""The fields of a ticket that are filled in: by a person, by the machine alone where it may, or by nobody yet.

The machine's reading of a ticket (:class:`~triage.domain.classification.Classification`,
:class:`~triage.domain.priority.Urgency`) is one thing, the ticket's field another. How far the first may fill the
second is a level of automation for each field: ``off`` proposes nothing, ``suggest`` proposes to a person, ``auto``
fills the field alone where the machine does not abstain, and proposes elsewhere. What a person set, a machine never
changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.ticket import require_aware


class Field(StrEnum):
    """What may be filled in on a ticket."""

    CATEGORY = "category"
    SUBCATEGORY = "subcategory"
    SECONDARY = "secondary"
    URGENCY = "urgency"
    TAGS = "tags"


class Level(StrEnum):
    """How far the machine may go with a field."""

    OFF = "off"
    SUGGEST = "suggest"
    AUTO = "auto"


class SetBy(StrEnum):
    """Who filled a field in."""

    PERSON = "person"
    MACHINE = "machine"


PROMISED = frozenset({Field.CATEGORY, Field.TAGS})
"""Fields for which a limit on errors is promised: the category, and the tags that follow from it. Only they may be
filled in by the machine alone."""

Levels = Mapping[Field, Level]
"""Levels of a tenant; a field that is not named is ``off``."""


@dataclass(frozen=True, slots=True)
class Label:
    """One field of a ticket as it is filled in.

    Attributes:
        value: one code, or any number of tags or further categories; never empty for a category or an urgency.
        actor: ``key:<id>`` of a person, or the name of the model.
        revision: the newest message of the ticket that was known then.
    """

    field: Field
    value: tuple[str, ...]
    set_by: SetBy
    actor: str
    at: datetime
    revision: int

    def __post_init__(self) -> None:
        require_aware(self.at, "label.at")


@dataclass(frozen=True, slots=True)
class Correction:
    """A decision a person made about a field, kept beside what the machine had suggested.

    Attributes:
        suggested: the machine's value then; empty when it had none.
        value: the person's; empty when the field was handed back to the machine.
        model: who suggested: name of the classifier.
        reason: the person's words, may be empty; it goes when the ticket is erased.
    """

    id: str
    tenant: str
    ticket_id: str
    field: Field
    suggested: tuple[str, ...]
    value: tuple[str, ...]
    actor: str
    at: datetime
    model: str
    case_version: int
    revision: int
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the person set what the machine had suggested."""
        return frozenset(self.suggested) == frozenset(self.value)


def label_of(labels: Iterable[Label], field: Field) -> Label | None:
    """The label of a field, if it is filled in."""
    return next((label for label in labels if label.field is field), None)


def with_label(labels: Iterable[Label], label: Label) -> tuple[Label, ...]:
    """The labels with one of them set anew."""
    return (*without_label(labels, label.field), label)


def without_label(labels: Iterable[Label], field: Field) -> tuple[Label, ...]:
    """The labels with one field left open."""
    return tuple(label for label in labels if label.field is not field)
