"""A line writer that asks a language model to tell the history; answers to the ``LineWriter`` port."""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass
from typing import Annotated

from langchain_core.messages import BaseMessage
from langchain_core.prompts import ChatPromptTemplate
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.adapters.llm.asking import BoundedChat, Unusable
from triage.adapters.llm.prompt import LANGUAGES, prompt_text, wrapped
from triage.domain.redaction import RedactedTicket
from triage.domain.summary import SummaryLine, SummarySection

logger = logging.getLogger(__name__)

MAX_CHARS = 24_000
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


class ProposedLine(BaseModel):
    """One statement and the ids of the messages it rests on."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    text: Annotated[str, Field(min_length=1, max_length=400)]
    messages: Annotated[list[str], Field(min_length=1, max_length=50)]


class ProposedSummary(BaseModel):
    """The whole history."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    lines: Annotated[list[ProposedLine], Field(min_length=1, max_length=30)]


@dataclass(frozen=True, slots=True)
class LanguageModelLineWriter:
    """Sees redacted messages only; one round within the time budget; silent when anything goes wrong."""

    server: BoundedChat
    timeout_s: float

    @property
    def name(self) -> str:
        """Model id."""
        return f"llm:{self.server.model}"

    def write(self, ticket: RedactedTicket, language: str) -> tuple[SummaryLine, ...]:
        """Ask for lines; none when the model fails, takes too long, or answers something else."""
        try:
            answer = self.server.ask(summary_prompt(ticket, language), time.monotonic() + self.timeout_s)
            proposed = read_summary(answer)
        except Exception as error:
            # a foreign error's message may hold ticket text, its type does not; no fault of a model may stop a ticket
            reason = str(error) if isinstance(error, Unusable) else type(error).__name__
            logger.warning("model summary not used", extra={"action": "summary_fallback", "reason": reason})
            return ()
        return tuple(
            SummaryLine(SummarySection.TIMELINE, " ".join(line.text.split()), tuple(dict.fromkeys(line.messages)))
            for line in proposed.lines
        )


def summary_prompt(ticket: RedactedTicket, language: str) -> list[BaseMessage]:
    """The messages that ask for a summary; of a long history the newest messages are shown."""
    parts: list[str] = []
    left = MAX_CHARS
    for message in reversed(ticket.messages):
        part = f"[{message.id}] {message.at.date().isoformat()} {message.author.value}: {message.body}"[:left]
        parts.append(part)
        left -= len(part)
        if left <= 0:
            break
    template = ChatPromptTemplate.from_messages(
        [("system", prompt_text("summary_system")), ("human", prompt_text("summary"))]
    )
    return template.format_messages(
        language=LANGUAGES[language], messages=wrapped("messages", "\n---\n".join(reversed(parts)))
    )


def read_summary(answer: str) -> ProposedSummary:
    """Read a model's answer; prose or code fences around the one JSON object are tolerated.

    Raises:
        Unusable: there is no object, or it is no summary.
    """
    found = _OBJECT.search(answer[:40_000])
    if found is None:
        raise Unusable("no JSON object")
    try:
        return ProposedSummary.model_validate(json.loads(found[0]))
    except (ValidationError, ValueError, RecursionError) as error:
        raise Unusable(f"not a summary: {type(error).__name__}") from None
