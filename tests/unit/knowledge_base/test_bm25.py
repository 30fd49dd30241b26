"""BM25 built in arrays against bm25s's own index and against the formula."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.passage import FloatArray
from knowledge_base.sparse import Bm25Index, LexicalIndex, column_groups, count_terms, tokenise_texts
from knowledge_base.sparse.column_groups import Bm25Scores
from knowledge_base.sparse.key_terms import key_terms
from knowledge_base.sparse.postings import held_by
from knowledge_base.sparse.terms import gram_terms
from knowledge_base.tokenise import PackedIds, QueryWord, Ragged, split_words, term_ids, word_grams, word_keys

TEXTS = [
    "pompa odpływu pompa filtr",
    "filtr wody",
    "",
    "drzwi zamek drzwi drzwi uszczelka pompa",
    "filtr wody",
]


def words_themselves(words: Sequence[str]) -> Ragged[np.uint64]:
    return Ragged(term_ids(words), np.ones(len(words), np.intp))


def words_index(texts: list[str], k1: float = 1.2, b: float = 0.5) -> Bm25Index:
    tokenised = tokenise_texts(texts, ["pl"] * len(texts))
    words = [word for vocabulary in tokenised.vocabularies for word in vocabulary.words]
    return Bm25Index.build(count_terms(tokenised, words_themselves(words)), k1=k1, b=b)


def own(index: Bm25Index, *groups: tuple[str, ...]) -> FloatArray:
    """Scores by the query's own words."""
    return scores_of(index, *map(group_of, groups)).own


def group_of(terms: Sequence[str], related: Sequence[str] = ()) -> QueryWord:
    """A word of one group."""
    return QueryWord.of((term_ids(terms).tolist(), term_ids(related).tolist()), ((), ()))


def scores_of(index: Bm25Index, *words: QueryWord) -> Bm25Scores:
    return index.scores(words, [1.0] * len(words))


def columns_of(index: Bm25Index, terms: list[str]) -> list[int]:
    return [column for column in index.find(terms) if column >= 0]


def packed(*terms: str) -> list[PackedIds]:
    """What words of one term each are looked up by."""
    return [term_ids([term]).tobytes() for term in terms]


def term_id(term: str) -> int:
    """One letter after another, in integers of any size."""
    number = 1
    for char in term:
        number = (number * 0xD1342543DE82EF95 + ord(char)) % 2**64
    return number


def test_scores_equal_those_of_bm25s_itself() -> None:
    rng = np.random.default_rng(3)
    vocabulary = [f"slowo{n}" for n in range(60)]
    # more texts than one counting block holds
    texts = [" ".join(rng.choice(vocabulary, rng.integers(0, 25))) for _ in range(5000)]
    theirs = bm25s.BM25(method="lucene", k1=1.2, b=0.5, backend="numpy")
    theirs.index([split_words(text) for text in texts], show_progress=False)
    ours = words_index(texts)
    for query in (["slowo1"], ["slowo2", "slowo59", "slowo7"]):
        assert own(ours, *((word,) for word in query)) == pytest.approx(theirs.get_scores(query), abs=1e-5)


def test_a_score_follows_the_formula() -> None:
    # „pompa”: in 2 of 5 texts, twice in the first; lengths 4, 2, 0, 6, 2 with mean 2.8
    idf = math.log(1 + (5 - 2 + 0.5) / (2 + 0.5))
    expected = idf * 2 / (2 + 1.2 * (0.5 + 0.5 * 4 / 2.8))
    assert own(words_index(TEXTS), ("pompa",))[0] == pytest.approx(expected, rel=1e-6)


def test_unknown_words_and_no_words_score_zero() -> None:
    index = words_index(TEXTS)
    assert not own(index, ("nieznane",)).any()
    assert not own(index).any()


def test_a_group_counts_with_its_best_term_only() -> None:
    index = words_index(TEXTS)
    together = own(index, ("pompa", "filtr"))
    assert together == pytest.approx(np.maximum(own(index, ("pompa",)), own(index, ("filtr",))))


def test_equal_texts_score_equally() -> None:
    scores = own(words_index(TEXTS), ("filtr",), ("wody",))
    assert scores[1] == scores[4] > 0


def test_no_text_scores_more_than_is_possible() -> None:
    index = words_index([" ".join(["pompa"] * 500), "filtr"])
    scores = scores_of(index, group_of(["pompa"]))
    assert 0 < scores.own[0] <= scores.own_possible


def test_a_saved_index_scores_the_same_and_holds_no_pickle(tmp_path: Path) -> None:
    index = LexicalIndex.build(TEXTS, ["pl"] * len(TEXTS))
    index.save(tmp_path)
    again = LexicalIndex.open(tmp_path)
    for query in ("pompa odpływu", "zamki drzwi", "nieznane"):
        before, after = index.scores(query), again.scores(query)
        assert np.array_equal(before.words, after.words)
        assert np.array_equal(before.grams, after.grams)
        assert before.words_possible == after.words_possible
    for path in tmp_path.rglob("*.npy"):
        np.load(path, allow_pickle=False)


