"""Passages of small made documents and of the sample company's real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

import knowledge_base
from knowledge_base.chunk import MAX_WORDS, split_document
from knowledge_base.load import find_files, load_document
from knowledge_base.passage import Audience, Passage


def passages_of(tmp_path: Path, body: str, front: str = "id: D\ntitle: Pralka\naudience: customer\n") -> list[Passage]:
    path = tmp_path / "d.md"
    path.write_text(f"---\n{front}---\n{body}", encoding="utf-8")
    return split_document(load_document(path))


def test_each_row_of_a_code_table_is_a_passage_with_the_header_before_it(tmp_path: Path) -> None:
    body = (
        "# Pralka\n\n## Kody\n\nWstęp.\n\n| Kod | Co zrobić |\n|---|---|\n| `E10` | zawór |\n| E18 | filtr |\n\nKoniec."
    )
    passages = passages_of(tmp_path, body)
    rows = [p for p in passages if p.prefix]
    assert [p.text for p in rows] == ["| Kod | Co zrobić |\n| `E10` | zawór |", "| Kod | Co zrobić |\n| E18 | filtr |"]
    assert {p.section for p in passages} == {("Kody",)}
    assert [p.text for p in passages if not p.prefix] == ["Wstęp.", "Koniec."]


def test_other_tables_stay_whole_and_a_cut_one_repeats_its_header(tmp_path: Path) -> None:
    small = passages_of(tmp_path, "## A\n\n| Kanał | Termin |\n|---|---|\n| poczta | 14 dni |\n| e-mail | dziś |\n")
    assert len(small) == 1
    long_row = "| " + "słowo " * 60 + "| x |\n"
    cut = passages_of(tmp_path, "## A\n\n| Kanał | Termin |\n|---|---|\n" + long_row * 8)
    assert len(cut) > 1
    assert all("| Kanał | Termin |" in p.text for p in cut)


def test_no_passage_crosses_a_heading_of_another_topic(tmp_path: Path) -> None:
    passages = passages_of(tmp_path, "## Zwrot\n\nKrótko o zwrocie.\n\n## Naprawa\n\nKrótko o naprawie.\n")
    assert [(p.section, p.text) for p in passages] == [
        (("Zwrot",), "Krótko o zwrocie."),
        (("Naprawa",), "Krótko o naprawie."),
    ]


def test_a_short_introduction_joins_its_first_subsection(tmp_path: Path) -> None:
    body = "## Reset\n\nSą dwa sposoby.\n\n### Z panelu\n\nPrzytrzymać START.\n\n### Z gniazdka\n\nWyjąć wtyczkę.\n"
    passages = passages_of(tmp_path, body)
    assert [p.section for p in passages] == [("Reset", "Z panelu"), ("Reset", "Z gniazdka")]
    assert passages[0].text.startswith("Są dwa sposoby.")


def test_an_internal_mark_holds_for_the_section_and_those_below_it_only(tmp_path: Path) -> None:
    body = "## A\n\nx\n\n## B\n<!-- audience: internal -->\n\n### B1\n\nz\n\n## C\n\nv\n"
    audiences = {p.text: p.audience for p in passages_of(tmp_path, body)}
    assert audiences == {"x": Audience.CUSTOMER, "z": Audience.INTERNAL, "v": Audience.CUSTOMER}


def test_an_unknown_audience_word_closes_the_section(tmp_path: Path) -> None:
    (passage,) = passages_of(tmp_path, "## A\n<!-- audience: everybody -->\n\nx\n")
    assert passage.audience is Audience.INTERNAL


def test_a_long_paragraph_is_cut_at_the_end_of_a_sentence(tmp_path: Path) -> None:
    sentence = "To jest zdanie o pralce które ma dziesięć słów razem. "
    passages = passages_of(tmp_path, "## A\n\n" + sentence * 60)
    assert len(passages) == 3
    assert all(p.text.endswith("razem.") for p in passages)
    assert sum(len(p.text.split()) for p in passages) == 60 * len(sentence.split())


def real_files() -> list[Path]:
    import knowledge_base

    return find_files(Path(knowledge_base.__file__).parent / "documents")


@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.stem)
def test_passages_of_a_real_document_are_its_own_words_and_lose_none(path: Path) -> None:
    document = load_document(path)
    passages = split_document(document)
    assert passages
    covered: set[int] = set()
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text[passage.prefix :]
        assert len(passage.text[passage.prefix :].split()) <= MAX_WORDS
        covered |= set(range(passage.start, passage.end))
    for block in document.blocks:
        if block.level == 0 and block.kind.value != "table_header":
            assert covered.issuperset(range(block.start, block.end)), document.text[block.start : block.end]


def test_ids_are_unique_over_all_real_documents() -> None:
    ids = [passage.id for path in real_files() for passage in split_document(load_document(path))]
    assert len(ids) == len(set(ids)) > 800


def test_other_words_go_to_the_section_whose_heading_they_name_and_stay_out_of_its_text(tmp_path: Path) -> None:
    front = "id: D\ntitle: Zwroty\nasked_as:\n  Zwrot pie: oddajcie kasę; money back\n"
    passages = passages_of(tmp_path, "## Zwrot pieniędzy\n\nPrzelew.\n\n## Naprawa\n\nSerwis.\n", front)
    assert [p.asked_as for p in passages] == [("oddajcie kasę", "money back"), ()]
    assert [p.text for p in passages] == ["Przelew.", "Serwis."]


def test_other_words_of_the_sample_documents_name_headings_that_are_there() -> None:
    documents = [load_document(path) for path in find_files(Path(knowledge_base.__file__).parent / "documents")]
    lost = [
        f"{document.metadata.id}: {heading}"
        for document in documents
        for heading, phrases in document.metadata.asked_as
        if not any(set(phrases) <= set(passage.asked_as) for passage in split_document(document))
    ]
    assert lost == []
    assert sum(bool(document.metadata.asked_as) for document in documents) > 40
