"""Withdrawal: whether the customer withdraws, only asks about it, and wants a return label."""

from __future__ import annotations

import re

from triage.domain.folding import fold
from triage.domain.redaction import RedactedTicket
from triage.domain.sentences import sentence_spans

_WITHDRAWS = re.compile(
    r"\bodst[ae]p\w* od (umowy|zakupu)|\brezygnuj\w* z zakupu|\bwithdraw\w* from|\bcancel the contract"
)
_RETURN = re.compile(r"\b(zwroci\w*|zwrot\w*|oddac|odesla\w*|return\w*|send .{0,20}back)\b")
_LABEL = re.compile(r"\betykiet\w* zwrotn|\breturn label|\bprepaid label")


def withdraws(ticket: RedactedTicket) -> bool:
    """Whether the customer says in so many words that they withdraw from the contract."""
    return bool(_WITHDRAWS.search(fold(ticket.request)))


def only_asks_about_return(ticket: RedactedTicket) -> bool:
    """Whether the customer speaks of returning the goods in questions alone: that is no statement yet."""
    said = [
        message.body[start:end] for message in ticket.customer_messages for start, end in sentence_spans(message.body)
    ]
    about_return = [sentence for sentence in said if _RETURN.search(fold(sentence))]
    return bool(about_return) and all(sentence.rstrip().endswith("?") for sentence in about_return)


def asks_for_label(ticket: RedactedTicket) -> bool:
    """Whether the customer asks for a label to send the goods back with."""
    return bool(_LABEL.search(fold(ticket.request)))
