"""What people ruled on questions holds in the index: for the same question, the same text, and for nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.answer import SearchFilters
from knowledge_base.build import build_index
from knowledge_base.hybrid import KnowledgeIndex, read_query, same_question
from knowledge_base.passage import Audience, BuildReport, Passage
from knowledge_base.rulings import Ruling, RulingKind, content_key
from knowledge_base.store import open_index
from tests.fakes.hashing_encoder import HashingEncoder
from tests.unit.knowledge_base.test_store_and_build import CountingEncoder, write

ANSWERS, MISSES, NOWHERE = RulingKind.ANSWERS, RulingKind.MISSES, RulingKind.NOWHERE
REFUND = "kiedy oddacie kasę za odesłany towar"
LABEL = "\n\n## Etykieta\n\nEtykietę zwrotną wysyłamy e-mailem w ciągu jednego dnia."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "docs"
    write(
        found,
        "A",
        "## Zwrot\n\nPrzelew wychodzi w 14 dni od odstąpienia." + LABEL,
        audience="customer",
        title="Regulamin",
    )
    write(
        found,
        "B",
        "## Pompa\n\nBłąd E18 oznacza brak odpływu wody.\n\n## Filtr\n\nFiltr pompy czyścimy co miesiąc.",
        title="Pralka",
    )
    return found


def build(folder: Path, *rulings: Ruling, encoder: HashingEncoder | None = None) -> BuildReport:
    return build_index(folder, folder.parent / "index", encoder or HashingEncoder(), rulings=rulings)


def opened(folder: Path, *rulings: Ruling) -> KnowledgeIndex:
    build(folder, *rulings)
    return open_index(folder.parent / "index", HashingEncoder(), today=lambda: date(2026, 11, 20))


def passage(index: KnowledgeIndex, heading: str) -> Passage:
    return next(one for one in index.parts.passages if one.section[-1] == heading)


def ruling(kind: RulingKind, question: str, *passages: Passage) -> Ruling:
    return Ruling(f"r-{kind}", kind, question, tuple(content_key(one) for one in passages))


def found(index: KnowledgeIndex, question: str, filters: SearchFilters | None = None) -> list[str]:
    return [hit.passage.section[-1] for hit in index.search(question, filters or SearchFilters())]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("kiedy oddacie kasę za zwrócony towar", "kiedy oddacie kase za zwrocony towar?", True),
        ("kto odpowiada na reklamację", "na reklamację kto odpowiada", True),
        ("kto odpowiada na reklamację", "kiedy odpowiada na reklamację", False),
        ("zwrot z paragonem", "zwrot bez paragonu", False),
        ("pralka pokazuje E18", "pralka pokazuje E10", False),
        ("zwrot w 14 dni", "zwrot w 30 dni", False),
        ("ile trwa naprawa pralki", "ile trwa naprawa ekspresu", False),
        ("do we refund after withdrawal", "do we refund after a withdrawal, please", True),
        ("", "zwrot", False),
    ],
)
def test_two_questions_are_the_same_only_in_nearly_the_same_words(one: str, other: str, same: bool) -> None:
    assert same_question(read_query(one or "czy"), read_query(other)) is same


def test_a_question_that_people_found_answered_leads_to_that_passage(folder: Path) -> None:
    before = opened(folder)
    label, pump = passage(before, "Zwrot"), passage(before, "Pompa")
    assert found(before, REFUND) == []
    after = opened(folder, ruling(ANSWERS, REFUND, label))
    assert found(after, REFUND.upper())[0] == "Zwrot"
    assert passage(after, "Zwrot").taught == (REFUND,)
    assert passage(after, "Pompa") == pump


def test_a_slip_of_the_fingers_asks_the_same(folder: Path) -> None:
    before = opened(folder)
    question = "przelew wychodzi odstąpienia dni"
    gap = ruling(NOWHERE, question, *before.parts.passages)
    after = opened(folder, gap)
    for slip in ("przelwe", "przeelew", "przlew"):
        assert found(before, f"{slip} wychodzi odstąpienia dni")
        assert found(after, f"{slip} wychodzi odstąpienia dni") == []
    assert found(after, "przelot wychodzi odstąpienia dni")


def test_a_word_that_passages_have_is_no_slip_for_another() -> None:
    ruled, asked = read_query("gdzie jest dostawa mebli"), read_query("gdzie jest dostawca mebli")
    assert not same_question(ruled, asked)
    assert not same_question(ruled, asked, knows=lambda word: True)
    assert same_question(ruled, read_query("gdzie jest dosatwa mebli"), knows=lambda word: False)


def test_where_the_owner_named_a_section_a_ruling_decides_the_same_question_alone(folder: Path) -> None:
    write(folder, "D", "## Gaz\n\nButlę przykręca monter.", title="Kuchenka", asked_as="{Gaz: podłączenie butli}")
    before = opened(folder)
    after = opened(folder, ruling(ANSWERS, REFUND, passage(before, "Gaz")))
    assert found(after, REFUND)[0] == "Gaz"
    assert passage(after, "Gaz").taught == ()
    assert passage(after, "Gaz").asked_as == ("podłączenie butli",)


def test_only_the_passage_that_was_taught_is_embedded_again_and_untaught_once_more(folder: Path) -> None:
    plain = opened(folder)
    taught = ruling(ANSWERS, REFUND, passage(plain, "Zwrot"))
    encoder = CountingEncoder()
    assert build(folder, taught, encoder=encoder).embedded == 1
    assert REFUND in encoder.texts
    assert not any("E18" in text for text in encoder.texts)
    assert build(folder, taught).embedded == 0
    assert build(folder).embedded == 1
    again = open_index(folder.parent / "index", HashingEncoder())
    assert list(again.parts.passages) == list(plain.parts.passages)
    for question in (REFUND, "błąd E18", "etykieta"):
        mine, theirs = again.rank(read_query(question)), plain.rank(read_query(question))
        np.testing.assert_allclose(mine.evidence, theirs.evidence, atol=1e-6)


def test_a_passage_that_people_found_unhelpful_is_not_shown_to_the_same_question(folder: Path) -> None:
    question = "filtr pompy czyścimy kiedy"
    before = opened(folder)
    assert "Filtr" in found(before, question)
    after = opened(folder, ruling(MISSES, question, passage(before, "Filtr")))
    assert "Filtr" not in found(after, "kiedy czyścimy filtr pompy?")
    assert "Filtr" in found(after, "gdzie czyścimy filtr pompy")


def test_what_is_answered_nowhere_finds_nothing_and_says_so_until_there_is_new_text(folder: Path) -> None:
    question = "filtr pompy czyścimy kiedy"
    before = opened(folder)
    ruled = ruling(NOWHERE, question, *before.parts.passages)
    answer = opened(folder, ruled).answer("kiedy czyścimy filtr pompy")
    assert answer.hits == ()
    assert (answer.missing[0].kind, answer.missing[0].what) == ("nowhere", question)
    write(folder, "C", "## Kiedy czyścimy filtr pompy\n\nFiltr pompy czyścimy po każdym praniu.", title="Uwagi")
    assert found(opened(folder, ruled), question) == ["Kiedy czyścimy filtr pompy"]


def test_a_new_version_keeps_what_was_taught_where_its_text_is_the_same(folder: Path) -> None:
    before = opened(folder)
    kept = ruling(ANSWERS, "jak dostanę naklejkę na paczkę", passage(before, "Etykieta"))
    lost = Ruling("r-lost", ANSWERS, REFUND, (content_key(passage(before, "Zwrot")),))
    write(
        folder, "A", "## Zwrot\n\nPrzelew wychodzi w 7 dni." + LABEL, version="2", supersedes="A@1", title="Regulamin"
    )
    (folder / "A-1.md").unlink()
    after = opened(folder, kept, lost)
    assert passage(after, "Etykieta").taught == (kept.question,)
    assert passage(after, "Zwrot").taught == ()
    assert after.parts.rulings.ids == {kept.id}


def test_a_customer_is_shown_nothing_internal_by_what_was_taught(folder: Path) -> None:
    before = opened(folder)
    taught = opened(folder, ruling(ANSWERS, REFUND, passage(before, "Pompa")))
    assert found(taught, REFUND)[0] == "Pompa"
    assert "Pompa" not in found(taught, REFUND, SearchFilters(audience=Audience.CUSTOMER))


def test_an_answer_found_since_goes_before_a_gap(folder: Path) -> None:
    before = opened(folder)
    gap = ruling(NOWHERE, REFUND, *before.parts.passages)
    assert found(opened(folder, gap, ruling(ANSWERS, REFUND, passage(before, "Zwrot"))), REFUND)[0] == "Zwrot"


@pytest.mark.parametrize(("taught", "named"), [(1, False), (2, False), (3, True)])
def test_few_taught_questions_do_not_raise_the_floor_of_others(folder: Path, taught: int, named: bool) -> None:
    """Weights for passages with other words are fitted where all have a dozen: one question is no such name."""
    before = opened(folder)
    key = content_key(passage(before, "Zwrot"))
    after = opened(folder, *(Ruling(f"r{n}", ANSWERS, f"{REFUND} {n}", (key,)) for n in range(taught)))
    ranking = after.rank(read_query("zwrot"))
    assert ranking.named.tolist() == [
        named and after.parts.passages[number].section[-1] == "Zwrot" for number in ranking.ids.tolist()
    ]
