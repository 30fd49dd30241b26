"""TF-IDF of our own against scikit-learn's."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.models.linear.counting import NgramCounts
from triage.adapters.models.linear.features import FeatureExtractor, prepare
from triage.adapters.models.linear.ngrams import REACH, Kind, NgramBlock, Rows, matrix_of

TEXTS = [
    "Ekspres nie działa, błąd E18! Proszę o zwrot.",
    "zwrot zwrot zwrot pieniędzy za ekspres",
    "a b c",
    "Where is my refund? I asked for a refund twice.",
    "",
    "łódka\tz  dużym   silnikiem\n\nnie działa ... ok",
]
UNSEEN = ["ekspres zwrot nieznane słowo refund", "", "???", "x"]


def learnt(counts: NgramCounts, *, min_df: int, max_features: int = 10_000) -> tuple[NgramBlock, Rows]:
    block, found = counts.learn(min_df=min_df, max_features=max_features)
    return block, matrix_of(found, (counts.counts.shape[0], len(block.vocabulary)))


def _words_and_pairs(text: str) -> list[str]:
    words = re.findall(r"\b\w\w+\b", text)
    near = [f"{words[i]} {words[j]}" for i, j in combinations(range(len(words)), 2) if j - i <= REACH["spread"]]
    return words + near


SKLEARN: dict[str, tuple[str | Callable[[str], list[str]], tuple[int, int]]] = {
    "word": ("word", (1, 2)),
    "spread": (_words_and_pairs, (1, 1)),
    "char": ("char_wb", (2, 5)),
}


@pytest.mark.parametrize("kind", ["word", "spread", "char"])
@pytest.mark.parametrize("min_df", [1, 2])
def test_values_equal_those_of_scikit_learn(kind: Kind, min_df: int) -> None:
    texts, unseen = [prepare(text) for text in TEXTS], [prepare(text) for text in UNSEEN]
    analyzer, lengths = SKLEARN[kind]
    theirs = TfidfVectorizer(sublinear_tf=True, min_df=min_df, analyzer=analyzer, ngram_range=lengths).fit(texts)
    ours, rows = learnt(NgramCounts.of(kind, texts), min_df=min_df, max_features=10_000)
    assert sorted(ours.vocabulary) == sorted(theirs.vocabulary_)
    order = [theirs.vocabulary_[ngram] for ngram in ours.vocabulary]
    for each in (texts, unseen):
        np.testing.assert_allclose(
            ours.transform(each).toarray(), theirs.transform(each).toarray()[:, order], rtol=1e-5, atol=1e-7
        )
    assert np.array_equal(rows.toarray(), ours.transform(texts).toarray())


@pytest.mark.parametrize("kind", ["word", "spread", "char"])
def test_a_part_of_the_counted_texts_gives_the_vocabulary_of_that_part_alone(kind: Kind) -> None:
    texts = [prepare(text) for text in TEXTS]
    part = np.array([5, 1, 0])
    block, rows = learnt(NgramCounts.of(kind, texts).take(part), min_df=2, max_features=10_000)
    alone, expected = learnt(NgramCounts.of(kind, [texts[row] for row in part]), min_df=2, max_features=10_000)
    assert sorted(block.vocabulary) == sorted(alone.vocabulary)
    order = [block.vocabulary.index(ngram) for ngram in alone.vocabulary]
    np.testing.assert_allclose(rows.toarray()[:, order], expected.toarray(), rtol=1e-6)


def test_the_most_frequent_ngrams_are_kept_when_there_are_too_many() -> None:
    texts = ["zwrot pralka", "zwrot lodka", "zwrot"]
    block, rows = learnt(NgramCounts.of("word", texts), min_df=1, max_features=1)
    assert block.vocabulary == ("zwrot",)
    assert rows.toarray().tolist() == [[1.0], [1.0], [1.0]]


def test_no_texts_and_no_vocabulary_give_empty_rows() -> None:
    block, rows = learnt(NgramCounts.of("char", ["ab"]), min_df=2, max_features=10)
    assert rows.shape == (1, 0)
    assert block.transform(["ab", ""]).shape == (2, 0)
    assert block.transform([]).shape == (0, 0)
    assert learnt(NgramCounts.of("char", []), min_df=1, max_features=10)[1].shape == (0, 0)


def test_preparing_keeps_every_place_and_hides_digits() -> None:
    text = "Zażółć E18 — ﬁ ß Æ 12.03"
    assert len(prepare(text)) == len(text)
    assert prepare("Nr 48 123") == "nr 00 000"


def test_word_and_character_features_stand_side_by_side_in_each_row() -> None:
    texts = ["Zwrot towaru i pieniędzy", "", "pralka", "Zwrot pralki i zwrot towaru"]
    extractor = FeatureExtractor.fit(texts, HashingEncoder(), min_df=1)
    for asked in (texts, texts[:1], [], ["nic z tego 123"]):
        prepared = [prepare(text) for text in asked]
        blocks = [extractor.words.transform(prepared), extractor.chars.transform(prepared)]
        expected = sparse.hstack(blocks, format="csr").toarray()
        assert np.array_equal(extractor.transform(asked).ngrams.toarray(), expected)
