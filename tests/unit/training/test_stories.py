"""Tickets told as part of a story, to measure whether the matter is found."""

from __future__ import annotations

import yaml

from training.stories import STORIES, in_stories
from triage.adapters.company import SHIPPED
from triage.adapters.models.linear.shipped import read_seed_tickets

ROWS = [{"id": f"t{number}", "language": "pl" if number % 2 else "en", "text": "pralka stoi"} for number in range(40)]


def test_each_ticket_stands_between_two_passages_in_its_language_and_always_the_same_ones() -> None:
    told = yaml.safe_load(STORIES.read_text(encoding="utf-8"))
    for row in in_stories(ROWS):
        before, after = row["text"].split(" pralka stoi ")
        assert before in told[row["language"]]["before"]
        assert after in told[row["language"]]["after"]
    assert in_stories(ROWS) == in_stories(ROWS)
    assert len({row["text"] for row in in_stories(ROWS)}) > 5


def test_what_is_told_around_measured_tickets_was_not_taught_as_an_aside() -> None:
    told = STORIES.read_text(encoding="utf-8")
    asides = read_seed_tickets(SHIPPED).asides
    assert len(asides) > 200
    assert not [aside for aside in asides if len(aside.split()) > 3 and aside in told]
