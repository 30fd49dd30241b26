"""Pseudonyms: what may be kept of a letter and its ticket for other cases. Names, numbers, addresses out.

Personal data are found as before any model call; names the ticket reveals anywhere are hidden everywhere. On top of
that everything that points to one order goes: order, case, invoice and serial numbers, and the ticket's own id.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace

from triage.domain.classification import Facts
from triage.domain.ticket import Author, Message, Ticket
from triage.ports import PersonalDataRecogniser
from triage.stages.redact import redact

_POINTING = ("order_no", "serial", "rma_no", "waybill", "invoice_no", "contract_no", "guarantee_card", "batch")
_ISSUED = re.compile(r"⟦([A-Z_]+)_(\d+)·\w+⟧")
_LETTER = "the letter"


@dataclass(frozen=True, slots=True)
class Pseudonymised:
    """A ticket's request and texts about it, without anything that points to a person or an order."""

    request: str
    texts: tuple[str, ...]


def pseudonymise(
    ticket: Ticket, facts: Facts, texts: tuple[str, ...], recogniser: PersonalDataRecogniser
) -> Pseudonymised:
    """Hide persons and orders in a ticket's request and in texts that belong to it.

    Args:
        facts: of the ticket; the identifying ones are hidden wherever their words stand.
        texts: letters, or parts of letters.

    Raises:
        RedactionFailed: a recogniser failed; nothing may be kept then.
    """
    letters = tuple(
        Message(f"{_LETTER} {number}", Author.AGENT, ticket.received_at, text, body=text)
        for number, text in enumerate(texts)
    )
    joined = replace(ticket, messages=(*ticket.messages, *letters))
    clean = redact(joined, recogniser, token=secrets.token_hex(3)).ticket
    hide = _hider(ticket, facts)
    bodies = [hide(message.body) for message in clean.messages[len(ticket.messages) :]]
    return Pseudonymised(hide(clean.request), tuple(bodies))


def _hider(ticket: Ticket, facts: Facts) -> _Hider:
    values = {ticket.id: "CASE"} | {fact.text: fact.kind for kind in _POINTING for fact in facts.of(kind)}
    values |= {fact.value: fact.kind for kind in _POINTING for fact in facts.of(kind)}
    values |= {value: key for key, value in ticket.order.items() if key in _POINTING}
    return _Hider({value: f"⟦{kind.upper()}⟧" for value, kind in values.items() if len(value) >= 3})


@dataclass(frozen=True, slots=True)
class _Hider:
    """Puts names of kinds in the place of values; longer values first, whole words only."""

    names: dict[str, str]

    def __call__(self, text: str) -> str:
        plain = _ISSUED.sub(r"⟦\1⟧", text)
        if not self.names:
            return plain
        longest_first = sorted(self.names, key=len, reverse=True)
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
        return pattern.sub(lambda match: self.names[match[0]], plain)
