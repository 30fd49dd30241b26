"""The question file: well-formed, answered by the documents as they are, and measured as defined."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from knowledge_base.answer import NO_FILTERS
from knowledge_base.build import build_index
from knowledge_base.hybrid import KnowledgeIndex
from knowledge_base.passage import Passage
from knowledge_base.store import open_index
from tests.fakes.hashing_encoder import HashingEncoder
from training.evaluate_questions import DOCUMENTS, TODAY, Outcome, ask, groups, summarise, went_wrong
from training.halves import half_of
from training.intervals import share
from training.questions import (
    FRESH,
    HARD,
    SEALED,
    SECOND_FIT,
    SECOND_REPORT,
    SHORT,
    THIRD_FIT,
    THIRD_REPORT,
    UNSEEN,
    Gold,
    Question,
    missing_gold,
    read_questions,
)

QUESTIONS = read_questions()
KEPT_APART = read_questions(FRESH)
BY_ANOTHER = read_questions(HARD)
KEPT_SEALED = read_questions(SEALED)
TYPED_SHORT = read_questions(SHORT)
IN_FIVE_FORMS = read_questions(UNSEEN)
# Five words running of these stood in other words for sections before they were written, unseen by their writer.
MET_BY_CHANCE = {"unseen-007", "unseen-026", "unseen-083"}
HALVES = ((SECOND_FIT, SECOND_REPORT), (THIRD_FIT, THIRD_REPORT))
IN_HALVES = {path: read_questions(path) for halves in HALVES for path in halves}
ALL = [
    *QUESTIONS,
    *KEPT_APART,
    *BY_ANOTHER,
    *KEPT_SEALED,
    *TYPED_SHORT,
    *IN_FIVE_FORMS,
    *(one for half in IN_HALVES.values() for one in half),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("questions")
    build_index(DOCUMENTS, folder, HashingEncoder())
    return open_index(folder, HashingEncoder(), today=lambda: TODAY)


def a_passage(section: tuple[str, ...] = ("5. Codes",), text: str = "E18 | no drain", document: str = "M03") -> Passage:
    return Passage(f"{document}@1#0", document, "1", "Manual", section, text, 0, len(text))


def a_question(gold: tuple[Gold, ...] = (Gold("M03", "codes", "E18"),)) -> Question:
    return Question("q1", "en", "test", "what is E18", gold)


def an_outcome(question: Question, rank: int | None = None, answered: bool = True) -> Outcome:
    return Outcome(question, rank, rank, (), (), answered)


def test_there_are_enough_questions_in_both_languages_and_halves() -> None:
    answerable = [question for question in QUESTIONS if question.answerable]
    polish = sum(question.language == "pl" for question in answerable) / len(answerable)
    assert len(answerable) >= 140
    assert len(QUESTIONS) - len(answerable) >= 30
    assert 0.6 <= polish <= 0.75
    halves = Counter((question.split, question.language, question.answerable) for question in QUESTIONS)
    for language in ("pl", "en"):
        for answered in (True, False):
            assert abs(halves["tune", language, answered] - halves["test", language, answered]) <= 1


@pytest.mark.parametrize("halves", HALVES)
def test_two_halves_of_questions_share_no_document_and_say_why_nothing_answers(halves: tuple[Path, Path]) -> None:
    rows = {path: [json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in halves}
    documents = [{row["nearest"].removesuffix("EN") for row in of_half} for of_half in rows.values()]
    assert documents[0].isdisjoint(documents[1])
    for path, of_half in rows.items():
        assert {row["split"] for row in of_half} == {path.stem.removeprefix("questions_").replace("_", "-")}
        assert sum(bool(row["gold"]) for row in of_half) >= 60
        assert all(row.get("why") for row in of_half if not row["gold"])


def test_ids_and_texts_are_unique() -> None:
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)
    assert len({question.text.casefold() for question in QUESTIONS}) == len(QUESTIONS)


def test_the_questions_kept_apart_are_others_and_enough() -> None:
    assert sum(question.answerable for question in KEPT_APART) >= 40
    assert sum(not question.answerable for question in KEPT_APART) >= 25
    assert {question.split for question in KEPT_APART} == {"fresh"}
    assert {question.split for question in BY_ANOTHER} == {"hard-dev"}
    assert {question.split for question in KEPT_SEALED} == {"sealed"}
    assert sum(question.answerable for question in KEPT_SEALED) >= 60
    assert len({question.text.casefold() for question in ALL}) == len(ALL)


def test_short_questions_are_short_and_fall_into_halves_by_their_ids() -> None:
    assert max(len(question.text.split()) for question in TYPED_SHORT) <= 5
    halves = {"development": "tune", "report": "test"}
    assert [question.split for question in TYPED_SHORT] == [halves[half_of(question.id)] for question in TYPED_SHORT]
    assert min(Counter((question.split, question.answerable) for question in TYPED_SHORT).values()) >= 15


def test_unseen_questions_fall_into_halves_by_their_ids() -> None:
    halves = {"development": "tune", "report": "test"}
    assert all(question.split == halves[half_of(question.id)] for question in IN_FIVE_FORMS)
    assert min(Counter((question.split, question.answerable) for question in IN_FIVE_FORMS).values()) >= 25


def test_every_gold_section_is_in_the_documents_in_force(index: KnowledgeIndex) -> None:
    in_force = index.parts.facets.mask(NO_FILTERS, TODAY)
    passages = [index.parts.passages[number] for number in in_force.nonzero()[0].tolist()]
    assert missing_gold(ALL, passages) == []


def words_of(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l")).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", plain)


def runs_of(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def test_no_question_copies_six_words_running_from_a_document(index: KnowledgeIndex) -> None:
    written: set[tuple[str, ...]] = set()
    for passage in index.parts.passages:
        written |= runs_of(words_of(f"{' '.join(passage.section)} {passage.text}"), 6)
    copied = [question.text for question in ALL if runs_of(words_of(question.text), 6) & written]
    assert copied == []


def test_no_other_words_of_a_section_copy_a_question(index: KnowledgeIndex) -> None:
    phrases = {phrase for passage in index.parts.passages for phrase in passage.asked_as}
    given = set().union(*(runs_of(words_of(phrase), 5) for phrase in phrases))
    copied = {question.id for question in ALL if runs_of(words_of(question.text), 5) & given}
    assert copied == MET_BY_CHANCE


def test_gold_names_a_row_by_its_text_and_a_section_by_any_heading_above_it() -> None:
    gold = Gold("M03", "codes", "e18")
    assert gold.holds(a_passage())
    assert gold.holds(a_passage(section=("5. Codes", "Service")))
    assert not gold.holds(a_passage(text="E40 | door"))
    assert not gold.holds(a_passage(section=("6. First aid",)))
    assert not gold.holds(a_passage(document="M03EN"))


def test_the_rank_is_that_of_the_first_passage_that_answers() -> None:
    wrong, right = a_passage(text="E40"), a_passage()
    assert a_question().rank_of([wrong, right, right]) == 2
    assert a_question().rank_of([wrong]) is None
    assert a_question(gold=()).rank_of([right]) is None


def test_a_heading_that_changed_is_reported() -> None:
    assert missing_gold([a_question()], [a_passage(section=("7. Other",))]) == ["q1: M03 › codes › E18"]
    assert missing_gold([a_question()], [a_passage()]) == []


def test_shares_count_silence_as_a_miss_and_any_answer_to_the_unanswerable_as_wrong() -> None:
    outcomes = [
        an_outcome(a_question(), rank=1),
        an_outcome(a_question(), rank=4),
        an_outcome(a_question(), rank=None, answered=False),
        an_outcome(a_question(gold=()), answered=True),
        an_outcome(a_question(gold=()), answered=False),
    ]
    measured = {name: (value.count, value.n) for name, value in summarise(outcomes).items()}
    assert measured["top-1"] == (1, 3)
    assert measured["top-3"] == (1, 3)
    assert measured["top-5"] == (2, 3)
    assert measured["wrongly answered"] == (1, 2)
    assert [went_wrong(outcome) for outcome in outcomes] == [False, True, True, True, False]
    assert set(groups(outcomes)) == {"all", "test", "test en"}


def test_the_interval_is_wilsons() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 → .2553 to .3662; 0 of 20 → 0 to .1611.
    assert (share(81, 263).low, share(81, 263).high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (share(0, 20).low, share(0, 20).high) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)


def test_an_error_code_is_found_by_words_alone(index: KnowledgeIndex) -> None:
    question = next(question for question in QUESTIONS if question.text.startswith("pralka wywala e18"))
    outcome = ask(index, question)
    assert outcome.rank is not None
    assert outcome.rank <= 3
    assert outcome.found[outcome.rank - 1].document_id in {"M03", "M04", "F01"}
