"""Labels of a history as people wrote them, and the categories they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from triage.domain.company import Taxonomy
from triage.domain.folding import name_key

if TYPE_CHECKING:
    from training.ticket_history import LabelledTicket


def usual_spellings(labels: Iterable[str]) -> dict[str, str]:
    """The most frequent spelling of each label, by every other spelling of it.

    >>> usual_spellings(["Zwrot", "Zwrot", "zwrot", "ZWROT ", "Naprawa"])
    {'zwrot': 'Zwrot', 'ZWROT ': 'Zwrot'}
    """
    usual: dict[str, str] = {}
    respelt = {}
    for label, _ in Counter(labels).most_common():
        kept = usual.setdefault(name_key(label), label)
        if label != kept:
            respelt[label] = kept
    return respelt


def with_codes(tickets: Sequence[LabelledTicket], taxonomy: Taxonomy) -> list[LabelledTicket]:
    """The tickets with codes of the taxonomy as labels, where the history calls the categories by their names.

    Nothing is changed unless every label names a category: a model of half of the taxonomy and half of something else
    could not serve.
    """
    coded = only_known(tickets, taxonomy)
    return coded if len(coded) == len(tickets) else list(tickets)


def only_known(tickets: Sequence[LabelledTicket], taxonomy: Taxonomy) -> list[LabelledTicket]:
    """The tickets whose label names a category of the taxonomy, with its code as label."""
    codes = {label: taxonomy.code_of(label) for label in {ticket.label for ticket in tickets}}
    return [replace(ticket, label=code) for ticket in tickets if (code := codes[ticket.label]) is not None]
