"""Redact: personal data out, placeholders in, before anything else reads the ticket.

A placeholder looks like ``⟦PERSON_1·k3f9⟧``; the token after the dot is drawn anew for every request, so that a
customer who types a placeholder cannot have somebody's data put in its place. The brackets themselves, where they
stand in the input, are replaced like personal data, so that restoring gives back exactly what came in.

It fails closed: when a recogniser fails, the ticket goes no further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from triage.domain.folding import fold
from triage.domain.redaction import PersonalSpan, RedactedMessage, RedactedText, RedactedTicket, RedactionMap
from triage.domain.ticket import Requester, Ticket
from triage.errors import RedactionFailed
from triage.ports import PersonalDataRecogniser

_MARK: Final = "mark"
_BRACKET: Final = re.compile("[⟦⟧]")
_WORD: Final = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_CASE_ENDING: Final = re.compile(r"(?:[aeiouy]|ego|emu|ej|iej|em|iem|im|ym|ami|ach|owi|owie|ow|om|ie|ia|iu|u|a|'?s)?$")
_TOKEN: Final = re.compile(r"[A-Za-z0-9]{3,32}")
# order data that are numbers and dates by their name: deadlines and look-ups need them as they are
PLAIN_ORDER_KEY: Final = re.compile(
    r"(?:.*_)?(?:no|number|id|on|at|date|amount|price|value|currency|model|product|serial|quantity|status|channel"
    r"|country|batch)$"
)


@dataclass(frozen=True, slots=True)
class Redaction:
    """A ticket without personal data, and the map that restores it; the map stays in this process."""

    ticket: RedactedTicket
    map: RedactionMap


@dataclass(slots=True)
class _Placeholders:
    """Hands out placeholders: the same value gets the same one, in every message of the ticket."""

    token: str
    issued: dict[tuple[str, str], str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str, value: str) -> str:
        if (kind, value) not in self.issued:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.issued[kind, value] = f"⟦{kind.upper()}_{self.counts[kind]}·{self.token}⟧"
        return self.issued[kind, value]

    def originals(self) -> dict[str, str]:
        """Placeholder to value."""
        return {placeholder: value for (_, value), placeholder in self.issued.items()}


def redact(ticket: Ticket, recogniser: PersonalDataRecogniser, *, token: str) -> Redaction:
    """Replace personal data in the subject and in every message's body.

    Args:
        ticket: as it came in; nothing of it is changed.
        recogniser: finds personal data.
        token: 3–32 letters and digits, random for every request.

    Returns:
        The redacted ticket, and the map with which an approved reply gets the values back.

    Raises:
        RedactionFailed: a recogniser failed or gave spans that do not fit the text; nothing may leave the process.
    """
    if not _TOKEN.fullmatch(token):
        raise RedactionFailed("the token needs 3 to 32 letters and digits")
    try:
        return _redact(ticket, recogniser, _Placeholders(token))
    except RedactionFailed:
        raise
    except Exception as error:
        # the cause is cut off: its message may hold ticket text
        raise RedactionFailed(f"a recogniser failed with {type(error).__name__}") from None


def redact_text(
    text: str, recogniser: PersonalDataRecogniser, *, token: str = ""
) -> tuple[str, tuple[PersonalSpan, ...]]:
    """Redact one text that is no ticket.

    Args:
        token: put into each placeholder; without one they read ``⟦PERSON_1⟧`` and cannot be restored safely.

    Returns:
        The redacted text, and the spans with offsets in the original.

    Raises:
        RedactionFailed: a recogniser failed.
    """
    try:
        spans = _checked(text, recogniser.find(text))
        placeholders = _Placeholders(token)
        redacted = _replace(text, spans, placeholders)
    except RedactionFailed:
        raise
    except Exception as error:
        raise RedactionFailed(f"a recogniser failed with {type(error).__name__}") from None
    return (redacted if token else redacted.replace("·⟧", "⟧")), spans


def values_to_hide(texts: Sequence[str], requester: Requester, recogniser: PersonalDataRecogniser) -> dict[str, str]:
    """Personal values of a ticket, to be hidden wherever they stand; value to kind."""
    return _known_values(requester, [_checked(text, recogniser.find(text)) for text in texts])


def personal_spans(
    text: str, recogniser: PersonalDataRecogniser | None, known: Mapping[str, str]
) -> tuple[PersonalSpan, ...]:
    """Everything personal in a text: what the recogniser finds, and known values in any case ending.

    Raises:
        RedactionFailed: the recogniser gave spans that do not fit the text.
    """
    return _with_known(text, _checked(text, recogniser.find(text)) if recogniser else (), known)


def _redact(ticket: Ticket, recogniser: PersonalDataRecogniser, placeholders: _Placeholders) -> Redaction:
    texts = [ticket.subject, *(message.body for message in ticket.messages)]
    found = [_checked(text, recogniser.find(text)) for text in texts]
    everywhere = _known_values(ticket.requester, found)
    redacted = [
        RedactedText(_replace(text, _with_known(text, spans, everywhere), placeholders))
        for text, spans in zip(texts, found, strict=True)
    ]
    messages = tuple(
        RedactedMessage(message.id, message.author, message.at, body)
        for message, body in zip(ticket.messages, redacted[1:], strict=True)
    )
    order = _order(ticket.order, recogniser, everywhere, placeholders)
    clean = RedactedTicket(ticket.id, redacted[0], messages, ticket.received_at, ticket.channel, ticket.revision, order)
    return Redaction(clean, RedactionMap(placeholders.originals()))


def _order(
    order: Mapping[str, str], recogniser: PersonalDataRecogniser, known: Mapping[str, str], placeholders: _Placeholders
) -> dict[str, str]:
    """The shop's data about the order, free text in it redacted like a message."""
    return {
        key: value
        if PLAIN_ORDER_KEY.match(key)
        else _replace(value, _with_known(value, _checked(value, recogniser.find(value)), known), placeholders)
        for key, value in order.items()
    }


