"""Prompts: rendered from files; everything strangers wrote stands between tags that it cannot close."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from langchain_core.messages import BaseMessage
from langchain_core.prompts import ChatPromptTemplate

from knowledge_base.answer import ScoredPassage
from knowledge_base.passage import Audience
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft

FOLDER = Path(__file__).parent / "prompts"
_OF_DRAFTS = ("draft", "repair", "system")
MAX_MESSAGES = 6_000
MAX_QUOTATION = 1_500
MAX_QUOTATIONS = 3
LANGUAGES = {"pl": "Polish", "en": "English"}


@lru_cache(maxsize=1)
def prompt_version() -> str:
    """First eight hexadecimal digits of the SHA-256 over the prompt files of drafts."""
    content = "\x1f".join(path.read_text(encoding="utf-8") for path in (FOLDER / f"{name}.txt" for name in _OF_DRAFTS))
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def prompt_digest(conversation: Sequence[BaseMessage]) -> str:
    """SHA-256 (hex) over every message of a conversation, for the register of AI use; the words are kept nowhere."""
    content = "\x1f".join(f"{message.type}\x1e{message.text}" for message in conversation)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def draft_prompt(ticket: RedactedTicket, base: Draft, passages: tuple[ScoredPassage, ...]) -> list[BaseMessage]:
    """The messages that ask for a revision of the base letter.

    Args:
        ticket: redacted; the newest messages are kept when it is long.
        base: the composer's letter, which must hold no personal data the ticket hides.
        passages: only those a customer may read are quoted.
    """
    template = ChatPromptTemplate.from_messages([("system", prompt_text("system")), ("human", prompt_text("draft"))])
    return template.format_messages(
        language=LANGUAGES[base.language],
        kind=base.kind,
        subject=base.subject,
        letter=base.body,
        quotations=_quotations(passages),
        messages=wrapped("ticket", _newest(ticket)),
    )


def repair_prompt(faults: str) -> list[BaseMessage]:
    """The message that asks once more, naming what was wrong."""
    return ChatPromptTemplate.from_messages([("human", prompt_text("repair"))]).format_messages(faults=faults)


def quotable(passages: tuple[ScoredPassage, ...]) -> tuple[ScoredPassage, ...]:
    """The passages a model is shown: for customers, the best three."""
    return tuple(scored for scored in passages if scored.passage.audience is Audience.CUSTOMER)[:MAX_QUOTATIONS]


@lru_cache(maxsize=8)
def prompt_text(name: str) -> str:
    """A prompt file's text."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").strip()


def _quotations(passages: tuple[ScoredPassage, ...]) -> str:
    shown = [
        wrapped("document", f"id: {scored.passage.id}\n{scored.passage.text[:MAX_QUOTATION]}")
        for scored in quotable(passages)
    ]
    return "\n".join(shown) or "(none)"


def _newest(ticket: RedactedTicket) -> str:
    parts: list[str] = []
    left = MAX_MESSAGES
    for message in reversed(ticket.messages):
        part = f"{message.author.value}: {message.body}"[:left]
        parts.append(part)
        left -= len(part)
        if left <= 0:
            break
    return "\n---\n".join([ticket.subject, *reversed(parts)])


def wrapped(kind: str, text: str) -> str:
    """Between tags; angle brackets inside become look-alikes, so that nothing inside can close them."""
    inside = text.replace("<", "‹").replace(">", "›")
    return f"<untrusted-{kind}>\n{inside}\n</untrusted-{kind}>"
