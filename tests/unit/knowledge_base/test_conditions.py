"""What a question demands of an answer, and which passages do not hold it."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from knowledge_base import kernels
from knowledge_base.answer import Condition
from knowledge_base.build import index_passages
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.hybrid.conditions import Conditions
from knowledge_base.passage import Passage
from knowledge_base.tokenise import fold
from tests.fakes.hashing_encoder import HashingEncoder


class Known:
    """An index that has these codes and words."""

    def __init__(self, codes: str = "", words: str = "") -> None:
        self._codes, self._words = codes.split(), words.split()

    def knows_code(self, code: str) -> bool:
        return code in self._codes

    def knows_word(self, word: str) -> bool:
        return word in self._words


def passage(
    text: str, *, language: str = "pl", asked_as: tuple[str, ...] = (), section: tuple[str, ...] = ()
) -> Passage:
    return Passage("A@1#0", "A", "1", "Zasady", section, text, 0, len(text), language=language, asked_as=asked_as)


def missing_in(conditions: Conditions, one: Passage) -> tuple[Condition, ...]:
    [found] = conditions.missing_in([one], index_passages([one], HashingEncoder()).forms)
    return found


def missing(question: str, text: str, known: Known | None = None) -> list[str]:
    return [one.what for one in missing_in(Conditions.of(read_query(question), known or Known()), passage(text))]


def test_a_code_or_model_that_no_passage_has_is_named() -> None:
    known = Known(codes="W7 E18")
    assert missing("pralka W9 pokazuje E18", "Kod E18: pompa", known) == ["W9"]
    assert missing("pralka W7 pokazuje E18", "bez kodu", known) == []


@pytest.mark.parametrize("text", ["RMA/2026/00123 gdzie jest", "numer seryjny AS7118223344", "zamówienie nr 45871"])
def test_numbers_of_cases_devices_and_orders_are_no_condition(text: str) -> None:
    assert missing(text, "Status przesyłki") == []


def test_a_name_within_a_sentence_that_no_passage_has_is_named_and_courtesy_is_not() -> None:
    assert missing("Czy mogę użyć Copilota do tłumaczenia?", "Zasady użycia AI") == ["Copilota"]
    assert missing("czy mogę użyć copilota, proszę Panią o odpowiedź", "Zasady użycia AI") == []
    assert missing("czy bateria VoltRide jest objęta", "Akcja", Known(words="voltride")) == []


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("reklamacja według prawa niemieckiego", "Klient z Niemiec.", "Klient z Polski."),
        ("rights under german law", "Prawo niemieckie stanowi.", "Prawo polskie stanowi."),
        ("zmywarka nie odpompowuje wody", "Bez detergentu i bez zmywarki.", "Pralka nie odpompowuje wody."),
        ("Ile kosztuje diagnoza?", "Diagnoza: od 89,00 zł.", "Diagnoza trwa 5 dni."),
        ("ile kosztuje odesłanie", "Odesłanie jest bezpłatne.", "Odesłanie zamawiamy w 2 dni."),
        ("za ile kupię nową baterię", "Bateria: 1 200 zł", "Wymiana baterii jest bezpłatna."),
        ("jaki jest numer telefonu dyżuru", "Dyżur: 222 66 76 76", "Dyżur pod telefonem z grafiku."),
        ("jaka jest długość węża", "Wąż: 150 cm", "Wąż z AquaStop."),
        ("how loud is it when spinning", "Hałas: 72 dB", "Hałas jest normalny."),
        ("ile litrów zużywa na pranie", "Zużycie: 49 l, 0,9 kWh", "Program 40 °C."),
        ("w jakim terminie odpowiadacie", "W ciągu 14 dni.", "Odpowiadamy e-mailem."),
    ],
)
def test_a_passage_holds_what_is_asked_for_or_lacks_it(question: str, holds: str, lacks: str) -> None:
    assert missing(question, holds) == []
    assert missing(question, lacks) != []


@pytest.mark.parametrize(
    ("question", "gives"),
    [
        ("how long does the battery take to charge", "A full charge takes about four and a half hours."),
        ("ile się czeka na części", "Zwykle trwa to do trzech tygodni."),
        ("ile trwa decyzja", "Bank odpowiada w kwadrans."),
        ("jak długo trzymacie sprzęt", "Po pół roku oddajemy go do magazynu."),
    ],
)
def test_an_amount_is_given_in_words_too(question: str, gives: str) -> None:
    conditions = Conditions.of(read_query(question), Known())
    assert conditions.amounts
    assert missing_in(conditions, passage(gives)) == ()
    assert missing_in(conditions, passage("Nie ma tu o tym mowy.")) != ()


@pytest.mark.parametrize(
    ("question", "section", "gives", "gives_something_else"),
    [
        (
            "ile urządzeń obsłuży router",
            "Router",
            "Obsłuży do 32 urządzeń.",
            "Urządzeń jest wiele.\nZob. punkt 7.2.",
        ),
        (
            "how long does mediation take",
            "Refusal",
            "Mediation takes 30 days.",
            "Mediation is free.\nWrite in 14 days.",
        ),
        ("ile kosztuje diagnoza", "Diagnoza", "Zwykle 89,00 zł.", "Wysyłka: 89 EUR.\nNie ma ceny."),
    ],
)
def test_an_amount_counts_where_its_sentence_speaks_of_what_is_asked(
    question: str, section: str, gives: str, gives_something_else: str
) -> None:
    conditions = Conditions.of(read_query(question), Known())
    language = "en" if question.startswith("how") else "pl"
    assert missing_in(conditions, passage(gives, section=(section,), language=language)) == ()
    assert (missing_in(conditions, passage(gives_something_else, section=(section,), language=language)) == ()) == (
        section == "Diagnoza"  # all that is asked stands in the heading: any price answers
    )


def test_hours_of_the_day_count_anywhere_in_a_section() -> None:
    conditions = Conditions.of(read_query("o której przyjeżdża kurier"), Known())
    assert missing_in(conditions, passage("Okno do wyboru: 9:00–13:00.", section=("Odbiór",))) == ()


@pytest.mark.parametrize("question", ["klient odblokował prędkość w silniku", "ile kilometrów przejadę"])
def test_no_speed_and_no_weight_is_asked_for_by_words_that_begin_alike(question: str) -> None:
    asked = {amount.name for amount in Conditions.of(read_query(question), Known()).amounts}
    assert not asked & {"speed", "weight"}


def test_what_is_missing_is_named_in_the_words_of_the_question_or_its_language() -> None:
    polish = Conditions.of(read_query("ile kosztuje lodówka i jaka jest jej długość"), Known())
    assert missing_in(polish, passage("Pralka")) == (
        Condition("thing", "lodówka"),
        Condition("price", "cena"),
    )
    english = Conditions.of(read_query("how much is a new fridge in the shop"), Known())
    assert missing_in(english, passage("Washer", language="en")) == (
        Condition("thing", "fridge"),
        Condition("price", "a price"),
    )


def test_a_land_is_named_once_as_typed() -> None:
    conditions = Conditions.of(read_query("czy działa to w Czechach"), Known())
    assert missing_in(conditions, passage("W Polsce")) == (Condition("thing", "Czechach"),)


def test_other_words_for_a_passage_count_as_its_own() -> None:
    conditions = Conditions.of(read_query("my fridge is broken, loan one"), Known())
    assert missing_in(conditions, passage("Sprzęt zastępczy", asked_as=("no fridge at home",))) == ()


@pytest.mark.parametrize("compiled", [True, False])
def test_each_passage_is_looked_at_for_each_thing(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "COMPILED", kernels.COMPILED and compiled)
    texts = ("Klient z Niemiec i zmywarki.", "Zmywarka w Polsce", "Klient z Niemiec", "ΟΔΟΣ do Niemiec")
    passages = [*map(passage, texts)]
    forms = index_passages(passages, HashingEncoder()).forms
    found = Conditions.of(read_query("zmywarka w Niemczech"), Known()).missing_in(passages, forms)
    assert [[one.what for one in lacked] for lacked in found] == [[], ["Niemczech"], ["zmywarka"], ["zmywarka"]]


def test_a_letter_makes_no_conditions() -> None:
    letter = " ".join(["Moja lodówka z Niemiec, kod Z99, ile kosztuje?", *(f"słowo{chr(97 + n)}" for n in range(24))])
    assert not Conditions.of(read_query(letter), Known())
    assert not Conditions.of(read_query("pralka nie wiruje"), Known())


def test_every_amount_is_asked_for_and_given_in_patterns_that_folding_leaves_alone() -> None:
    amounts = tomllib.loads(files("knowledge_base.hybrid").joinpath("amounts.toml").read_text("utf-8"))["amount"]
    for amount in amounts:
        assert amount["pl"]
        assert amount["en"]
        for pattern in (*amount["asked"], *amount["given"]):
            re.compile(pattern)
            # Capitals and diacritics never occur in folded text; classes such as \W are written with a capital.
            assert fold(pattern) == re.sub(r"\\[A-Z]", lambda found: found[0].lower(), pattern).lower()


def test_a_near_miss_is_withheld_and_its_nearest_sections_say_what_they_lack(index: KnowledgeIndex) -> None:
    found = index.answer("pralka W9 pokazuje kod E77")
    assert found.hits == index.search("pralka W9 pokazuje kod E77") == ()
    assert 0 < len(found.nearest) <= 3
    assert {one.what for one in found.missing} == {"W9", "E77"}
    assert len(index.answer("pralka W9 pokazuje kod E77", limit=1).nearest) == 1


def test_an_answer_has_no_nearest_sections(index: KnowledgeIndex) -> None:
    found = index.answer("pralka pokazuje E18")
    assert found.hits == index.search("pralka pokazuje E18") != ()
    assert (found.nearest, found.missing) == ((), ())
