"""Summary of the contact history; every line names the messages it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SummarySection(StrEnum):
    """Sections in the order they are shown."""

    INTENT = "intent"
    TIMELINE = "timeline"
    DEMANDS = "demands"
    FACTS = "facts"
    COMMITMENTS = "commitments"
    OPEN_QUESTIONS = "open_questions"
    DEADLINES = "deadlines"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One statement and the ids of the messages it rests on (never empty)."""

    section: SummarySection
    text: str
    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """All lines, in section order; ``dropped`` counts lines left out for lack of support."""

    lines: tuple[SummaryLine, ...] = ()
    dropped: int = 0
    summariser: str = "extractive"

    def of(self, section: SummarySection) -> tuple[SummaryLine, ...]:
        """Lines of one section."""
        return tuple(line for line in self.lines if line.section is section)

    @property
    def text(self) -> str:
        """The summary as plain text, one line per statement."""
        return "\n".join(line.text for line in self.lines)
