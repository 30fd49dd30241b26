"""Verdicts of people who used search for a while, drawn and ruled as the documents say."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.build import build_index
from knowledge_base.rulings import RulingKind, content_key
from knowledge_base.store import open_index
from tests.fakes.hashing_encoder import HashingEncoder
from training.evaluate_questions import TODAY
from training.evaluate_verdicts import drawn, rulings_on, slipped
from training.questions import Gold, Question

DOCUMENT = """---
id: A
title: Regulamin
---
## Zwrot

Przelew wychodzi w 14 dni.

## Pompa

Błąd E18 oznacza brak odpływu wody.
"""


def question(text: str, *sections: str, name: str = "q1") -> Question:
    return Question(name, "pl", "test", text, tuple(Gold("A", section) for section in sections))


def test_a_smaller_share_is_part_of_a_larger_one() -> None:
    questions = [question("kiedy zwrot", name=f"q{n}") for n in range(200)]
    few, half = drawn(questions, 0.1), drawn(questions, 0.5)
    assert set(few) < set(half)
    assert 70 <= len(half) <= 130
    assert drawn(questions, 1.0) == questions


def test_a_slip_changes_two_letters_over_in_the_longest_word_and_drops_diacritics() -> None:
    assert slipped(question("kiedy przelew będzie")).text == "kiedy prezlew bedzie"


def test_only_right_passages_that_were_shown_are_ruled_to_answer_unless_taught(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(DOCUMENT, encoding="utf-8")
    build_index(tmp_path, tmp_path / "index", HashingEncoder())
    index = open_index(tmp_path / "index", HashingEncoder(), today=lambda: TODAY)
    pump = next(one for one in index.parts.passages if one.section == ("Pompa",))
    shown, none = question("błąd E18", "Pompa"), question("godziny otwarcia w niedzielę", name="q2")
    unseen = question("błąd E18", "Zwrot", name="q3")
    ruled = list(rulings_on([shown, none, unseen], index, taught=False))
    assert [(one.id, one.kind) for one in ruled] == [("q1", RulingKind.ANSWERS), ("q2", RulingKind.NOWHERE)]
    assert ruled[0].passages == (content_key(pump),)
    assert set(ruled[1].passages) <= {content_key(one) for one in index.parts.passages}
    assert [one.id for one in rulings_on([unseen], index, taught=True)] == ["q3"]
