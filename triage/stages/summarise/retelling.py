"""Retelling: lines a model wrote about the history, each kept only when the messages it names support it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from triage.domain.folding import fold
from triage.domain.redaction import RedactedTicket
from triage.domain.summary import SummaryLine, SummarySection
from triage.ports import LineWriter

RETOLD = frozenset({SummarySection.TIMELINE})
"""Sections a writer may fill; what the customer wants is always said in the customer's words."""
MOST_LINES = 12
MOST_CHARS = 400
LEAST_SHARED = 0.6
"""Share of a line's content words that must stand, in any form, in the messages it names."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_EXACT = re.compile(r"⟦[^⟦⟧]+⟧|\w*\d[\w./:-]*")
_NEGATION = re.compile(r"\b(?:nie|bez|brak\w*|not|no|never|without|\w+n.t)\b")
_DENIED = re.compile(
    r"\b(?:nie|not|never|bez|without|\w+n.t)\s+(?:(?:\w{1,3}|zosta\w+|jest|bedzie|been|have|will)\s+)?([^\W\d_]{4,})"
)
_STEM, _SHORT_STEM = 5, 4  # "work" and "works" are one word where one is denied
# words of the telling itself, which no message needs to hold
_TELLING = frozenset(
    "klien konsu agent custo prosi zglas pyta infor odpow pisze mowi twier zada reque repor asks says tells repli "
    "compl write state agree after then later potem nastę naste ktory ktora which their nadal still chce wants".split()
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a writer told: its supported lines, and how many were dropped."""

    lines: tuple[SummaryLine, ...] = ()
    dropped: int = 0
    writer: str = ""


def told_by(writer: LineWriter, ticket: RedactedTicket, language: str) -> Told:
    """Let a writer tell the history; a writer that fails has told nothing, and the messages speak for themselves."""
    bodies = {message.id: fold(message.body) for message in ticket.messages}
    proposed = writer.write(ticket, language)[:MOST_LINES]
    kept = tuple(line for line in proposed if line.section in RETOLD and supported(line, bodies))
    return Told(kept, len(proposed) - len(kept), writer.name)


def supported(line: SummaryLine, bodies: Mapping[str, str]) -> bool:
    """Whether the messages a line names say what it says.

    Every number, code and placeholder stands in them exactly, most content words in some form, and a line does not
    deny what they affirm nor affirm what they deny throughout.

    Args:
        bodies: folded body by message id.
    """
    if not line.message_ids or not bodies.keys() >= set(line.message_ids) or len(line.text) > MOST_CHARS:
        return False
    source = "\n".join(bodies[one] for one in line.message_ids)
    text = fold(line.text)
    exact = {token.strip(".,:;/-") for token in _EXACT.findall(text)}
    if not exact <= {token.strip(".,:;/-") for token in _EXACT.findall(source)}:
        return False
    words = {word[:_STEM] for word in _WORD.findall(text)} - _TELLING
    known = {word[:_STEM] for word in _WORD.findall(source)}
    if not words or len(words & known) < LEAST_SHARED * len(words):
        return False
    if _NEGATION.search(text) and not _NEGATION.search(source):
        return False
    return not (_affirmed(text) & _denied(source)) - _affirmed(source)


def _denied(text: str) -> set[str]:
    """What stands behind a negation: „nie działa”, "has not been repaired"."""
    return {match[1][:_SHORT_STEM] for match in _DENIED.finditer(text)}


def _affirmed(text: str) -> set[str]:
    """Content words that no negation stands before."""
    return {word[:_SHORT_STEM] for word in _WORD.findall(_DENIED.sub(" ", text))}
