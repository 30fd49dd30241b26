"""Measure what verdicts on searches are worth: some writers' questions are judged, other writers' questions are asked.

    python -m training.evaluate_verdicts --judged own.jsonl … --asked fresh.jsonl … [--share 0.5] [--taught]
        [--without-asked-as] [--json]

As if people had used search for a while: a share of the judged writers' answerable questions (by a hash of their ids)
is ruled to be answered by the right passages that a search showed, among five results or the nearest three, and as
large a share of the others to be answered nowhere. ``--taught`` rules on every right passage, shown or not, as somebody
who knows the documents teaches. Printed for every set that is asked: right section among the first three, the same
without the floor, unanswerable questions that were answered; before and after, all and those whose right sections had a
judged question; and for the judged questions themselves, asked again as they were and with a slip of the fingers (two
letters changed places in the longest word) and without diacritics.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge_base.build import build_index
from knowledge_base.hybrid import KnowledgeIndex
from knowledge_base.load import folder_sources
from knowledge_base.passage import Encoder, Passage
from knowledge_base.rulings import Ruling, RulingKind, content_key
from knowledge_base.store import open_index
from knowledge_base.tokenise import fold
from training.encoders import open_service_encoder
from training.evaluate_questions import DOCUMENTS, TODAY, PlainSource, ask, summarise
from training.questions import FRESH, HARD, NEAR_MISSES, QUESTIONS, Question, read_questions

# Passages that come nearest to a question without an answer, as ``triage.library.teaching`` keeps them.
KNOWN = 50
# Results that a search shows where nobody asks for more.
SHOWN = 5


def drawn(questions: Sequence[Question], share: float) -> list[Question]:
    """A share of questions, the same ones each time."""
    return [one for one in questions if int(hashlib.sha256(one.id.encode()).hexdigest()[:8], 16) < share * 2**32]


def rulings_on(questions: Sequence[Question], index: KnowledgeIndex, *, taught: bool) -> Iterator[Ruling]:
    """What people would rule of them: right passages answer, those that were shown or all of them; or nothing does."""
    current = [passage for passage in index.parts.passages if passage.superseded_from is None]
    for question in questions:
        if question.answerable:
            answer = index.answer(question.text, limit=SHOWN)
            seen = current if taught else [hit.passage for hit in (*answer.hits, *answer.nearest)]
            keys = tuple(content_key(one) for one in seen if any(gold.holds(one) for gold in question.gold))
            if keys:
                yield Ruling(question.id, RulingKind.ANSWERS, question.text, keys)
        else:
            near = ask(index, question, depth=KNOWN).found
            yield Ruling(question.id, RulingKind.NOWHERE, question.text, tuple(map(content_key, near)))


def slipped(question: Question) -> Question:
    """The question without diacritics and with two letters of its longest word changed over."""
    longest = max(question.text.split(), key=len)
    middle = len(longest) // 2
    mistyped = longest[: middle - 1] + longest[middle] + longest[middle - 1] + longest[middle + 1 :]
    return replace(question, text=fold(question.text.replace(longest, mistyped, 1)))


def met(questions: Sequence[Question], judged: Sequence[Question], passages: Sequence[Passage]) -> list[Question]:
    """Answerable questions of which a right section had a judged question."""
    taught = [one for one in passages if any(gold.holds(one) for question in judged for gold in question.gold)]
    return [one for one in questions if any(gold.holds(passage) for gold in one.gold for passage in taught)]


class Desk:
    """The sample documents, indexed with and without rulings in a folder that goes afterwards."""

    def __init__(self, home: Path, encoder: Encoder, *, asked_as: bool) -> None:
        self._home, self._encoder, self._asked_as = home, encoder, asked_as

    def index(self, rulings: Sequence[Ruling] = ()) -> KnowledgeIndex:
        """The index with rulings in force."""
        sources = folder_sources(DOCUMENTS)
        report = build_index(
            sources if self._asked_as else map(PlainSource, sources), self._home, self._encoder, rulings=rulings
        )
        if report.faults:
            sys.exit("\n".join(f"{fault.name}: {fault.message}" for fault in report.faults))
        return open_index(self._home, self._encoder, today=lambda: TODAY)


def main() -> None:
    """Judge, rule, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judged", type=Path, nargs="+", default=[QUESTIONS, HARD])
    parser.add_argument("--asked", type=Path, nargs="+", default=[FRESH, NEAR_MISSES])
    parser.add_argument("--share", type=float, default=1.0, help="of the judged writers' questions, in (0, 1]")
    parser.add_argument("--taught", action="store_true", help="every right passage, whether it was shown or not")
    parser.add_argument("--encoder", default="shipped", help="shipped, or what TRIAGE_ENCODER may say")
    parser.add_argument("--without-asked-as", action="store_true", help="only by what the documents say themselves")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    judged = drawn([one for path in arguments.judged for one in read_questions(path)], arguments.share)
    asked = {path.stem: read_questions(path) for path in arguments.asked}
    with tempfile.TemporaryDirectory() as home:
        desk = Desk(Path(home), open_service_encoder(arguments.encoder), asked_as=not arguments.without_asked_as)
        before = desk.index()
        groups = dict(asked)
        for name, questions in asked.items():
            if about := met(questions, judged, before.parts.passages):
                groups[f"{name}, sections with a judged question"] = about
        groups |= {"judged, asked again": judged, "judged, mistyped": [slipped(one) for one in judged]}
        measured = {name: {"before": summarise([ask(before, one) for one in group])} for name, group in groups.items()}
        rulings = list(rulings_on(judged, before, taught=arguments.taught))
        after = desk.index(rulings)
        for name, group in groups.items():
            measured[name]["after"] = summarise([ask(after, one) for one in group])
    if arguments.json:
        plain = {
            name: {when: {measure: round(s.value, 4) for measure, s in shares.items()} for when, shares in each.items()}
            for name, each in measured.items()
        }
        print(json.dumps({"judged": len(judged), "rulings": len(rulings), **plain}, indent=1))
        return
    print(f"{len(judged)} judged questions, {len(rulings)} rulings")
    for name, each in measured.items():
        print(name)
        for measure, value in each["before"].items():
            print(f"  {measure:20} {value}   after verdicts: {each['after'][measure]}")


if __name__ == "__main__":
    main()
