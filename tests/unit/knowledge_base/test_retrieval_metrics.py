"""Retrieval measures against values worked by hand."""

from __future__ import annotations

import math

import pytest

from training.retrieval_metrics import ndcg, recall, reciprocal_rank


def test_ndcg_of_graded_answers_is_the_hand_worked_value() -> None:
    # gains 3, 0, 2 found; ideal 3, 2, 1
    dcg = 3 / math.log2(2) + 0 / math.log2(3) + 2 / math.log2(4)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert (
        ndcg(["a", "x", "b"], {"a": 3, "b": 2, "c": 1}, 10)
        == pytest.approx(dcg / ideal)
        == pytest.approx(0.8401, abs=1e-4)
    )


def test_ndcg_is_one_for_the_best_order_even_with_more_answers_than_places() -> None:
    assert ndcg(["a", "b"], {"a": 1, "b": 1, "c": 1}, 2) == pytest.approx(1.0)


def test_answers_beyond_the_depth_do_not_count() -> None:
    ranked = [f"x{n}" for n in range(10)] + ["a"]
    assert ndcg(ranked, {"a": 1}, 10) == recall(ranked, {"a": 1}, 10) == reciprocal_rank(ranked, {"a": 1}, 10) == 0


def test_a_query_without_results_counts_zero() -> None:
    assert ndcg([], {"a": 1}, 10) == recall([], {"a": 1}, 10) == reciprocal_rank([], {"a": 1}, 10) == 0


def test_recall_is_the_share_of_relevant_documents() -> None:
    assert recall(["a", "x", "b"], {"a": 1, "b": 2, "c": 1, "d": 0}, 2) == pytest.approx(1 / 3)


def test_reciprocal_rank_looks_at_the_first_relevant_document() -> None:
    assert reciprocal_rank(["x", "b", "a"], {"a": 1, "b": 1}, 10) == 0.5
