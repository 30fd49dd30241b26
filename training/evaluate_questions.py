"""Measure search on the questions about the sample company's documents.

    python -m training.evaluate_questions [--split test] [--misses] [--json] [--encoder DIR] [--index DIR]
        [--without-asked-as]

Prints the share of answerable questions whose right section is among the first 1, 3 and 5 results (a question for which
nothing is returned counts as missed), the same without the floor, and the share of unanswerable questions to which
something is returned, per split and language, with n and 95 % Wilson intervals. ``--without-asked-as`` leaves out the
other words that the documents give for their sections: what the engine does by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import knowledge_base
from knowledge_base.build import build_index
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.load import Source, folder_sources
from knowledge_base.passage import Document, Encoder, Passage
from knowledge_base.store import open_index
from training.encoders import open_service_encoder
from training.intervals import Share, share
from training.questions import QUESTIONS, Question, missing_gold, read_questions

DOCUMENTS = Path(knowledge_base.__file__).parent / "documents"
TODAY = date(2026, 11, 20)  # the sample documents are in force on it
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What search did with a question.

    Attributes:
        rank: of the first right passage among those returned, from 1; None: not among the first ten.
        rank_without_floor: the same before weak passages are held back.
        found: the first passages before weak ones are held back.
        relevance: theirs, in [0, 1].
        answered: something was returned.
    """

    question: Question
    rank: int | None
    rank_without_floor: int | None
    found: tuple[Passage, ...]
    relevance: tuple[float, ...]
    answered: bool


def ask(index: KnowledgeIndex, question: Question, depth: int = DEPTH) -> Outcome:
    """Put one question to an index."""
    hits = index.search(question.text, limit=depth)
    ranking = index.rank(read_query(question.text), limit=depth)
    found = tuple(index.parts.passages[int(number)] for number in ranking.ids)
    return Outcome(
        question,
        question.rank_of(hit.passage for hit in hits),
        question.rank_of(found),
        found,
        tuple(ranking.relevance.tolist()),
        bool(hits),
    )


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """Shares over a group of outcomes; a measure without a question is left out."""
    asked = [outcome for outcome in outcomes if outcome.question.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.question.answerable]
    measures = {f"top-{k}": share(sum((o.rank or DEPTH + 1) <= k for o in asked), len(asked)) for k in (1, 3, 5)}
    measures["top-3 without floor"] = share(sum((o.rank_without_floor or DEPTH + 1) <= 3 for o in asked), len(asked))
    measures["wrongly answered"] = share(sum(o.answered for o in unanswerable), len(unanswerable))
    return {name: measure for name, measure in measures.items() if measure.n}


def groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by split, by split and language, and all."""
    splits = sorted({outcome.question.split for outcome in outcomes})
    languages = sorted({outcome.question.language for outcome in outcomes}, reverse=True)
    by_name = {"all": list(outcomes)}
    for split in splits:
        by_name[split] = [o for o in outcomes if o.question.split == split]
        for language in languages:
            by_name[f"{split} {language}"] = [o for o in by_name[split] if o.question.language == language]
    return by_name


@dataclass(frozen=True, slots=True)
class PlainSource:
    """A document without the other words for its sections."""

    source: Source

    @property
    def name(self) -> str:
        """As the document's own."""
        return self.source.name

    def digest(self) -> str:
        """Another one than the whole document's."""
        return f"plain {self.source.digest()}"

    def load(self) -> Document:
        """Read it."""
        document = self.source.load()
        return replace(document, digest=self.digest(), metadata=replace(document.metadata, asked_as=()))


@contextmanager
def opened(encoder: Encoder, folder: Path | None, *, asked_as: bool = True) -> Iterator[KnowledgeIndex]:
    """The index over the documents, brought up to date in a folder, or built in one that goes afterwards.

    Args:
        encoder: makes the vectors.
        folder: where the index is kept.
        asked_as: with the other words that the documents give for their sections.
    """
    with tempfile.TemporaryDirectory() as temporary:
        home = folder or Path(temporary)
        sources = folder_sources(DOCUMENTS)
        report = build_index(sources if asked_as else map(PlainSource, sources), home, encoder)
        if report.faults:
            sys.exit("\n".join(f"{fault.name}: {fault.message}" for fault in report.faults))
        yield open_index(home, encoder, today=lambda: TODAY)


def describe(outcome: Outcome) -> str:
    """A question that went wrong, with what was found instead."""
    question = outcome.question
    state = f"rank {outcome.rank_without_floor}" if outcome.rank_without_floor else "not found"
    held_back = "" if outcome.answered else ", all held back by the floor"
    lines = [f"{question.id} {question.split} {question.language} ({state}{held_back}): {question.text}"]
    lines += [
        f"    {relevance:.2f} {passage.document_id} › {' › '.join(passage.section)}"
        for passage, relevance in zip(outcome.found[:3], outcome.relevance, strict=False)
    ]
    return "\n".join(lines)


def went_wrong(outcome: Outcome) -> bool:
    """Right section not among the first three, or an answer where there is none."""
    return (outcome.rank or DEPTH + 1) > 3 if outcome.question.answerable else outcome.answered


def main() -> None:
    """Index, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--encoder", default="shipped", help="shipped, or what TRIAGE_ENCODER may say")
    parser.add_argument("--index", type=Path, help="keep the index in this folder and use it again")
    parser.add_argument("--without-asked-as", action="store_true", help="only by what the documents say themselves")
    parser.add_argument("--split", choices=("tune", "test"), help="only this half")
    parser.add_argument("--misses", action="store_true", help="also list what went wrong")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    questions = [q for q in read_questions(arguments.questions) if arguments.split in (None, q.split)]
    with opened(
        open_service_encoder(arguments.encoder), arguments.index, asked_as=not arguments.without_asked_as
    ) as index:
        if lost := missing_gold(questions, index.parts.passages):
            parser.error("no passage for this gold, mend the question file:\n" + "\n".join(lost))
        outcomes = [ask(index, question) for question in questions]
    measured = {name: summarise(group) for name, group in groups(outcomes).items()}
    if arguments.json:
        print(json.dumps({name: _record(shares) for name, shares in measured.items()}, indent=1))
        return
    for name, shares in measured.items():
        print(name)
        for measure, value in shares.items():
            print(f"  {measure:20} {value}")
    if arguments.misses:
        print("\n".join(describe(outcome) for outcome in outcomes if went_wrong(outcome)))


def _record(shares: dict[str, Share]) -> dict[str, dict[str, float]]:
    return {
        name: {"share": round(s.value, 4), "low": round(s.low, 4), "high": round(s.high, 4), "n": s.n}
        for name, s in shares.items()
    }


if __name__ == "__main__":
    main()
