"""Candidates: sentences of the history, cut to what they say, scored by who wrote them, where and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from triage.domain.folding import fold
from triage.domain.redaction import RedactedMessage, RedactedTicket
from triage.domain.sentences import sentence_spans
from triage.domain.ticket import Author

WARSAW = ZoneInfo("Europe/Warsaw")
MAX_WORDS = 40
# "@shop", "ShopCares hey …" and greetings call somebody; they say nothing
_HANDLE = re.compile(
    r"^(?:@\w+[\s,:]+|(?=\w*[A-Z]\w*[A-Z])\w+ (?=(?i:hey|hi|hello|i|my|why|how|what|when|can|your|you|im|ive|so"
    r"|just|please)\b)"
    r"|(?i:dzie[nń] dobry|witam|cze[sś][cć]|hej|siema|hello(?: there)?|hi(?: there)?"
    r"|dear \w+)[\s,:!]+(?=\S+ \S+ \S))+"
)
_TAIL = re.compile(r"(?:\s+(?:[\^*/-]?[A-Z]{2}|[\^*-]\w+|<LINK>|https?:\S+|#\w+))+$")
_GREETING = re.compile(
    r"(?:hi|hey|hello|good (?:morning|afternoon|evening)|dear|thanks?|thank you|cheers|sorry|ok|okay|great|no worries"
    r"|you.?re welcome|we.?re sorry|i.?m sorry|apolog\w*|best regards|kind regards|yours|dzien dobry|witam"
    r"|czesc|hej|siema"
    r"|szanown\w+|dziekuj\w+|dzieki|pozdrawiam|z powazaniem|przeprasza\w+|super|halo)\b"
)
_REQUEST = re.compile(
    r"\b(?:dm|direct message|pm|private message|follow|email us|contact|reach out|give us a call"
    r"|pros(?:ze|imy)|skontaktuj\w*|przes(?:lij|lac|lanie)\w*|odpisz\w*|podani\w*)\b"
)
_ANSWER = re.compile(
    r"\b(?:please|can you|could you|you can|you need|need to|will|we.?ll|try|unfortunately|should|available"
    r"|team|working|check"
    r"|send|let us know|bedzie\w*|zostan\w*|mozna|moze|nalezy|niestety|serwis\w*|termin\w*|przekaza\w*|wysla\w*"
    r"|wysl\w*"
    r"|naprawi\w*|zwroc\w*|wymieni\w*|otrzyma\w*)\b"
)
_MATTER = re.compile(
    r"\b(?:zadam|domagam|prosze o|chce|chcialbym|chcialabym|oczekuj\w*|reklam\w*|odstepuj\w*|brak\w*|blad\w*"
    r"|nie (?:dziala|grzeje|wlacza|laduje)|zepsu\w*|uszkodz\w*|przestal\w*|cieknie|halas\w*|pekn\w*"
    r"|i want|i.?d like|refund|replace\w*|repair|complain\w*|stopped|broke\w*|leak\w*|damaged|missing|crack\w*)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may stand in the summary.

    Attributes:
        text: a part of the message's body, word for word.
        position: number of the message in the history, from 0.
        score: higher says more about the history.
    """

    text: str
    message_id: str
    author: Author
    on: date
    position: int
    score: float


def candidates(ticket: RedactedTicket) -> tuple[Candidate, ...]:
    """All candidates in reading order; system messages (auto-replies) have none."""
    human = [message for message in ticket.messages if message.author is not Author.SYSTEM]
    first = next((message.id for message in human if message.author is Author.CUSTOMER), "")
    return tuple(
        candidate
        for position, message in enumerate(human)
        for candidate in _of_message(message, position, len(human), message.id == first)
    )


def _of_message(message: RedactedMessage, position: int, total: int, first: bool) -> Iterator[Candidate]:
    for start, end in sentence_spans(message.body):
        text = _core(message.body[start:end])
        if any(character.isalpha() for character in text):
            score = _score(text, message.author, position / total, first=first, second=position == 1)
            yield Candidate(text, message.id, message.author, message.at.astimezone(WARSAW).date(), position, score)


def _core(sentence: str) -> str:
    """The sentence without the name it calls, the agent's initials and links at its end, at most forty words."""
    text = _TAIL.sub("", _HANDLE.sub("", sentence, count=1)).strip(" -,")
    words = list(re.finditer(r"\S+", text))
    return text if len(words) <= MAX_WORDS else text[: words[MAX_WORDS - 1].end()]


def _score(text: str, author: Author, place: float, *, first: bool, second: bool) -> float:
    """Weights tuned on the training part of TweetSumm (see ``training/evaluate_summaries.py``), by hand-sized steps."""
    folded, words = fold(text), len(text.split())
    score = min(words, 20) / 20 - (1.0 if words < 5 else 0.0) - 0.06 * max(0, words - 30)
    score -= 0.5 if _GREETING.match(folded) and words < 10 else 0.0
    if author is Author.CUSTOMER:
        return score + (1.0 if first else 0.0) + (0.3 if _MATTER.search(folded) else 0.0)
    score += 0.5 * place - (0.3 if "?" in text else 0.0) - (0.15 if second else 0.0)
    return score + (0.8 if _REQUEST.search(folded) else 0.0) + (0.4 if _ANSWER.search(folded) else 0.0)
