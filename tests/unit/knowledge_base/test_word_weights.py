"""What the words of a query weigh before anything is known of the documents."""

from __future__ import annotations

from collections import Counter

import pytest

from knowledge_base.tokenise import word_weights
from knowledge_base.tokenise.asking import asking_sentences
from training.count_words import LEAST, count_stems, lines_of


def test_a_word_of_twice_as_many_sentences_weighs_a_fifteenth_less() -> None:
    weights = word_weights("nie zażywał")  # in about 2 ** 15 sentences, in none
    assert weights["nie"] == pytest.approx(2 ** (-0.1 * 15))
    assert weights["zażywał"] == 1


def test_forms_of_a_word_weigh_the_same_in_either_spelling() -> None:
    weights = word_weights("urządzenie urządzenia urzadzenia")
    assert len(weights) == 3
    assert len(set(weights.values())) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Czy Kiedis zażywał leki?", {"kiedis"}),
        ("Zażywał leki", set()),
        ("Zażywał leki. Odmówił", set()),
        ("utwór „Kiedis” zespołu", {"kiedis"}),
        ("is an eIF4E inhibitor", {"eif4e"}),  # a digit tells, wherever the capital stands
        ("czy kiedis zażywał", set()),
    ],
)
def test_a_capital_within_a_sentence_or_a_digit_makes_a_name(text: str, names: set[str]) -> None:
    plain = word_weights(text.lower())
    digits = {word for word in plain if not word.isalpha()}
    assert {word for word, weight in word_weights(text).items() if weight > plain[word]} | digits == names
    assert all(plain[word] == pytest.approx(1.65) for word in digits)


def test_whom_a_letter_speaks_to_is_no_name_and_weighs_as_the_commonest_word() -> None:
    weights = word_weights("Wysłałem Państwu Kiedisa, czy przyjedzie Pani kurier?")
    assert weights["państwu"] == weights["pani"] == word_weights("nie")["nie"]
    assert weights["kiedisa"] > weights["kurier"] > weights["pani"]


def test_a_text_all_in_capitals_has_no_names() -> None:
    assert word_weights("ZWROT RATAFII, E-18!") == word_weights("zwrot ratafii, e-18!")


def test_stop_words_have_no_weight() -> None:
    assert list(word_weights("Czy to jest the filtr?")) == ["filtr"]
    assert word_weights("") == {}


def test_sentences_are_counted_once_for_a_stem_and_in_the_language_where_there_are_more() -> None:
    sentences = [("filtr i filtry", "pl"), ("filtry", "pl"), ("filtr", "en"), ("the 2 pumps", "en"), ("pump", "en")]
    counts = count_stems(sentences)
    assert counts["pump"] == 2
    assert counts["filtr"] == 2  # both forms of the first sentence once
    assert "2" not in counts
    assert "the" not in counts


def test_the_file_leaves_rare_words_out_and_rounds_the_rest_to_powers_of_two() -> None:
    counts = Counter({"nie": 1000, "pump": 9, "filtr": 7, "rzadki": LEAST - 1})
    assert lines_of(counts) == ["3 filtr pump", "10 nie"]


def test_a_name_written_twice_weighs_as_one_written_once() -> None:
    assert word_weights("czy Kiedis zna Kiedis") == word_weights("czy Kiedis zna kiedis")


def test_words_of_the_story_in_a_letter_weigh_half_of_those_of_its_question_but_codes_as_much() -> None:
    story = "Kupiłam u państwa pralkę i żona sąsiada widziała, jak kurier rzucił karton na schody, a dziś jest E18."
    question = "Kto zapłaci za demontaż zabudowy?"
    plain = {**word_weights(story), **word_weights(question)}
    weights = word_weights(f"{story} {question}")
    assert weights["sąsiada"] == plain["sąsiada"] / 2
    assert {word: weights[word] for word in ("demontaż", "zabudowy", "e18")} == {
        word: plain[word] for word in ("demontaż", "zabudowy", "e18")
    }


@pytest.mark.parametrize(
    ("letter", "asks"),
    [
        ("Pralka stoi. No i do kiedy mam czekać, nikt nie pisze.", "No i do kiedy mam czekać, nikt nie pisze."),
        ("Ekspres cieknie. Nie wiem, czy mogę go włączyć.", "Nie wiem, czy mogę go włączyć."),
        ("The washer is loud. I wonder if the bolts are still in.", "I wonder if the bolts are still in."),
        ("Pralka stoi\nkto ją odbierze", "kto ją odbierze"),
    ],
)
def test_sentences_that_ask_are_known_by_their_form(letter: str, asks: str) -> None:
    assert asking_sentences(letter) == [asks]


def test_in_a_letter_that_asks_nothing_all_words_weigh_the_same() -> None:
    letter = (
        "Oddaję pralkę, żona widziała kuriera na schodach. Sąsiad pomagał nieść karton, brat odkręcał nogi, synowa "
        "trzymała drzwi, teściowa filmowała."
    )
    assert word_weights(letter)["synowa"] == word_weights("synowa")["synowa"]


def test_a_sentence_holds_a_question_where_somebody_wonders_before_what_is_wondered() -> None:
    assert asking_sentences("The kettle leaks. I would like to know by which day it comes back.") == [
        "I would like to know by which day it comes back."
    ]
    assert asking_sentences("It broke where I stood, and you know it.") == []
    assert asking_sentences("I " + "know " * 5000) == []
