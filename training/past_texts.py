"""Past tickets whose categories nobody gave: those of a file that was named, and those beside the labelled ones.

Where there are few labelled tickets of each category a model teaches itself on such tickets, and a desk has them
anyway: rows of its export that nobody sorted, or what the service took in.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.service_commands import unsorted_service_tickets
from training.ticket_history import Columns, LabelledTicket, read_texts, read_unsorted
from triage.adapters.models.history_encoder import MOST_KEPT
from triage.adapters.models.linear.fitting import kind_for
from triage.config import load_settings

LEAST_UNASKED = 500  # of fewer a history says little, and whether it helped would be chance


def past_texts(
    named: Path | None, data: Path | None, columns: Columns, tenant: str, labelled: Sequence[LabelledTicket]
) -> list[str]:
    """Texts without personal data of tickets that have no category.

    Args:
        named: a table of such tickets, read whatever else there is.
        data: the table of the labelled tickets; those of the service's ``tenant`` when None.

    Raises:
        InvalidInput: a table is missing, empty, damaged, of another format, or lacks a column.
    """
    texts = read_texts(named, columns.text) if named is not None else []
    if kind_for(len(labelled), len({ticket.label for ticket in labelled})) != "logistic":
        return texts
    if data is not None:
        beside = read_unsorted(data, columns, MOST_KEPT)
    else:
        beside = unsorted_service_tickets(load_settings(), tenant, {ticket.id for ticket in labelled}, MOST_KEPT)
    return texts + beside if len(beside) >= LEAST_UNASKED else texts
