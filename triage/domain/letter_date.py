"""The line of a letter that says where and when it was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from triage.domain.notation import write_date
from triage.domain.reply import Draft, Source, SourceKind

WRITTEN_TODAY: Final = Source(SourceKind.CASE, "today")
"""Source of the line that says when a letter was written."""


def redated(draft: Draft, today: date) -> Draft:
    r"""A draft with today's date in the line that says where and when it was written; an agent's own words stay.

    >>> from triage.domain.reply import Sentence
    >>> line = Sentence(0, 19, (WRITTEN_TODAY,))
    >>> redated(Draft("ACK", "pl", "Re", "Warszawa, 2.11.2026\nDziękujemy.", (line,)), date(2026, 11, 17)).body
    'Warszawa, 17.11.2026\nDziękujemy.'
    """
    dated = (one for one in draft.sentences if any(source == WRITTEN_TODAY for source in one.sources))
    line = next(dated, None)
    place, comma, _ = draft.body[line.start : line.end].rpartition(", ") if line else ("", "", "")
    if line is None or not comma:
        return draft
    words = f"{place}{comma}{write_date(today, draft.language)}"
    longer = len(words) - (line.end - line.start)
    sentences = (
        replace(one, start=one.start + (longer if one.start > line.start else 0), end=one.end + longer)
        for one in draft.sentences
    )
    body = f"{draft.body[: line.start]}{words}{draft.body[line.end :]}"
    return replace(draft, body=body, sentences=tuple(sentences))
