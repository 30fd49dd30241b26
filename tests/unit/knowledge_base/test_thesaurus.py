"""The thesaurus: what its file may hold, and what a query finds by it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from knowledge_base.sparse import LexicalIndex
from knowledge_base.tokenise import codes, key_ids, related_keys
from knowledge_base.tokenise.thesaurus import parse_thesaurus

SHIPPED = files("knowledge_base.tokenise").joinpath("thesaurus.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("word", "neighbour"),
    [
        ("kasa", "pieniądze"),
        ("kuriera", "przewoźnik"),
        ("paragonem", "dowód"),
        ("popsuty", "usterka"),
        ("refund", "zwrot"),
    ],
)
def test_colloquial_formal_and_english_words_are_neighbours_in_any_form(word: str, neighbour: str) -> None:
    related = related_keys(word)
    assert {*related.lemmas, *related.stems} & set(*key_ids([neighbour], "pl"))


def test_a_word_without_diacritics_has_the_same_neighbours() -> None:
    assert set(related_keys("pieniadze").stems) & set(*key_ids(["forsa"], "pl"))


def test_codes_and_models_have_no_neighbours() -> None:
    for word in ("e18", "k400", "kc2026"):
        assert not related_keys(word).lemmas
        assert not related_keys(word).stems


def test_a_words_own_keys_are_not_among_its_neighbours() -> None:
    own = {key for language in ("pl", "en") for keys in key_ids(["kasa"], language) for key in keys}
    assert not own & {*related_keys("kasa").lemmas, *related_keys("kasa").stems}


def test_the_shipped_file_holds_sets_of_plain_words_only() -> None:
    sets = parse_thesaurus(SHIPPED)
    assert len(sets) > 100
    assert all(len(words) > 1 for words in sets)
    assert not any(codes(word) or any(char.isdigit() for char in word.replace("b2b", "")) for s in sets for word in s)


def test_a_passage_is_found_by_a_word_that_means_the_same_but_scores_less_than_by_its_own() -> None:
    index = LexicalIndex.build(["termin wypłaty pieniędzy", "termin wypłaty kasy", "zamek drzwi"], ["pl"] * 3)
    scores = index.scores("kasa")
    assert scores.words[0] == scores.words[2] == scores.related[2] == 0
    assert scores.related[0] > 0 < scores.words[1]