def test_an_empty_index_can_be_asked() -> None:
    assert LexicalIndex.build([], []).scores("pompa").words.shape == (0,)


def test_a_word_with_several_keys_between_others_counts_once_with_its_best() -> None:
    index = words_index(TEXTS)
    groups = [("filtr",), ("pompa", "wody"), ("wody",)]
    expected = sum(np.maximum.reduce([own(index, (term,)) for term in group]).astype(np.float64) for group in groups)
    assert own(index, *groups) == pytest.approx(expected, rel=1e-6)


def test_a_related_word_counts_where_it_scores_more_than_the_word_itself() -> None:
    index = words_index(TEXTS)
    scores = scores_of(index, group_of(["pompa"], ["zamek"]))
    assert scores.own == pytest.approx(own(index, ("pompa",)))
    assert scores.related == pytest.approx(np.maximum(own(index, ("pompa",)), own(index, ("zamek",))))
    assert scores.related_possible == scores.own_possible


def test_a_word_that_no_text_has_is_found_by_its_neighbours() -> None:
    scores = scores_of(words_index(TEXTS), group_of(["klamka"], ["zamek"]))
    assert not scores.own.any()
    assert scores.related[3] > 0 < scores.related_possible
    assert scores.own_possible == 0


def held(index: Bm25Index, columns: list[int], ids: NDArray[np.int64]) -> list[list[float]]:
    """Which of some texts hold which terms, a row for each."""
    return held_by([index.postings(columns)], ids, index.n_texts).tolist()


def test_tells_which_texts_hold_which_words() -> None:
    texts = ["pompa filtr", "filtr", "pompa", "woda"]
    index = words_index(texts)
    ids = np.array([3, 0, 2])
    columns = columns_of(index, ["pompa", "filtr"])
    expected = [[word in texts[number].split() for number in ids] for word in ("pompa", "filtr")]
    assert held(index, columns, ids) == expected
    apart = [index.postings([column]) for column in columns]
    assert held_by(apart, ids, index.n_texts).tolist() == expected
    assert held_by([index.postings([])], ids, index.n_texts).shape == (0, 3)


def test_every_text_and_term_of_a_large_index_is_told_as_by_reading_the_text() -> None:
    random = np.random.default_rng(3)
    words = [f"słowo{number}" for number in range(40)]
    # the first word stands in nearly every text, the last in next to none
    texts = [" ".join(word for rank, word in enumerate(words) if random.random() < 1 / (rank + 1)) for _ in range(300)]
    index, ids = words_index(texts), random.permutation(300)[:37]
    columns = columns_of(index, words)
    rows = iter(held(index, columns, ids))
    for word in words:
        if any(word in text.split() for text in texts):
            assert next(rows) == [word in texts[number].split() for number in ids]
    assert held(index, columns, ids[:0]) == [[]] * len(columns)


def test_single_terms_are_summed_as_groups_of_one_are() -> None:
    index = words_index(TEXTS)
    terms = ["pompa", "filtr", "nieznane", "zamek"]
    grouped = scores_of(index, *(group_of([term]) for term in terms))
    summed = index.sums(packed(*terms), [1.0] * 4)
    assert summed.own == pytest.approx(grouped.own)
    assert summed.own_possible == pytest.approx(grouped.own_possible)
    assert not index.sums([], []).own.any()
    assert columns_of(words_index([]), terms) == []


def test_what_weighs_twice_scores_twice_and_groups_are_scored_alike_in_any_number_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = words_index(TEXTS)
    groups = [group_of(["pompa", "wody"], ["zamek"]), group_of(["filtr"]), group_of(["nic"], ["drzwi"])]
    weights = [2.0, 1.0, 0.5]
    alone = [scores_of(index, group) for group in groups]
    found = index.scores(groups, weights)
    for part in ("own", "related", "own_possible", "related_possible"):
        expected = sum(weight * getattr(scores, part) for weight, scores in zip(weights, alone, strict=True))
        assert getattr(found, part) == pytest.approx(expected)
    monkeypatch.setattr(kernels, "COMPILED", False)
    monkeypatch.setattr(column_groups, "_CELLS", 1)
    again = index.scores(groups, weights)
    assert again.own == pytest.approx(found.own)
    assert again.related == pytest.approx(found.related)
    terms = ["pompa", "filtr"]
    summed = index.sums(packed(*terms), [2.0, 0.5])
    assert summed.own == pytest.approx(2 * own(index, ("pompa",)) + 0.5 * own(index, ("filtr",)))


