"""Tickets of a development set as a part of a long letter: is the matter found among what is told beside it?

The sentences in ``data/stories.yaml`` were written before the asides that the shipped model is taught, and share no
sentence with them; the writer is the same.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

STORIES = Path(__file__).parent / "data" / "stories.yaml"


def in_stories(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tickets, each with a passage of a story before it and one after it, drawn by its id.

    Args:
        rows: with ``id``, ``language`` and ``text``.
    """
    told = yaml.safe_load(STORIES.read_text(encoding="utf-8"))
    return [row | {"text": _told(row, told[row["language"]])} for row in rows]


def _told(row: dict[str, Any], told: dict[str, list[str]]) -> str:
    drawn = random.Random(str(row["id"]))
    return f"{drawn.choice(told['before'])} {row['text']} {drawn.choice(told['after'])}"
