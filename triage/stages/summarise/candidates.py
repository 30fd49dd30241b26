"""Candidates: sentences of the history, cut to what they say, scored by who wrote them, where and how."""

from __future__ import annotations

import re
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
_AUTOMATIC = re.compile(
    r"(?:auto(?:matyczna)?[ -]?odpowiedz|odpowiedz automatyczna|auto(?:matic)?[ -]?reply|out of (?:the )?office"
    r"|(?:dziekuje za wiadomosc[.,!]? )?(?:jestem|przebywam) (?:obecnie |aktualnie )?(?:poza biurem|na urlopie)"
    r"|i am (?:currently )?out of (?:the )?office)\b"
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


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message and what its sentences say by themselves, wherever in a history it stands.

    Attributes:
        sentences: cut sentences, each with its score before place and turn are known.
    """

    message: RedactedMessage
    sentences: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, message: RedactedMessage) -> ReadMessage:
        """Read one message."""
        cut = (_core(message.body[start:end]) for start, end in sentence_spans(message.body))
        said = [text for text in cut if any(character.isalpha() for character in text)]
        return cls(message, tuple((text, _weight(text, message.author)) for text in said))


@dataclass(frozen=True, slots=True)
class History:
    """The messages of a ticket, read; a longer version of the ticket costs only its new messages."""

    messages: tuple[ReadMessage, ...] = ()

    @classmethod
    def of(cls, ticket: RedactedTicket) -> History:
        """Read a whole ticket; system messages and auto-replies say nothing."""
        return cls().updated(ticket)

    def updated(self, ticket: RedactedTicket) -> History:
        """The history of a newer version of the ticket: what was read and did not change is not read again."""
        known = {read.message: read for read in self.messages}
        human = (message for message in ticket.messages if not _by_machine(message))
        return History(tuple(known.get(message) or ReadMessage.of(message) for message in human))

    def candidates(self) -> tuple[Candidate, ...]:
        """All candidates in reading order."""
        first = next((read for read in self.messages if read.message.author is Author.CUSTOMER), None)
        return tuple(
            Candidate(
                text,
                read.message.id,
                read.message.author,
                read.message.at.astimezone(WARSAW).date(),
                position,
                weight + _by_place(read.message.author, position, len(self.messages), first=read is first),
            )
            for position, read in enumerate(self.messages)
            for text, weight in read.sentences
        )


def _by_machine(message: RedactedMessage) -> bool:
    return message.author is Author.SYSTEM or _AUTOMATIC.match(fold(message.body).lstrip()) is not None


def _core(sentence: str) -> str:
    """The sentence without the name it calls, the agent's initials and links at its end, at most forty words."""
    text = _TAIL.sub("", _HANDLE.sub("", sentence, count=1)).strip(" -,")
    words = list(re.finditer(r"\S+", text))
    return text if len(words) <= MAX_WORDS else text[: words[MAX_WORDS - 1].end()]


def _weight(text: str, author: Author) -> float:
    """Weights tuned on the training part of TweetSumm (see ``training/evaluate_summaries.py``), by hand-sized steps."""
    folded, words = fold(text), len(text.split())
    weight = min(words, 20) / 20 - (1.0 if words < 5 else 0.0) - 0.06 * max(0, words - 30)
    weight -= 0.5 if _GREETING.match(folded) and words < 10 else 0.0
    if author is Author.CUSTOMER:
        return weight + (0.3 if _MATTER.search(folded) else 0.0)
    weight -= 0.3 if "?" in text else 0.0
    return weight + (0.8 if _REQUEST.search(folded) else 0.0) + (0.4 if _ANSWER.search(folded) else 0.0)


def _by_place(author: Author, position: int, total: int, *, first: bool) -> float:
    """The customer's first message tells the matter; the desk's later ones tell more than its first."""
    if author is Author.CUSTOMER:
        return 1.0 if first else 0.0
    return 0.5 * position / total - (0.15 if position == 1 else 0.0)
