"""Evidence, ranking and the floor on numbers worked out by hand."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

from knowledge_base import kernels
from knowledge_base.fuse import (
    ANSWER,
    EVIDENCE,
    AnswerWeights,
    Coverage,
    FusionWeights,
    LanguageWeights,
    Lexical,
    Semantic,
    answer_matrix,
    backgrounds_of,
    evidence_matrix,
    judge,
    lead_of,
    load_weights,
    parse_weights,
    relations_of,
)
from knowledge_base.hybrid import CodeIndex
from knowledge_base.passage import Background, Passage
from knowledge_base.sparse import LexicalIndex

SAME = LanguageWeights((1, 0, 0, 0, 0, 0, 0, 0, 0), 0.0)
OTHER = LanguageWeights((0, 0, 0, 0, 2, 0, 0, 0, 0), -0.5)
NAMED = AnswerWeights((0, 0, 0, 0, 2, 0, 0, 0, 0), -1.0, floor=0.6)
PLAIN = AnswerWeights((0, 0, 0, 0, 2, 0, 0, 0, 0), 0.0, floor=0.4)
WEIGHTS = FusionWeights(SAME, SAME, OTHER, NAMED, PLAIN, rest=0.5)
BOTH_NAMED = np.array([True, True])
SAME_LANGUAGE = np.array([False, False])
NOTHING_MISSING = np.array([False, False])


def coverage(
    codes: list[float],
    words: list[float],
    n_words: int = 4,
    other: np.ndarray = SAME_LANGUAGE,
    lead: float = 0.0,
    missing: np.ndarray = NOTHING_MISSING,
) -> Coverage:
    return Coverage(column(codes), column(words), n_words, other, lead, missing)


def column(values: list[float]) -> np.ndarray:
    return np.array(values, np.float32)


def evidence() -> np.ndarray:
    lexical = Lexical(column([2, 4]), column([3, 4]), column([0, 5]), 8.0, 10.0, 10.0)
    semantic = Semantic(column([0.5, 0.1]), column([0.7, 0.2]), column([0.6, 0.3]))
    return evidence_matrix(lexical, semantic, column([1, 0]))


@pytest.mark.parametrize("compiled", [True, False])
def test_passages_are_judged_by_hand_worked_numbers(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "COMPILED", kernels.COMPILED and compiled)

    def relevance(words: list[float], codes: list[float], named: list[bool], certain: list[bool]) -> list[float]:
        lacks = np.array([False, True])
        about = coverage(codes, words, 50, np.array([True, False]), lead=0.25, missing=lacks)
        found = judge(WEIGHTS, evidence(), about, np.array(named), np.array(certain))
        for row, told in enumerate(found.answers.tolist()):
            assert dict(zip(ANSWER, told, strict=True)) == pytest.approx(
                {"grams": (0, 0.5)[row], "nearest": (0.7, 0.3)[row], "sentence": (0.6, 0.3)[row], "code": codes[row]}
                | {"coverage": words[row], "length": 1, "other": (1, 0)[row], "lead": 0.25, "missing": (0, 1)[row]}
            )
        falling: list[float] = found.relevance.tolist()
        return falling

    no, yes = [False, False], [True, True]
    assert relevance([0.5, 0.5], [0, 0], [True, False], no) == pytest.approx([0.5, 0.5])
    assert relevance([0.5, 0], [0, 0], no, no) == pytest.approx([1 / (1 + np.exp(-1)), 0.5])
    # a passage with all codes that lacks nothing, and one that people found to answer, are at the floor at least
    assert relevance([0, 0], [1, 1], yes, no) == pytest.approx([0.6, 1 / (1 + np.e)])
    assert relevance([0, 0], [0, 0], yes, yes) == pytest.approx([0.6, 0.6])


def test_bm25_counts_as_share_of_what_is_possible_and_of_the_best_found() -> None:
    assert dict(zip(EVIDENCE, evidence()[0], strict=True)) == pytest.approx(
        {"words": 0.25, "grams": 0, "words_share": 0.5, "grams_share": 0}
        | {"cosine": 0.5, "code": 1, "name": 0.7, "sentence": 0.6, "related": 0.3}
    )


def test_each_language_is_ranked_by_its_own_weights() -> None:
    assert relations_of(np.array([True, False]), "pl").tolist() == [0, 2]
    assert relations_of(np.array([True, False]), "en").tolist() == [2, 1]
    assert WEIGHTS.ranking(evidence(), np.array([0, 1])) == pytest.approx([0.25, 0.5])
    assert WEIGHTS.ranking(evidence(), np.array([2, 0])) == pytest.approx([0.5, 0.5])


def test_whether_there_is_an_answer_hangs_on_coverage_and_number_of_words() -> None:
    answers = answer_matrix(evidence(), coverage([1, 0], [0.9, 0.5], 4, np.array([True, False]), lead=0.3))
    assert dict(zip(ANSWER, answers[0], strict=True)) == pytest.approx(
        {"grams": 0, "code": 1, "nearest": 0.7, "sentence": 0.6}
        | {"coverage": 0.9, "length": 0.4, "other": 1, "lead": 0.3, "missing": 0}
    )
    assert answers[1, ANSWER.index("other")] == 0
    assert WEIGHTS.relevance(answers, BOTH_NAMED) == pytest.approx([1 / (1 + np.exp(-0.8)), 0.5])
    uncovered = answer_matrix(evidence(), coverage([1, 0], [0, 0], 50))
    assert WEIGHTS.relevance(uncovered, BOTH_NAMED)[0] == pytest.approx(NAMED.floor)  # it has the code
    assert uncovered[0, ANSWER.index("length")] == 1


def test_a_passage_with_all_codes_may_stay_below_the_floor_where_it_lacks_what_is_demanded() -> None:
    answers = answer_matrix(evidence(), coverage([1, 1], [0, 0], missing=np.array([True, False])))
    assert WEIGHTS.relevance(answers, BOTH_NAMED) == pytest.approx([1 / (1 + np.exp(1)), NAMED.floor])


def test_the_first_passage_stands_out_against_the_fourth_or_the_last() -> None:
    assert lead_of(column([7, 6, 4, 2, 1])) == pytest.approx(0.5)
    assert lead_of(column([7, 6])) == pytest.approx(0.1)
    assert lead_of(column([70, 1])) == 1
    assert lead_of(column([7])) == lead_of(column([])) == 0


def test_a_model_is_no_code_that_tells_of_an_answer() -> None:
    passage = Passage(
        "M01@1#0", "M01", "1", "Ekspres", (), "K400, kod E05", 0, 13, model="BrewOne K400", codes=("K400", "E05")
    )
    index = CodeIndex.of([passage])
    assert index.known(("K400", "E05", "X1")) == ("K400", "E05")
    assert index.telling(("K400", "E05")) == ("E05",)


def test_below_the_floor_nothing_is_shown_and_above_it_what_is_not_far_below() -> None:
    assert WEIGHTS.n_shown(column([0.59, 0.5]), BOTH_NAMED) == 0
    assert WEIGHTS.n_shown(column([0.6, 0.4, 0.29]), np.array([True] * 3)) == 2
    assert WEIGHTS.n_shown(column([]), np.array([], bool)) == 0


def test_a_passage_without_other_words_has_weights_and_a_floor_of_its_own() -> None:
    answers = answer_matrix(evidence(), coverage([0, 0], [0.5, 0.5]))
    assert WEIGHTS.relevance(answers, np.array([True, False])) == pytest.approx([0.5, 1 / (1 + np.exp(-1))])
    assert WEIGHTS.n_shown(column([0.5, 0.25]), np.array([False, False])) == 2
    assert WEIGHTS.n_shown(column([0.5, 0.25]), np.array([False, True])) == 1
    assert WEIGHTS.n_shown(column([0.5, 0.25]), np.array([True, False])) == 0


def test_coverage_weighs_rare_words_more_and_counts_misspelt_ones_in_part() -> None:
    index = LexicalIndex.build(["pralka pompa", "pralka filtr", "pralka", "ekspres"], ["pl"] * 4)
    every = np.arange(4)
    both = index.search("pralki pompa").coverage(every)
    assert both[0] == 1
    assert 0 < both[2] < 0.5  # „pralka” is in three of four
    assert both[3] == 0
    assert 0 < index.search("pompka").coverage(every)[0] < 1
    assert index.search("czy to jest").coverage(every).tolist() == [0, 0, 0, 0]


def test_a_question_asked_politely_is_covered_as_one_that_is_not() -> None:
    index = LexicalIndex.build(["oddajemy pieniądze za rower", "filtr"], ["pl"] * 2)
    asked = ("oddać pieniądze, filtr", "mogą oddać pieniądze, filtr?", "Czy mogą Państwo oddać pieniądze, filtr?")
    short, blunt, polite = (index.search(query).coverage(np.arange(2))[0] for query in asked)
    assert 0 < polite == blunt < short
    assert index.search("Szanowni Państwo, Pani").coverage(np.arange(2)).tolist() == [0, 0]


def test_a_word_is_covered_by_what_translates_it_or_means_nearly_the_same() -> None:
    index = LexicalIndex.build(["wyciek spod pompy", "zwrot pieniędzy", "filtr"], ["pl"] * 3)
    assert index.search("leak").coverage(np.arange(3)).tolist() == [1, 0, 0]
    assert index.search("kasa").coverage(np.arange(3)).tolist() == [0, 1, 0]


def test_cosines_are_read_above_those_of_unrelated_texts_in_the_same_languages() -> None:
    relations = relations_of(np.array([True, False]), "pl")
    background = backgrounds_of(Background(polish=0.8, english=0.7, other=0.5), relations)
    assert background.tolist() == pytest.approx([0.8, 0.5])
    found = Semantic(column([0.9, 0.9]), column([0.8, 0.5]), column([-1.0, 1.0])).above(background)
    assert found.whole.tolist() == pytest.approx([0.5, 0.8])
    assert found.name.tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert found.sentence.tolist() == [-1.0, 1.0]


def test_other_encoders_have_weights_of_their_own() -> None:
    assert load_weights(calibrated=True) != load_weights()


def test_weights_for_other_evidence_are_refused() -> None:
    data = json.loads(files("knowledge_base").joinpath("fusion.json").read_text("utf-8"))
    assert parse_weights(json.dumps(data)) == load_weights()
    with pytest.raises(ValueError, match="other evidence"):
        parse_weights(json.dumps(data | {"evidence": ["words"]}))
    del data["other"]["offset"]
    with pytest.raises(ValueError, match="not complete"):
        parse_weights(json.dumps(data))
