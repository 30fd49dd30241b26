"""The shipped forms of names are what the dictionary makes of the shipped names."""

from __future__ import annotations

import pytest

from training.inflect_names import FOLDER, SOURCES, inflected
from triage.recognisers import person
from triage.recognisers.names import frequent_given_names
from triage.recognisers.reading import Reading


@pytest.mark.parametrize(("source", "target", "label"), SOURCES)
def test_the_shipped_forms_are_those_of_the_dictionary(source: str, target: str, label: str) -> None:
    assert (FOLDER / target).read_text("utf-8") == inflected(source, label)


def test_given_names_are_known_in_every_case_of_the_singular() -> None:
    for form in ("anna", "anny", "annie", "anne", "anno", "malgorzata", "malgorzacie", "piotrowi", "tomaszem"):
        assert form in frequent_given_names()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Proszę o kontakt w sprawie Kowalskiego.", "Kowalskiego"),
        ("Paczkę odebrał Zieliński, nie ja.", "Zieliński"),
        ("Mówił o tym Kamiński wczoraj.", "Kamiński"),
    ],
)
def test_a_frequent_surname_is_told_alone_although_a_village_bears_it_too(text: str, name: str) -> None:
    assert [text[found.start : found.end] for found in person.find(Reading(text))] == [name]
