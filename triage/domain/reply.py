"""Replies: a draft whose every sentence names its source, and the reply a person approved."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from triage.domain.ticket import Channel, require_aware


class SourceKind(StrEnum):
    """Where a sentence of a draft comes from."""

    TEMPLATE = "template"
    PASSAGE = "passage"
    RULE = "rule"
    CASE = "case"
    MODEL = "model"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Source:
    """Proof of a sentence: template id, passage id, rule id, or the case's own fact."""

    kind: SourceKind
    ref: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a draft: ``body[start:end]``, with what it rests on."""

    start: int
    end: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage quoted in a draft; ``quote`` exists verbatim in that version of the document."""

    document: str
    version: str
    title: str
    section: str
    page: int | None
    quote: str


_MARKS = re.compile(r"[*`]|(?<!\w)_|_(?!\w)")


def without_marks(text: str) -> str:
    """A passage's text as letters show it: without Markdown's marks for code and emphasis.

    >>> without_marks("Komunikat `SVC1` **zgaśnie** sam.")
    'Komunikat SVC1 zgaśnie sam.'
    """
    return _MARKS.sub("", text)


def quotes(body: str, citation: Citation) -> bool:
    """Whether a letter holds the words of a citation, with or without Markdown's marks."""
    return citation.quote in body or without_marks(citation.quote) in body


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed reply; never leaves the desk by itself.

    Attributes:
        kind: reply kind (``ACK``, ``ASK_EVIDENCE``, ``SAFETY_STOP_USE`` …), ids of the template set.
        composer: who wrote it: ``composer@<template set>``, ``llm:<model>``, ``agent:<id>``.
        degraded: why a lesser composer was used, empty when none was.
        prompt: SHA-256 (hex) of what a language model was asked for this letter, empty when none was.
    """

    kind: str
    language: str
    subject: str
    body: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    composer: str = "composer"
    degraded: str = ""
    prompt: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of what a customer would read; an approval is bound to it."""
        content = "\x1f".join((self.kind, self.language, self.subject, self.body))
        return hashlib.sha256(content.encode("utf-8")).hexdigest()


def restored(draft: Draft, restore: Callable[[str], str]) -> Draft:
    """Put personal data back into a draft piece by piece, so that every sentence keeps its exact place."""
    body, sentences, position = "", [], 0
    for sentence in draft.sentences:
        body += restore(draft.body[position : sentence.start])
        start = len(body)
        body += restore(draft.body[sentence.start : sentence.end])
        sentences.append(Sentence(start, len(body), sentence.sources))
        position = sentence.end
    body += restore(draft.body[position:])
    return replace(draft, subject=restore(draft.subject), body=body, sentences=tuple(sentences))


class Severity(StrEnum):
    """How a finding weighs: ``BLOCK`` forbids approval, ``CONFIRM`` needs a deliberate tick, ``INFO`` informs."""

    BLOCK = "block"
    CONFIRM = "confirm"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check found in a draft; ``start``/``end`` are offsets in its body (0, 0 = the whole)."""

    code: str
    severity: Severity
    message: str
    start: int = 0
    end: int = 0
    source: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's decision, bound to exactly what they saw; single use.

    Attributes:
        case_version: version of the case that was read.
        ticket_revision: newest message that was read.
        draft_digest: :attr:`Draft.digest` of what was read.
        confirmed: codes of the ``CONFIRM`` findings the person ticked.
        first_actor: who approved the same words before ``actor``; empty where one approver is enough.
    """

    id: str
    tenant: str
    case_id: str
    actor: str
    case_version: int
    ticket_revision: int
    draft_digest: str
    recipients: tuple[str, ...]
    channel: Channel
    approved_at: datetime
    expires_at: datetime
    confirmed: tuple[str, ...] = ()
    first_actor: str = ""

    def __post_init__(self) -> None:
        require_aware(self.approved_at, "approval.approved_at")
        require_aware(self.expires_at, "approval.expires_at")

    @property
    def actors(self) -> tuple[str, ...]:
        """Everybody who approved these words."""
        return tuple(one for one in (self.first_actor, self.actor) if one)


@dataclass(frozen=True, slots=True)
class ApprovedReply:
    """The only value a sender accepts. Only :mod:`triage.approval` makes one (checked by a test)."""

    approval: Approval
    subject: str
    body: str
    in_reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Proof that a reply left: the sender's reference and when."""

    approval_id: str
    reference: str
    delivered_at: datetime
