"""What words of a query are looked up by, many at once, against each word's own keys, neighbours and 4-grams."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge_base import kernels
from knowledge_base.hybrid import Judged, Ranking
from knowledge_base.sparse import LexicalIndex
from knowledge_base.tokenise import (
    is_courtesy,
    keyed_words,
    query_words,
    related_keys,
    split_words,
    term_ids,
    unpacked,
    word_grams,
    word_keys,
)
from knowledge_base.tokenise.query_words import gram_ids

module = importlib.import_module("knowledge_base.tokenise.query_words")  # its room offers a function of that name

TEXTS = [
    "zwrot pieniędzy za pralkę",
    "pompa odpływu i filtr E-18",
    "the refund of money",
    "Kiedis w szpitalu",
    "pralki",
]
QUESTIONS = [
    "zwrot kasy za pralke",
    "refund za pompę E18",
    "zworty pieniędzy",
    "czy to jest",
    "Kiedis i kiedis, filtrów ＡＢＣ łódź",
    "pralka pralki pralkę pralce",
    "xyzq",
]


@given(st.text())
@example("Zalogowałam się w E18, zwrot kasy, refund, że the I日本 łódź ﷺ ² pralki pralka")
def test_terms_of_many_words_are_the_keys_and_neighbours_of_each(text: str) -> None:
    words = [*dict.fromkeys(split_words(text))]
    for word, found in zip(words, query_words(words), strict=True):
        own = {key for group in found.groups for key in unpacked(group.own).tolist()}
        assert own == {*found.own.tolist()} == {*term_ids([*word_keys(word, "pl"), *word_keys(word, "en")]).tolist()}
        related = {key for group in found.groups for key in unpacked(group.related).tolist()}
        neighbours = related_keys(word)
        by_lemma = neighbours.lemmas if len(found.groups) > 1 else ()
        assert related == {*by_lemma, *(neighbours.stems if found.groups else ())}
        assert unpacked(found.grams).tolist() == term_ids(word_grams(word)).tolist()
        assert found.is_courtesy == (is_courtesy(word) and bool(own))
        [keyed] = keyed_words([word])
        assert found.weight == keyed.weight


def test_common_words_are_found_in_the_tables_as_dictionary_and_stemmers_have_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [*QUESTIONS, "Państwo gwarancja refunds washing, łóżko że the zmywarki pralka żółć czajnika kasa oddać"]
    words = [*dict.fromkeys(word for text in texts for word in split_words(text))]
    module._known.cache_clear()
    found = query_words(words)
    monkeypatch.setattr(kernels, "COMPILED", False)
    module._known.cache_clear()
    assert query_words(words) == found
    module._known.cache_clear()
    assert any(word.weight == 0 for word in found)
    assert any(word.is_courtesy for word in found)
    assert len({word.weight for word in found}) > 5


@given(st.text())
@example("Zalogowałam się w E18, mamamama, że the I日本 łódź ﷺ ² pralki Ⅻ")
def test_grams_of_many_words_are_those_of_each(text: str) -> None:
    words = ["pralka", "mamamama", *[word for word in dict.fromkeys(split_words(text)) if word_grams(word)]]
    for word, found in zip(words, gram_ids(words), strict=True):
        assert unpacked(found).tolist() == term_ids(word_grams(word)).tolist()


def scores(index: LexicalIndex, question: str) -> list[object]:
    search = index.search(question)
    found = search.scores
    arrays = (found.words, found.related, found.grams, search.coverage(np.arange(len(TEXTS))))
    return [*(array.tolist() for array in arrays), found.words_possible, found.related_possible, found.grams_possible]


def test_words_asked_before_score_as_words_looked_up_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    languages = ["pl", "pl", "en", "pl", "pl"]
    alone = [scores(LexicalIndex.build(TEXTS, languages), question) for question in QUESTIONS]
    index = LexicalIndex.build(TEXTS, languages)
    assert [scores(index, question) for question in QUESTIONS * 2] == alone * 2
    monkeypatch.setattr(module, "_KNOWN_WORDS", 0)  # forgets between any two questions
    assert [scores(index, question) for question in QUESTIONS * 2] == alone * 2


def test_threads_that_ask_for_the_same_new_words_score_alike() -> None:
    languages = ["pl", "pl", "en", "pl", "pl"]
    alone = [scores(LexicalIndex.build(TEXTS, languages), question) for question in QUESTIONS]
    for _ in range(10):
        index = LexicalIndex.build(TEXTS, languages)
        with ThreadPoolExecutor(4) as pool:
            assert [*pool.map(lambda question, index=index: scores(index, question), QUESTIONS * 8)] == alone * 8


def test_a_ranking_is_judged_only_when_asked_and_once() -> None:
    asked = []
    judged = Judged(np.ones(1, np.float32), np.ones((1, 1), np.float32), np.ones(1, bool), ())

    def judge() -> Judged:
        asked.append(True)
        return judged

    nothing = np.zeros(0, np.float32)
    ranking = Ranking(np.zeros(1, np.int64), nothing, nothing, nothing, judge)
    assert not asked
    assert ranking.relevance is judged.relevance
    assert ranking.named is judged.named
    assert asked == [True]
