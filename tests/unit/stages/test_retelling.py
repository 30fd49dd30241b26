"""A line that a model tells of a history is kept only when the messages it names say so; each check alone."""

from __future__ import annotations

import pytest

from triage.domain.folding import fold
from triage.domain.summary import SummaryLine, SummarySection
from triage.stages.summarise.retelling import MOST_CHARS, supported

BODIES = {
    "m0": fold("Ekspres BrewOne K400 nie działa od 12.11.2026, proszę o naprawę. ⟦PERSON_1·k3f9⟧"),
    "m2": fold("The machine doesn't work, so I sent it back."),
    "m3": fold("It has not been repaired yet. Today the machine was repaired."),
    "m1": fold("Wymieniliśmy pompę w ekspresie i odesłaliśmy paczkę."),
}


def is_kept(text: str, *messages: str) -> bool:
    return supported(SummaryLine(SummarySection.TIMELINE, text, messages), BODIES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Klient zgłasza, że ekspres BrewOne K400 nie działa.", "m0"),
        ("⟦PERSON_1·k3f9⟧ prosi o naprawę ekspresu, 12.11.2026.", "m0"),
        ("Konsultant pisze, że wymieniono pompę i odesłano paczkę.", "m1"),
        ("The buyer says the machine does not work and was sent back.", "m2"),
        ("The machine has been repaired.", "m3"),  # denied once and affirmed later
    ],
)
def test_a_line_that_its_messages_say_is_kept(text: str, message: str) -> None:
    assert is_kept(text, message)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("Ekspres BrewOne K500 nie działa.", ("m0",)),
        ("Ekspres nie działa od 13.11.2026.", ("m0",)),
        ("⟦PERSON_2·k3f9⟧ prosi o naprawę ekspresu.", ("m0",)),
        ("Ekspres parzy wyśmienitą kawę rano.", ("m0",)),
        ("W ekspresie nie wymieniliśmy pompę.", ("m1",)),
        ("Ekspres BrewOne K400 nie działa.", ("m1",)),
        ("Ekspres działa.", ("m0",)),
        ("The machine works and was sent back.", ("m2",)),
        ("Ekspres nie działa.", ()),
        ("Ekspres nie działa.", ("m0", "m9")),
        ("Ekspres nie działa. " * (MOST_CHARS // 20 + 1), ("m0",)),
        ("Ale to i tak.", ("m0",)),  # no word that could be looked for
    ],
)
def test_a_line_that_says_more_than_its_messages_is_not_kept(text: str, messages: tuple[str, ...]) -> None:
    assert not is_kept(text, *messages)
