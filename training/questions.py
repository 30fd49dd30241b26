"""Questions about the sample company's documents, each with the sections that answer it.

One JSON object a line: ``id``, ``language`` (pl, en), ``split`` (tune, test: two halves on which weights and the floor
are fitted and, by turns, measured; hard-dev and second-fit, in files of their own: fitted on as well; third-fit: may be
looked at; fresh, second-report and third-report, in others: only reported; in the files of short and of unseen ones
tune may be looked at and test is only reported), ``question``, and ``gold``: the sections that answer, each as
``document``, ``section`` (part of one of its headings) and, for a row of a table, ``text`` (part of the row). No gold:
the documents hold no answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.passage import Passage
from training.beir_files import RetrievalSet

QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"
#: Written beforehand, never fitted on; its totals, and the misses of a third, were looked at when the floor was chosen.
FRESH = Path(__file__).parent / "data" / "questions_fresh.jsonl"
#: Near misses without an answer: other products, other law, what no document says. For the floor.
NEAR_MISSES = Path(__file__).parent / "data" / "questions_near_misses.jsonl"
#: By another writer, with near misses without an answer; weights and floor are fitted on them too.
HARD = Path(__file__).parent / "data" / "questions_hard.jsonl"
#: The other half of that writer's questions: nothing is fitted on it, but its totals were looked at a few times,
#: and some of its misses before the other words of sections were asked for.
SEALED = Path(__file__).parent / "data" / "questions_sealed.jsonl"
#: Written by reading the documents before any other question or any ``asked_as`` was looked at, a third of them nearest
#: misses, each with the reason why nothing answers it. One half of the documents: weights and floor are fitted on them.
SECOND_FIT = Path(__file__).parent / "data" / "questions_second_fit.jsonl"
#: The same of the other half of the documents (by a hash of the document's id): only totals are looked at.
SECOND_REPORT = Path(__file__).parent / "data" / "questions_second_report.jsonl"

#: Written by reading the documents' own text, without ``asked_as``, frozen before anything was measured on it; half of
#: the documents (by a hash of the document's id): its misses may be looked at.
THIRD_FIT = Path(__file__).parent / "data" / "questions_third_fit.jsonl"
#: The other half: only totals are looked at.
THIRD_REPORT = Path(__file__).parent / "data" / "questions_third_report.jsonl"

#: What is typed into a search box: two to five words, frozen before anything was measured on them. By a hash of the id
#: one half may be looked at, of the other only totals.
SHORT = Path(__file__).parent / "data" / "questions_short.jsonl"

#: In agents' shorthand, in long letters, several in one, without diacritics and with slips, in English about Polish
#: documents, and near misses in the same forms; frozen before anything was measured on them. By a hash of the id one
#: half (tune) may be looked at, of the other (test) only totals.
UNSEEN = Path(__file__).parent / "data" / "questions_unseen.jsonl"


@dataclass(frozen=True, slots=True)
class Gold:
    """A section that answers a question.

    Attributes:
        document: id of the document, whatever its version.
        section: part of a heading above the passage.
        text: part of the passage's text; empty: any passage of the section.
    """

    document: str
    section: str
    text: str = ""

    def holds(self, passage: Passage) -> bool:
        """Whether a passage belongs to the section."""
        return (
            passage.document_id == self.document
            and any(self.section.casefold() in heading.casefold() for heading in passage.section)
            and self.text.casefold() in passage.text.casefold()
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what answers it; no gold: nothing does."""

    id: str
    language: str
    split: str
    text: str
    gold: tuple[Gold, ...]

    @property
    def answerable(self) -> bool:
        """Whether the documents hold an answer."""
        return bool(self.gold)

    def rank_of(self, passages: Iterable[Passage]) -> int | None:
        """Rank, from 1, of the first passage that answers; None: none of them does."""
        return next(
            (rank for rank, passage in enumerate(passages, start=1) if any(g.holds(passage) for g in self.gold)), None
        )


def read_questions(path: Path = QUESTIONS) -> list[Question]:
    """Read a question file."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [
        Question(
            row["id"], row["language"], row["split"], row["question"], tuple(Gold(**entry) for entry in row["gold"])
        )
        for row in rows
    ]


def missing_gold(questions: Sequence[Question], passages: Sequence[Passage]) -> list[str]:
    """Gold that no passage in the index holds, because a heading changed or a document went: it measures nothing."""
    by_document: dict[str, list[Passage]] = {}
    for passage in passages:
        by_document.setdefault(passage.document_id, []).append(passage)
    return [
        f"{question.id}: {gold.document} › {gold.section}" + (f" › {gold.text}" if gold.text else "")
        for question in questions
        for gold in question.gold
        if not any(gold.holds(passage) for passage in by_document.get(gold.document, []))
    ]


def retrieval_set(questions: Sequence[Question], passages: Sequence[Passage]) -> RetrievalSet:
    """The answerable questions as a retrieval set over passages; every passage of a gold section gains 1."""
    asked = [question for question in questions if question.answerable]
    return RetrievalSet(
        {passage.id: (passage.heading, passage.text) for passage in passages},
        {question.id: question.text for question in asked},
        {q.id: {p.id: 1.0 for p in passages if any(gold.holds(p) for gold in q.gold)} for q in asked},
    )
