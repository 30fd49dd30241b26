"""Stems that translate each other: the shipped file, what a query finds by it, and how it is learnt."""

from __future__ import annotations

import pytest

from knowledge_base.sparse import LexicalIndex
from knowledge_base.tokenise import word_keys
from knowledge_base.tokenise.translations import all_translations
from training.learn_translations import LEAST_PAIRS, LIKELIEST, Side, translations


def stem(word: str, language: str) -> str:
    return word_keys(word, language)[-1]


@pytest.mark.parametrize(
    ("english", "polish"), [("leaks", "wyciek"), ("warranty", "gwarancja"), ("invoices", "faktura"), ("pump", "pompa")]
)
def test_the_shipped_stems_translate_each_other_both_ways(english: str, polish: str) -> None:
    assert stem(polish, "pl") in all_translations()[stem(english, "en")]
    assert stem(english, "en") in all_translations()[stem(polish, "pl")]
    assert "nieznane" not in all_translations()


def test_an_english_question_finds_a_polish_section_by_translated_words() -> None:
    index = LexicalIndex.build(["wyciek spod pompy", "zamek drzwi"], ["pl", "pl"])
    scores = index.scores("pump leak")
    assert not scores.words.any()
    assert scores.related[0] > scores.related[1] == 0
    assert 0 < scores.related[0] <= scores.related_possible


def learnt(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    return translations(Side.of([en for en, _ in pairs], "en"), Side.of([pl for _, pl in pairs], "pl"))


def test_words_that_always_stand_in_each_others_sentences_are_learnt_as_translations() -> None:
    english, polish = ("red", "blue", "green"), ("czerwony", "niebieski", "zielony")
    things = {"house": "dom", "car": "wóz", "door": "drzwi"}
    pairs = [
        (f"{colour} {thing}", f"{barwa} {things[thing]}")
        for colour, barwa in zip(english, polish, strict=True)
        for thing in things
    ]
    expected = dict(zip(english, polish, strict=True)) | things
    assert learnt(pairs) == {stem(en, "en"): [stem(pl, "pl")] for en, pl in expected.items()}


def test_pairs_seen_too_rarely_words_with_digits_and_stop_words_are_no_translations() -> None:
    seen = int(LEAST_PAIRS)
    assert learnt([("pump", "pompa")] * (seen - 1)) == {}
    assert learnt([("pump E18", "pompa E18")] * seen + [("the", "ten")] * seen) == {"pump": ["pomp"]}


def test_a_stem_has_only_its_likeliest_translations() -> None:
    forms = [f"{letter}rowik" for letter in "bcdfghkm"]
    pairs = [("word", form) for number, form in enumerate(forms) for _ in range(20 + number)]
    found = learnt(pairs)["word"]
    assert len(found) <= LIKELIEST
    assert found[0] == stem(forms[-1], "pl")
