"""Keys of common words from their file, and of others once they were asked for, against dictionary and stemmer."""

from __future__ import annotations

import importlib
import importlib.metadata
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.load import folder_sources
from knowledge_base.sparse import tokenise_texts
from knowledge_base.sparse.key_terms import KnownKeys, keys_of
from knowledge_base.sparse.terms import Vocabulary
from knowledge_base.tokenise import HashedRows, Ragged, key_ids, split_words, term_ids, word_keys
from knowledge_base.tokenise.common_words import COMMON_WORDS, made_with

# the package has a function of this name
key_terms_module = importlib.import_module("knowledge_base.sparse.key_terms")
NONE = HashedRows.of(np.zeros(0, np.uint64), Ragged(np.zeros(0, np.uint64), np.zeros(0, np.intp)))
COMMON = HashedRows.read(COMMON_WORDS, made_with(), np.uint64)


def vocabulary_of(text: str) -> Vocabulary:
    [vocabulary] = tokenise_texts([text], ["pl"]).vocabularies
    return vocabulary


def of_each(rows: Ragged[np.uint64]) -> list[set[int]]:
    return [set(part.tolist()) for part in np.split(rows.values, rows.ends)[:-1]]


def test_the_file_has_the_keys_of_dictionary_and_stemmer(documents: Path) -> None:
    found = vocabulary_of("\n".join(source.load().text for source in folder_sources(documents)))
    places = COMMON.places(found.hashes)
    common = [word for word, place in zip(found.words, places.tolist(), strict=True) if place >= 0]
    assert len(common) > 500
    expected = [set(term_ids(word_keys(word, "pl")).tolist()) for word in common]
    assert of_each(COMMON.take(places[places >= 0])) == expected


@pytest.mark.parametrize("language", ["pl", "en"])
def test_keys_of_few_words_are_those_of_dictionary_and_stemmer_in_order(language: str) -> None:
    words = split_words("Zalogowałam się w E18: pralki, zmywarkopralka ﷺ ² że the I日本 łódź piły refunds")
    expected = [tuple(term_ids(word_keys(word, language)).tolist()) for word in words]
    assert key_ids(words, language) == expected
    assert key_ids([], language) == []


def test_a_word_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def watched(words: list[str], language: str) -> Ragged[np.uint64]:
        asked.extend(words)
        return keys_of(words, language)

    monkeypatch.setattr(key_terms_module, "keys_of", watched)
    known = KnownKeys(COMMON)
    of_first = of_each(known.of(vocabulary_of("pralka i zmywarkopralka")))
    assert asked == ["zmywarkopralka"]  # the others are common
    of_both = of_each(known.of(vocabulary_of("zmywarkopralka oraz zzmywarkopralka")))
    assert asked == ["zmywarkopralka", "zzmywarkopralka"]
    assert of_both[0] == of_first[2] == set(term_ids(word_keys("zmywarkopralka", "pl")).tolist())


def test_of_more_words_than_may_be_kept_none_is_but_all_have_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_terms_module, "_CACHED_WORDS", 2)
    known = KnownKeys(NONE)
    for text in ("filtr pompy", "filtr pompy wody", "drzwi", "pompy drzwi zamek"):
        vocabulary = vocabulary_of(text)
        assert of_each(known.of(vocabulary)) == of_each(keys_of(vocabulary.words, "pl"))


def test_keys_made_with_another_dictionary_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda package: "1.99.99")
    assert not len(HashedRows.read(COMMON_WORDS, made_with(), np.uint64))
