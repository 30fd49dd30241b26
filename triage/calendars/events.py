"""What a text says has happened (a payment order came, the line is down): cue phrases, as data."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from triage.calendars.reading import Section
from triage.domain.folding import fold


@dataclass(frozen=True, slots=True)
class EventCues:
    """One compiled pattern per event, over folded text."""

    patterns: Mapping[str, re.Pattern[str]]

    def events_in(self, text: str, wanted: Collection[str]) -> frozenset[str]:
        """Those of the wanted events whose cues stand in the text; a cue begins at a word's start."""
        folded = " ".join(fold(text).split())
        return frozenset(event for event in wanted if self.patterns[event].search(folded))


def read_cues(section: Section) -> EventCues:
    """Compile the cues of a data file; a cue that is no regular expression is a fault."""
    patterns = {}
    for event in section.keys():
        cues = section.texts(event)
        try:
            patterns[event] = re.compile(r"\b(?:" + "|".join(cue.strip() for cue in cues) + ")")
        except re.error as error:
            section.fault(f"{event!r} holds a cue that is no regular expression ({error})")
    return EventCues(patterns)
