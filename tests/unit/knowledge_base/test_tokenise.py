"""Words, codes and languages to keys."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge_base.tokenise import (
    codes,
    detect_language,
    detect_languages,
    fold,
    key_groups,
    split_words,
    word_grams,
    word_keys,
    words,
    words_of,
)
from knowledge_base.tokenise.language import polish_log_odds, trigrams
from knowledge_base.tokenise.stop_words import ENGLISH_ONLY, POLISH_ONLY


@pytest.mark.parametrize(
    "text", ["E18", "e18", "E-18", "e_18", "E 18", "błąd E 18", "blad e 18", "E018", "kod: E 18", "(E18)."]
)
def test_every_spelling_of_a_code_is_one_code(text: str) -> None:
    assert codes(text) == ("E18",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log W-101, potem F-301", ("W101", "F301")),
        ("EF0 albo EA3, SVC1", ("EF0", "EA3", "SVC1")),
        ("część BR-K400-SEAL-01", ("BRK400SEAL01", "K400", "SEAL1")),
        ("RMA/2026/00123", ("RMA202600123",)),
        ("numer seryjny SN12AB34CD", ("SN12AB34CD",)),
        ("BrewOne K400 i AquaSpin W7", ("K400", "W7")),
        ("kod a 3", ("A3",)),
    ],
)
def test_part_numbers_models_and_serials_are_codes(text: str, expected: tuple[str, ...]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "zwrot w 14 dni",
        "o 20 zł",
        "art. 7a ust. 1",
        "i 3 sztuki",
        "230 V 1450 W",
        "fw 2.3.14",
        "a@b1.example",
        "bez cyfr",
    ],
)
def test_amounts_dates_and_provisions_are_no_codes(text: str) -> None:
    assert codes(text) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pralka", "pralkę"),
        ("reklamacja", "reklamacji"),
        ("zwrot", "zwrotów"),
        ("piesek", "pieska"),
        ("odpompowuje", "odpompowywać"),
        ("zalogowałam", "zalogować"),
        ("gwarancyjną", "gwarancyjny"),
        ("ręka", "ręce"),
        ("pralkę", "pralke"),
        ("śruby", "sruby"),
        ("żółtego", "zoltego"),
    ],
)
def test_inflected_and_unaccented_forms_of_a_word_share_a_key(one: str, other: str) -> None:
    assert set(word_keys(one, "pl")) & set(word_keys(other, "pl"))


def test_english_words_meet_by_their_stem() -> None:
    assert word_keys("refunded", "en") == word_keys("refunds", "en") == ("refund",)


def test_stop_words_have_no_keys_but_negation_stays() -> None:
    assert word_keys("czy", "pl") == word_keys("the", "en") == word_grams("sie") == ()
    assert word_keys("nie", "pl")
    assert word_keys("not", "en")


def test_a_word_with_a_digit_is_its_own_key() -> None:
    assert word_keys("k400", "pl") == ("k400",)


def test_a_typo_keeps_most_of_its_grams() -> None:
    right, wrong = set(word_grams("odkamienianie")), set(word_grams("odkamieniane"))
    assert len(right & wrong) / len(right | wrong) > 0.6


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("pralka nie odpompowuje wody", "pl"),
        ("jak zlozyc reklamacje", "pl"),
        ("how long do we have to refund", "en"),
        ("washing machine does not drain", "en"),
        ("E18", "pl"),
    ],
)
def test_the_language_of_a_few_words_is_told(text: str, language: str) -> None:
    assert detect_language(text) == language


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_any_text_can_be_keyed(text: str) -> None:
    for word in split_words(text):
        assert all(isinstance(key, str) for language in ("pl", "en") for key in word_keys(word, language))
    codes(text)


def test_threads_do_not_mix_their_words() -> None:
    # endpoints run in threads; the stemmers and the dictionary keep the word they work on in themselves
    forms = [
        f"{start}{ending}"
        for start in ("pralk", "lodówk", "zmywark", "suszark")
        for ending in ("ami", "om", "ach", "ę")
    ]
    words._known_groups.cache_clear()
    expected = [key_groups(word, "pl") for word in forms]

    def all_keys(_: int) -> list[words.KeyGroups]:
        words._known_groups.cache_clear()
        return [key_groups(word, "pl") for word in forms]

    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(all_keys, range(40)))


def _run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_lemmas_survive_the_import_of_faiss() -> None:
    # morfeusz2 and faiss share SWIG's iterator type: iterating over readings after both are imported ends the process.
    program = """
from knowledge_base.tokenise import word_keys
word_keys("pralka", "pl")
import faiss
print(word_keys("reklamacjami", "pl")[0])
"""
    assert _run(program) == "=reklamacja"


def test_without_morfeusz_the_stem_of_the_folded_word_remains() -> None:
    program = """
import sys
sys.modules["morfeusz2"] = None
from knowledge_base.tokenise import word_keys
print(sorted(set(word_keys("reklamacji", "pl")) & set(word_keys("reklamacja", "pl"))))
"""
    assert _run(program) == "['reklamacj']"


@given(st.text())
def test_a_folded_text_is_its_compatibility_form_without_diacritics(text: str) -> None:
    plain = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(plain))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    assert fold(text) == bare.lower().translate(plain)


# Characters that unfold to letters, and marks that no letter takes, are parts of words only once they are folded.
PLAIN = st.text(st.characters(codec="iso8859-2"))


@given(PLAIN | st.sampled_from(["Żółta pralka nie działa, the pump is loud.", "zwrot", "refund for E18"]))
def test_the_words_of_a_text_tell_its_language_as_its_trigrams_do(text: str) -> None:
    table = json.loads(files("knowledge_base.tokenise").joinpath("language.json").read_text("utf-8"))["log_odds"]
    words = re.findall(r"[^\W\d_]+", text.lower())
    expected = sum(table.get(gram, 0.0) for gram in trigrams(text))
    expected += 2 * sum(char in "ąćęłńśźż" for char in text.lower())
    expected += 2 * sum((word in POLISH_ONLY) - (word in ENGLISH_ONLY) for word in words)
    assert polish_log_odds(text) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | PLAIN))
@example(["how long do we have to refund", "", "pralka nie odpompowuje", "K400 the pump", "Zażo\u0301łć ß m² Ⅻ", "to"])
@example(["the " * 499 + "end pralka nie działa " * 500])
@example([])
def test_languages_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    assert detect_languages(texts) == [*map(detect_language, texts)]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
@example(["Zażo\u0301łć żółw_e-18, ΟΔΟΣ", "", "ΟΔΟΣ\n12 zł…", "①② Ⅻ \U0001d7ce \u0600\u0660", "İSTANBUL ﬁ ß"])
@example([" ", ""])
@example([])
def test_words_of_many_texts_are_those_of_each(texts: list[str]) -> None:
    found = words_of(texts)
    numbers = iter(found.numbers.tolist())
    each = [[found.distinct[next(numbers)] for _ in range(count)] for count in found.counts.tolist()]
    assert each == [split_words(text) for text in texts]
    assert len(set(found.distinct)) == len(found.distinct)
    assert next(numbers, None) is None