@pytest.mark.parametrize("compiled", [kernels.COMPILED, False])
def test_a_group_of_several_words_counts_once_with_the_heaviest(
    compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "COMPILED", compiled)
    index = words_index(TEXTS)
    pump, door = group_of(["pompa", "nic"], ["filtr"]), group_of(["drzwi"], ["zamek"])
    other = group_of(["pompa", "nic"])  # the same terms with other neighbours are another group
    found = index.scores([pump, door, pump, other, door], [1.0, 2.0, 3.0, 1.0, 0.5])
    expected = index.scores([pump, door, other], [3.0, 2.0, 1.0])
    assert found.own.tolist() == expected.own.tolist()
    assert found.related.tolist() == expected.related.tolist()
    assert (found.own_possible, found.related_possible) == (expected.own_possible, expected.related_possible)


def test_a_term_of_several_words_counts_once_with_the_heaviest() -> None:
    index = words_index(TEXTS)
    pompa, filtr = packed("pompa", "filtr")
    found = index.sums([pompa, b"", filtr + pompa, filtr], [1.0, 9.0, 2.0, 0.5])
    expected = index.sums([filtr, pompa], [2.0, 2.0])
    assert found.own == pytest.approx(expected.own)
    assert found.own_possible == pytest.approx(expected.own_possible)


def test_a_word_is_covered_by_its_key_else_by_the_share_of_its_grams() -> None:
    index = LexicalIndex.build(["pompy", "zamki drzwi", "drzwi", ""], ["pl"] * 4)
    # „pompa” has a key in the first text; „zamkniete” has none in any, but 4-grams in the second
    grams = {word: set(word_grams(word)) for word in ("pompa", "zamkniete", "zamki")}
    share = len(grams["zamkniete"] & grams["zamki"]) / len(grams["zamkniete"])
    assert 0 < share < 1
    alone = index.search("zamkniete").coverage(np.arange(4))
    assert alone == pytest.approx([0, share, 0, 0])
    both = index.search("pompa zamkniete").coverage(np.arange(4))
    assert both[0] > 0 < both[1]
    assert both[2] == both[3] == 0
    assert index.search("pompa").coverage(np.arange(4)) == pytest.approx([1, 0, 0, 0])
    assert not index.search("").coverage(np.arange(4)).any()
    assert index.search("pompa").coverage(np.arange(0)).shape == (0,)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12)))
@example(["", "łódź", "mama", "𐐷a", "a" * 90])
def test_ids_of_many_terms_are_those_of_each(terms: list[str]) -> None:
    assert term_ids(terms).tolist() == [term_id(term) for term in terms]


@given(st.lists(st.sampled_from(["pl", "en"])), st.text())
@example(["pl", "en"], "Zalogowałam się w E18, mamamama ﷺ ² że the I日本 łódź")
def test_terms_of_many_words_are_those_of_each(languages: list[str], text: str) -> None:
    vocabularies = [
        of_language for language in languages for of_language in tokenise_texts([text], [language]).vocabularies
    ]
    words = [(vocabulary.language, word) for vocabulary in vocabularies for word in vocabulary.words]
    assert [word for _, word in words] == [*dict.fromkeys(split_words(text))] * len(languages)
    for found, of_word in (
        (key_terms(vocabularies), [word_keys(word, language) for language, word in words]),
        (gram_terms([word for _, word in words]), [word_grams(word) for _, word in words]),
    ):
        parts = np.split(found.values, found.ends[:-1]) if words else []
        assert [set(part.tolist()) for part in parts] == [{*map(term_id, terms)} for terms in of_word]


def test_counted_terms_are_those_of_a_loop_over_all_texts() -> None:
    texts = ["Mama mamamama, że filtr pompy", "", "filtr filtrów filtr", "E18 e18 mamamama"]
    tokenised = tokenise_texts(texts, ["pl"] * len(texts))
    [vocabulary] = tokenised.vocabularies
    for terms, analyse in (
        (key_terms([vocabulary]), lambda word: word_keys(word, "pl")),
        (gram_terms(vocabulary.words), word_grams),
    ):
        counted = count_terms(tokenised, terms)
        expected: dict[tuple[int, int], int] = Counter(
            (term_id(term), number)
            for number, text in enumerate(texts)
            for w in split_words(text)
            for term in analyse(w)
        )
        found = {
            (int(counted.terms[column]), int(counted.texts[place])): int(counted.counts[place])
            for column in range(len(counted.terms))
            for place in range(counted.indptr[column], counted.indptr[column + 1])
        }
        assert found == dict(expected)
        assert (np.diff(counted.terms.astype(object)) > 0).all()
        assert counted.lengths.tolist() == [
            sum(count for (_, number), count in expected.items() if number == text) for text in range(len(texts))
        ]


def test_a_name_outweighs_a_common_word_that_stands_in_as_few_texts() -> None:
    index = LexicalIndex.build(["Kiedis w szpitalu", "zażywał leki", "filtr"], ["pl"] * 3)
    named, plain = index.scores("Czy Kiedis brał leki?"), index.scores("czy kiedis brał leki?")
    assert named.words[0] > named.words[1] > 0
    assert named.words[0] / named.words[1] > plain.words[0] / plain.words[1]
    assert named.grams[0] / named.grams[1] > plain.grams[0] / plain.grams[1]
