"""What `triage search` prints of an answer."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console

from knowledge_base.answer import Answer, Condition
from tests import builders
from triage.cli.table import print_answer
from triage.library.missing import missing_note

[HIT, *_] = builders.triaged(builders.ticket(), builders.received()).passages


def printed(answer: Answer, language: str = "pl") -> str:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        print_answer(console, answer, missing_note(answer.missing, language))
    return capture.get()


def test_without_an_answer_the_nearest_passages_and_what_they_lack_are_printed() -> None:
    near = replace(HIT, missing=(Condition("code", "W9"), Condition("price", "a price")))
    text = printed(Answer((), (near,)), "en")
    assert "Nothing found" in text
    assert "No document mentions: W9. The nearest passages do not give: a price." in text
    assert text.index("Nearest, does not answer:") < text.index(HIT.passage.document_id)


def test_an_answer_is_printed_as_such() -> None:
    text = printed(Answer((HIT,)))
    assert HIT.passage.document_id in text
    assert "Nothing found" not in text
    assert "Nearest" not in text
    assert "dokument nie wspomina" not in text
