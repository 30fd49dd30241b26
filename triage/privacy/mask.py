"""Masks: personal data replaced by as many blocks, so that what law wants kept stays readable and offsets stay true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.domain.folding import fold
from triage.domain.privacy import Person, name_pattern, phone_pattern
from triage.domain.ticket import Ticket
from triage.ports import PersonalDataRecogniser
from triage.stages.redact import PLAIN_ORDER_KEY, personal_spans, values_to_hide

BLOCK = "█"


@dataclass(frozen=True, slots=True)
class TextMask:
    """Hides known values wherever they stand, and in running text whatever else the recogniser finds.

    Attributes:
        patterns: matched on folded text.
        known: values to their kinds, as the ``redact`` stage keeps them.
        recogniser: ``None`` hides what is known and nothing else.
    """

    patterns: tuple[re.Pattern[str], ...]
    known: Mapping[str, str]
    recogniser: PersonalDataRecogniser | None = None

    def __call__(self, text: str) -> str:
        """The text with blocks for personal data, as long as it was."""
        ranges = [match.span() for pattern in self.patterns for match in pattern.finditer(fold(text))]
        if self.known or self.recogniser:
            finds = self.recogniser if " " in text.strip() else None
            ranges += [(span.start, span.end) for span in personal_spans(text, finds, self.known)]
        characters = list(text)
        for start, end in ranges:
            characters[start:end] = [one if one.isspace() else BLOCK for one in characters[start:end]]
        return "".join(characters)


def identifier_mask(person: Person) -> TextMask:
    """Hides a person's identifiers and full name alone, for what belongs to somebody else."""
    return TextMask((*_identifier_patterns(person), *_full_name(person.name)), {})


def ticket_mask(ticket: Ticket, person: Person, recogniser: PersonalDataRecogniser) -> TextMask:
    """Hides everything personal in a ticket and in whatever was made of it.

    Args:
        ticket: the ticket as received; every value found in it is hidden in drafts and summaries too.
        person: who is erased; their identifiers and names are hidden in any spelling of case.
    """
    texts = [ticket.subject, *(text for message in ticket.messages for text in (message.text, message.body))]
    values = [value for key, value in ticket.order.items() if not PLAIN_ORDER_KEY.match(key)]
    known = values_to_hide([*texts, *values], ticket.requester, recogniser) | dict.fromkeys(values, "order")
    patterns = [*_identifier_patterns(person), *_name_patterns((ticket.requester.name, person.name))]
    if ticket.external_id:
        patterns.append(_exactly(ticket.external_id))
    return TextMask(tuple(patterns), {value: kind for value, kind in known.items() if value.strip()}, recogniser)


def _identifier_patterns(person: Person) -> tuple[re.Pattern[str], ...]:
    exact = (*person.emails, *person.external_ids)
    return (*map(_exactly, exact), *map(phone_pattern, person.phones))


def _name_patterns(names: Sequence[str]) -> Iterable[re.Pattern[str]]:
    """Each word of a name in any case ending and in small letters too: over-masking costs less than a missed name."""
    for word in sorted({word for name in names for word in re.findall(r"[^\W\d_]{3,}", fold(name))}):
        yield name_pattern(word)


def _full_name(name: str) -> Iterable[re.Pattern[str]]:
    """All words of a name side by side, in any case ending and either order; one word alone may be somebody else's."""
    words = re.findall(r"\w+", fold(name))
    if len(words) > 1:
        for order in (words, words[::-1]):
            yield re.compile(r"[\s,.]{1,3}".join(name_pattern(word).pattern for word in order))


def _exactly(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(fold(value))}(?!\w)")
