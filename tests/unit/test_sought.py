"""A pattern that is looked for only where it may be found is found wherever it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import COMPLAINT
from triage.domain.beginnings import Beginnings, read_beginnings
from triage.domain.folding import fold
from triage.domain.sought import Sought
from triage.stages.lint import dates, form, named_days, promises, statements, vocabulary

COMPANY = Path(__file__).parents[2] / "triage" / "company"


def _patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (value[key] for key in ("pattern", "unless") if isinstance(value.get(key), str))
        for inner in value.values():
            yield from _patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _patterns(inner)


EXPRESSIONS = sorted(
    {
        pattern
        for name in ("lint.yaml", "style.yaml", "cues.yaml", "urgency.yaml")
        for pattern in _patterns(yaml.safe_load((COMPANY / name).read_text("utf-8")))
    }
    | {one.expression for module in (dates, form, promises, statements, vocabulary) for one in vars(module).values()
       if isinstance(one, Sought)}
)  # fmt: skip


def test_the_patterns_of_the_company_and_of_the_checks_are_all_tried() -> None:
    assert len(EXPRESSIONS) > 60


@settings(max_examples=5)
@given(st.data())
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_whatever_a_pattern_matches_is_found(expression: str, data: st.DataObject) -> None:
    around = st.text("abz 1.,\n", max_size=5)
    text = data.draw(around) + data.draw(st.from_regex(expression)) + data.draw(around)
    sought, plain = Sought(expression), re.compile(expression)
    assert [match.span() for match in sought.finditer(text)] == [match.span() for match in plain.finditer(text)]
    assert (sought.search(text) is None) is (plain.search(text) is None)


@pytest.mark.parametrize(
    ("expression", "there", "not_there"),
    [
        ("(abc|def)ghi", "xx defghi", "xx abc, gh"),
        ("ab(cd)?ef", "abef", "ab, e"),
        ("(ab|[cd])ef", "cef", "c, e"),
        ("(?:ab){2,}x?", "abab", "a b"),
        ("(?=ab)..", "ab", None),
        ("(?i:ab)cd", "ABcd", "AB, c"),
        ("(ab)|", "", None),
        ("ab|cd", "cd", "bc"),
    ],
)
def test_what_every_match_needs_is_read_from_the_expression(expression: str, there: str, not_there: str | None) -> None:
    assert Sought(expression).may_be_in(there)
    assert not_there is None or not Sought(expression).may_be_in(not_there)


@pytest.mark.parametrize(
    ("expression", "of_words", "anywhere"),
    [
        (r"\b(zwrot|wymian)\w*", ("wymian", "zwrot"), ()),
        (r"\b(?:nie |w )?(?:oddamy|zw)", ("nie od", "nie zw", "oddamy", "w odda", "w zw", "zw"), ()),
        (r"zwrot|\bwymian", ("wymian",), ("zwrot",)),
        (r"\b[^ab]c|d", None, None),
        (r"\b\w+ zwrot", None, None),
        (r"(?i)zwrot", None, None),
        (r"(?:ab)+c", (), ("ab",)),
        (r"(?:ab)?", None, None),
        (r"\b(?<!x)[2-4]\d raz", ("00 raz",), ()),
        (r"a[a-z]", (), ("a",)),
        (r"\b[!?]", (), ("!", "?")),
        (r"(?=zwrot)wymiana", (), ("wymian",)),
    ],
)
def test_what_every_match_begins_with_is_read_from_the_expression(
    expression: str, of_words: tuple[str, ...] | None, anywhere: tuple[str, ...]
) -> None:
    assert read_beginnings(expression) == (None if of_words is None else Beginnings(of_words, anywhere))


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            ["oddamy", "od", "a", "zwrot", "zw", "w", "nie", "12", "٣", "_", " ", "  ", "\n", "-", ".", "Ω"]
        ),
        max_size=14,
    ).map("".join)
)
def test_a_pattern_is_found_by_the_beginnings_of_words_wherever_it_is(text: str) -> None:
    for expression in (
        r"\b(?:oddamy|od|zwrot\w*)\b",
        r"\bnie\W+(?:od|zw)",
        r"\b\d+ (?:zwrot|w)|\ba",
        r"zwrot|\b(?:w|\d)",
    ):
        found, plain = Sought(expression), re.compile(expression)
        assert [match.span() for match in found.finditer(text)] == [match.span() for match in plain.finditer(text)]


def test_most_patterns_need_not_be_looked_for_in_a_usual_complaint() -> None:
    folded = fold(COMPLAINT)
    assert sum(Sought(one).may_be_in(folded) for one in EXPRESSIONS) < len(EXPRESSIONS) / 3


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            ["12", "7", "2026", "5.03.2026", "2026-01-09", "maja", "may", "may_1", "do", "st", "3rd", "marca", "1.2",
             ".", ",", "-", "/", " ", "  ", "\n", "zl", "xmay", "sep", "september", "12.5"]
        ),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_dates_found_from_their_digits_are_those_the_expression_finds_everywhere(text: str) -> None:
    found = [match.span() for match in named_days._dates(text)]
    assert found == [match.span() for match in named_days._DATE.finditer(text)]
