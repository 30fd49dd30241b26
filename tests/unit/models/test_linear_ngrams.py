"""TF-IDF of our own against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.models.linear.features import FeatureExtractor, prepare
from triage.adapters.models.linear.ngrams import NgramBlock

TEXTS = [
    "Ekspres nie działa, błąd E18! Proszę o zwrot.",
    "zwrot zwrot zwrot pieniędzy za ekspres",
    "a b c",
    "Where is my refund? I asked for a refund twice.",
    "",
    "łódka\tz  dużym   silnikiem\n\nnie działa ... ok",
]
UNSEEN = ["ekspres zwrot nieznane słowo refund", "", "???", "x"]
SKLEARN = {"word": ("word", (1, 2)), "char": ("char_wb", (2, 5))}


@pytest.mark.parametrize("kind", ["word", "char"])
@pytest.mark.parametrize("min_df", [1, 2])
def test_values_equal_those_of_scikit_learn(kind: str, min_df: int) -> None:
    texts, unseen = [prepare(text) for text in TEXTS], [prepare(text) for text in UNSEEN]
    analyzer, lengths = SKLEARN[kind]
    theirs = TfidfVectorizer(sublinear_tf=True, min_df=min_df, analyzer=analyzer, ngram_range=lengths).fit(texts)
    ours = NgramBlock.fit("word" if kind == "word" else "char", texts, min_df=min_df, max_features=10_000)
    assert sorted(ours.vocabulary) == sorted(theirs.vocabulary_)
    order = [theirs.vocabulary_[ngram] for ngram in ours.vocabulary]
    for each in (texts, unseen):
        np.testing.assert_allclose(
            ours.transform(each).toarray(), theirs.transform(each).toarray()[:, order], rtol=1e-5, atol=1e-7
        )


def test_the_most_frequent_ngrams_are_kept_when_there_are_too_many() -> None:
    block = NgramBlock.fit("word", ["zwrot pralka", "zwrot lodka", "zwrot"], min_df=1, max_features=1)
    assert block.vocabulary == ("zwrot",)


def test_no_texts_and_no_vocabulary_give_empty_rows() -> None:
    block = NgramBlock.fit("char", ["ab"], min_df=2, max_features=10)
    assert block.transform(["ab", ""]).shape == (2, 0)
    assert block.transform([]).shape == (0, 0)


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
