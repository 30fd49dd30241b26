"""The head with closeness: its held-out margins are those of heads that were really fitted without the example."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from triage.adapters.models.linear.fitting import kind_for, spoken_names
from triage.adapters.models.linear.ngrams import Rows
from triage.adapters.models.linear.ridge import CLOSENESS_WEIGHT, PENALTY, RidgeFit, closeness, fit_ridge, kernel_of
from triage.errors import InvalidInput

N, CLASSES = 24, 3
Matrix = NDArray[np.float32]
Examples = tuple[Rows, Matrix, NDArray[np.intp]]


@pytest.fixture(scope="module")
def examples() -> Examples:
    rng = np.random.default_rng(3)
    ngrams = sparse.csr_matrix(rng.random((N, 9)).astype(np.float32))
    embedding = rng.normal(size=(N, 5)).astype(np.float32)
    embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
    return ngrams, embedding, np.arange(N) % CLASSES


def plain_margins(
    seen: NDArray[np.intp], asked: NDArray[np.intp], ngrams: Matrix, embedding: Matrix, truth: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Kernel ridge regression as a textbook writes it, in double precision; the penalties are those of all examples."""
    gaussian = np.exp(4.0 * (embedding.astype(float) @ embedding.T - 1.0))
    kernel = ngrams.astype(float) @ ngrams.T + CLOSENESS_WEIGHT * gaussian
    penalty = PENALTY * CLASSES * np.bincount(truth)[truth] / N
    targets = 2.0 * np.eye(CLASSES)[truth] - 1.0
    system = kernel[np.ix_(seen, seen)] + np.diag(penalty[seen])
    return np.asarray(kernel[np.ix_(asked, seen)] @ np.linalg.solve(system, targets[seen]))


def margins(fit: RidgeFit, ngrams: Rows, cosine: Matrix) -> Matrix:
    return np.asarray(ngrams @ fit.ngram_weights + closeness(cosine) @ fit.closeness_weights)


def test_margins_are_those_of_kernel_ridge_regression(examples: Examples) -> None:
    ngrams, embedding, truth = examples
    fit = fit_ridge(ngrams, embedding, truth, CLASSES)
    expected = plain_margins(np.arange(N), np.arange(N), ngrams.toarray(), embedding, truth)
    np.testing.assert_allclose(margins(fit, ngrams, embedding @ embedding.T), expected, atol=1e-4)


def test_an_example_held_out_is_judged_by_a_head_that_never_saw_it_or_its_group(examples: Examples) -> None:
    ngrams, embedding, truth = examples
    groups = np.arange(N)
    groups[[4, 11, 17]] = 4  # three copies of one ticket
    fit = fit_ridge(ngrams, embedding, truth, CLASSES, groups)
    for group in np.unique(groups):
        asked, seen = np.flatnonzero(groups == group), np.flatnonzero(groups != group)
        expected = plain_margins(seen, asked, ngrams.toarray(), embedding, truth)
        np.testing.assert_allclose(fit.held_out[asked], expected, atol=1e-4)


def test_parts_of_a_text_held_out_are_judged_by_a_head_that_never_saw_it_or_its_group(examples: Examples) -> None:
    ngrams, embedding, truth = examples
    groups = np.arange(N)
    groups[[4, 11, 17]] = 4
    fit = fit_ridge(ngrams[:22], embedding[:22], truth[:22], CLASSES, groups[:22], keep_without=True)
    assert fit.without is not None
    parts = kernel_of(ngrams[22:], embedding[22:], ngrams[:22], embedding[:22])  # two texts that were never taught
    for owner in (4, 11, 5):
        seen = np.flatnonzero(groups[:22] != groups[owner])
        gaussian = np.exp(4.0 * (embedding[:22].astype(float) @ embedding[:22].T - 1.0))
        system = ngrams[:22].toarray().astype(float) @ ngrams[:22].toarray().T + CLOSENESS_WEIGHT * gaussian
        system += np.diag(PENALTY * CLASSES * np.bincount(truth[:22])[truth[:22]] / 22)
        targets = 2.0 * np.eye(CLASSES)[truth[:22]] - 1.0
        expected = parts[:, seen] @ np.linalg.solve(system[np.ix_(seen, seen)], targets[seen])
        np.testing.assert_allclose(fit.without.margins(parts, np.full(2, owner)), expected, atol=1e-4)


def test_an_example_that_counts_less_is_followed_less(examples: Examples) -> None:
    ngrams, embedding, truth = examples
    pull = np.ones(N)
    pull[3] = 0.1
    fits = [fit_ridge(ngrams, embedding, truth, CLASSES), fit_ridge(ngrams, embedding, truth, CLASSES, pull=pull)]
    followed = [margins(fit, ngrams, embedding @ embedding.T)[3, truth[3]] for fit in fits]
    assert followed[1] < followed[0]


def test_a_row_that_belongs_to_no_category_is_taught_none_of_them(examples: Examples) -> None:
    ngrams, embedding, truth = examples
    truth = truth.copy()
    truth[[0, 7]] = CLASSES
    fit = fit_ridge(ngrams, embedding, truth, CLASSES)
    said = margins(fit, ngrams, embedding @ embedding.T)
    without = margins(fit_ridge(ngrams[8:], embedding[8:], truth[8:], CLASSES), ngrams, embedding @ embedding[8:].T)
    assert said.shape == (N, CLASSES)
    assert (said[[0, 7]].max(axis=1) < without[[0, 7]].max(axis=1)).all()


def test_too_many_examples_are_refused_before_memory_is_taken(
    monkeypatch: pytest.MonkeyPatch, examples: Examples
) -> None:
    monkeypatch.setattr("triage.adapters.models.linear.ridge.MOST_EXAMPLES", N - 1)
    with pytest.raises(InvalidInput, match="at most 23 examples, not 24"):
        fit_ridge(*examples, CLASSES)


def test_the_head_follows_from_the_number_of_examples() -> None:
    assert [kind_for(n, 10) for n in (199, 200, 16_000, 16_001)] == ["logistic", "ridge", "ridge", "machines"]


def test_names_of_categories_are_spoken_and_codes_are_not() -> None:
    assert spoken_names(["card_arrival", "Refund_not_showing_up", "C01", "__", "płatność-kartą"]) == [
        "card arrival",
        "Refund not showing up",
        "",
        "",
        "płatność kartą",
    ]


def test_other_targets_are_fitted_as_if_they_were_alone_and_change_nothing(examples: Examples) -> None:
    ngrams, embedding, truth = examples
    groups = np.arange(N) // 2
    beside = np.where(np.random.default_rng(4).random((N, 2)) < 0.4, 1.0, -1.0).astype(np.float32)
    fit = fit_ridge(ngrams, embedding, truth, CLASSES, groups, beside=beside)
    plain = fit_ridge(ngrams, embedding, truth, CLASSES, groups)
    np.testing.assert_allclose(fit.ngram_weights, plain.ngram_weights, atol=1e-5)
    np.testing.assert_allclose(fit.held_out, plain.held_out, atol=1e-5)
    assert fit.beside is not None
    # the categories' own targets, given as others, get the categories' own fit
    targets = np.where(np.eye(CLASSES)[truth] > 0, 1.0, -1.0).astype(np.float32)
    again = fit_ridge(ngrams, embedding, truth, CLASSES, groups, beside=targets).beside
    assert again is not None
    np.testing.assert_allclose(again.closeness_weights, plain.closeness_weights, atol=1e-5)
    np.testing.assert_allclose(again.held_out, plain.held_out, atol=1e-5)
    assert fit.beside.held_out.shape == (N, 2)
