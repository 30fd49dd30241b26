"""Commitments of the desk and whether they were kept, and questions nobody has answered yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from triage.domain.classification import Facts
from triage.domain.folding import fold
from triage.domain.redaction import RedactedMessage, RedactedTicket
from triage.domain.ticket import Author
from triage.stages.summarise.candidates import WARSAW, Candidate

MAX_COMMITMENTS = 4
_PROMISE = re.compile(
    r"\b(?:oddzwoni\w+|odpowiem\w*|odpiszem\w*|wysl(?:emy|e)|przesl(?:emy|e)|zwroc(?:imy|e)|napraw(?:imy|ie)"
    r"|wymieni(?:my|e)"
    r"|skontaktujem\w*|skontaktuje|odezw\w+|poinformujem\w*|dam\w* znac|kurier (?:odbierze|przyjedzie)"
    r"|technik przyjedzie"
    r"|zorganizujem\w*|bedzie gotow\w*|zostanie (?:wyslan\w*|zwrocon\w*|naprawion\w*|wymienion\w*)"
    r"|we(?:.?ll| will| shall)|i(?:.?ll| will)|you(?:.?ll| will) (?:receive|get|hear)|will be (?:sent|shipped"
    r"|refunded|repaired"
    r"|replaced|collected))\b"
)
_WHEN = re.compile(
    r"\b(?:\d{1,2}[./]\d{1,2}|do (?:konca|piatku|poniedzialku|wtorku|srody|czwartku|jutra)|jutro|dzis\w*"
    r"|w ciagu|w tym tygodniu"
    r"|\d+ (?:dni|godzin\w*|days?|hours?|weeks?)|tomorrow|today|tonight|by (?:the end|monday|tuesday|wednesday"
    r"|thursday|friday|\d)"
    r"|within|next week|this week)\b"
)
_DONE = re.compile(
    r"\b(?:wysl(?:alismy|ano|ana|any)|nadali\w*|nadan[aoy]|zwrocilismy|zlecil\w*|naprawil\w*|wymienil\w*"
    r"|w zalacz\w*|gotow[aey]"
    r"|odebral\w*|have (?:sent|shipped|refunded|repaired|replaced)|has been (?:sent|shipped|refunded|repaired"
    r"|replaced|ordered)"
    r"|attached|is ready|was (?:sent|shipped|refunded)|dziekuje,? (?:dotarl|doszl)|dotarl\w*|doszl\w*"
    r"|received it|got it|arrived)\b"
)
_BROKEN = re.compile(
    r"\b(?:nadal|wciaz|dalej|nikt (?:nie|mi)|cisza|zero|mial\w* (?:byc|przyjechac|zadzwonic|oddzwonic)"
    r"|mieliscie|obiec\w+|czekam"
    r"|brak (?:odpowiedzi|kontaktu)|nie (?:otrzyma|dosta|przysz|przyjech|zadzwon|oddzwon)\w*|still|no(?:body"
    r"| one| reply| answer)"
    r"|haven.?t|hasn.?t|never|not (?:received|arrived)|promised|was supposed|where is)\b"
)
_QUESTION = re.compile(r"\?\s*$")


class Kept(StrEnum):
    """What became of a promise."""

    KEPT = "kept"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise of the desk, what became of it, and the message that tells."""

    sentence: Candidate
    due: date | None
    outcome: Kept
    told_by: str | None


def commitments(ticket: RedactedTicket, sentences: Sequence[Candidate], facts: Facts) -> tuple[Commitment, ...]:
    """The desk's promises with a date or a term, newest last, at most four; one per message."""
    found: dict[str, Commitment] = {}
    for sentence in sentences:
        folded = fold(sentence.text)
        if sentence.author is Author.AGENT and _PROMISE.search(folded) and _WHEN.search(folded):
            due = _due(sentence.message_id, facts)
            outcome, told_by = _outcome(ticket, sentence.message_id, due)
            found.setdefault(sentence.message_id, Commitment(sentence, due, outcome, told_by))
    return tuple(found.values())[-MAX_COMMITMENTS:]


def _due(message_id: str, facts: Facts) -> date | None:
    for fact in facts.of("promise"):
        if fact.message_id == message_id:
            try:
                return date.fromisoformat(fact.value)
            except ValueError:
                continue
    return None


def _outcome(ticket: RedactedTicket, message_id: str, due: date | None) -> tuple[Kept, str | None]:
    """The first later message that tells decides; a due date passed before a later message means broken."""
    for message in _after(ticket, message_id):
        folded = fold(message.body)
        if message.author is Author.CUSTOMER and _BROKEN.search(folded):
            return Kept.BROKEN, message.id
        if _DONE.search(folded):
            return Kept.KEPT, message.id
        if message.author is Author.CUSTOMER and due and message.at.astimezone(WARSAW).date() > due:
            return Kept.BROKEN, message.id
    return Kept.OPEN, None


def _after(ticket: RedactedTicket, message_id: str) -> Iterator[RedactedMessage]:
    ids = [message.id for message in ticket.messages]
    yield from ticket.messages[ids.index(message_id) + 1 :]


def open_questions(sentences: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Questions in the newest message of each side that the other side has not answered with a message since."""
    if not sentences:
        return ()
    last = sentences[-1].author
    waiting = [sentence for sentence in sentences if sentence.author is last]
    since = max((sentence.position for sentence in sentences if sentence.author is not last), default=-1)
    return tuple(sentence for sentence in waiting if sentence.position > since and _QUESTION.search(sentence.text))[:3]