def _checked(text: str, spans: tuple[PersonalSpan, ...]) -> tuple[PersonalSpan, ...]:
    """The spans, in reading order, if they lie in the text, fit it and do not overlap."""
    position = 0
    for span in sorted(spans, key=lambda span: span.start):
        if not position <= span.start < span.end <= len(text) or text[span.start : span.end] != span.text:
            raise RedactionFailed("a recogniser gave spans that do not fit the text")
        position = span.end
    return tuple(sorted(spans, key=lambda span: span.start))


def _known_values(requester: Requester, found: list[tuple[PersonalSpan, ...]]) -> dict[str, str]:
    """Values to hide wherever they stand: what any message revealed, and who the requester is; value to kind."""
    known = {span.text: span.kind for spans in found for span in spans if len(span.text) >= 4}
    known.update(
        {word: "person" for text, kind in list(known.items()) if kind == "person" for word in _name_words(text)}
    )
    known.update(dict.fromkeys(_name_words(requester.name), "person"))
    if requester.email:
        known[requester.email] = "email"
    return known


def _name_words(name: str) -> list[str]:
    return [word for word in _WORD.findall(name) if word[0].isupper()]


def _with_known(text: str, spans: tuple[PersonalSpan, ...], known: Mapping[str, str]) -> tuple[PersonalSpan, ...]:
    """The spans and every other place where a known value stands on its own; known names in any case ending."""
    folded = fold(text)
    kept = list(spans)
    for value, kind in sorted(known.items(), key=lambda pair: -len(pair[0])):
        for start, end in _occurrences(text, folded, value, kind):
            if all(end <= span.start or span.end <= start for span in kept):
                kept.append(PersonalSpan(start, end, kind, text[start:end]))
    return tuple(sorted(kept, key=lambda span: span.start))


def _occurrences(text: str, folded: str, value: str, kind: str) -> Iterator[tuple[int, int]]:
    key = fold(value)
    is_name = kind == "person" and _WORD.fullmatch(value) is not None
    stem = _CASE_ENDING.sub("", key) if is_name and len(key) > 4 else key
    position = folded.find(stem)
    while position >= 0:
        end = position + len(stem)
        if is_name:
            while end < len(text) and text[end].isalpha():
                end += 1
        fits = not (position and text[position - 1].isalnum()) and not (end < len(text) and text[end].isalnum())
        same_name = not is_name or (
            text[position].isupper() and _CASE_ENDING.fullmatch(folded[position + len(stem) : end])
        )
        if fits and same_name:
            yield position, end
        position = folded.find(stem, position + 1)


def _replace(text: str, spans: tuple[PersonalSpan, ...], placeholders: _Placeholders) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, kind in _without_brackets(text, spans):
        pieces += [text[position:start], placeholders.of(kind, text[start:end])]
        position = end
    return "".join([*pieces, text[position:]])


def _without_brackets(text: str, spans: tuple[PersonalSpan, ...]) -> list[tuple[int, int, str]]:
    """The spans cut at the placeholder brackets they hold, and the brackets themselves."""
    brackets = [match.start() for match in _BRACKET.finditer(text)]
    ranges = [(at, at + 1, _MARK) for at in brackets]
    for span in spans:
        edges = [span.start - 1, *(at for at in brackets if span.start <= at < span.end), span.end]
        ranges += [(left + 1, right, span.kind) for left, right in pairwise(edges) if left + 1 < right]
    return sorted(ranges)
