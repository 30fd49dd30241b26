"""Documents made to cost much or to mislead: they end at a limit, lose nothing else, and leak nothing."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import docx
import pytest

from knowledge_base.build import read_passages
from knowledge_base.errors import DocumentTooLarge, LoadError, UnreadableDocument
from knowledge_base.load import KeptSource, load_document
from knowledge_base.passage import Audience, Document
from tests.unit.knowledge_base.test_load import pdf_of


def kept(name: str, content: str | bytes) -> Document:
    """A file as an upload is read: whatever its format, in a process of its own."""
    body = content.encode() if isinstance(content, str) else content
    return KeptSource(f"upload:{name}", name, hashlib.sha256(body).hexdigest(), lambda: body).load()


def assert_whole(document: Document) -> None:
    for passage in read_passages(document):
        assert document.text[passage.start : passage.end] == passage.text[passage.prefix :]


def test_an_upload_is_read_like_a_file_sections_for_staff_included(tmp_path: Path) -> None:
    text = (
        "---\nid: P1\naudience: customer\n---\n# Zwrot\n\nDla klienta.\n\n"
        "## Limit\n\n<!-- audience: internal -->\n\nDo 300 zł.\n"
    )
    path = tmp_path / "P1.md"
    path.write_text(text, encoding="utf-8")
    file, upload = load_document(path), kept("P1.md", text)
    assert (upload.text, upload.blocks, upload.metadata) == (file.text, file.blocks, file.metadata)
    by_text = {passage.text: passage.audience for passage in read_passages(upload)}
    assert by_text == {"Dla klienta.": Audience.CUSTOMER, "Do 300 zł.": Audience.INTERNAL}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("dlugi.md", "# A\n\n" + "słowo " * 300_000),
        ("bez-spacji.md", "# A\n\n" + "a" * 2_000_000),
        ("kreski.md", "# A\n\n" + "|" * 2_000_000),
        ("krzyzyki.md", "# A\n\n" + "#" * 2_000_000),
        ("odstepy.md", "# A" + " " * 500_000 + "b\n\ntekst"),
        ("linie.txt", "wiersz \n\n" * 50_000),
    ],
)
def test_text_without_end_becomes_short_passages_in_short_time(name: str, content: str) -> None:
    document = kept(name, content)
    started = time.perf_counter()
    passages = read_passages(document)
    assert time.perf_counter() - started < 20
    assert max(len(passage.text) for passage in passages) <= 30_000
    assert_whole(document)


def test_a_table_of_a_million_rows_is_refused_by_name() -> None:
    with pytest.raises((DocumentTooLarge, LoadError), match=r"wiersze\.csv") as fault:
        kept("wiersze.csv", "title,body\n" + "a,treść\n" * 1_000_000)
    assert "smaller files" in str(fault.value)


def test_each_row_of_a_code_table_is_one_passage_with_its_header(tmp_path: Path) -> None:
    written = docx.Document()
    written.add_heading("Kody", 1)
    table = written.add_table(rows=0, cols=2)
    for row in (("Kod", "Co zrobić"), ("E10", "Odkręcić zawór"), ("E-18", "Oczyścić filtr"), ("EF0", "Zakręcić wodę")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    written.save(str(tmp_path / "kody.docx"))
    passages = read_passages(load_document(tmp_path / "kody.docx"))
    assert [passage.text.splitlines()[-1] for passage in passages] == [
        "| E10 | Odkręcić zawór |", "| E-18 | Oczyścić filtr |", "| EF0 | Zakręcić wodę |",
    ]  # fmt: skip
    assert all(passage.text.startswith("| Kod | Co zrobić |\n") for passage in passages)
    assert [passage.codes for passage in passages] == [("E10",), ("E18",), ("EF0",)]
    assert_whole(load_document(tmp_path / "kody.docx"))


def test_running_heads_and_page_numbers_are_no_text_of_a_pdf() -> None:
    pages = [
        ["Domex Serwis sp. z o.o.", f"Tresc o pompie {n}.", "Drugie zdanie.", "Trzecie.", f"Strona {n} z 9"]
        for n in range(1, 10)
    ]
    document = kept("instrukcja.pdf", pdf_of(pages))
    assert "Domex" not in document.text
    assert "Strona" not in document.text
    assert {passage.page for passage in read_passages(document)} <= set(range(1, 10))
    assert_whole(document)


def test_macros_keep_commas_quotes_and_line_ends() -> None:
    document = kept(
        "makra.csv", 'nazwa;treść\nPowitanie;"Dzień dobry; ""Pani/Pan"",\nw czym pomóc?"\nKoniec;Pozdrawiam\n'
    )
    passages = read_passages(document)
    assert [passage.section for passage in passages] == [("Powitanie",), ("Koniec",)]
    assert passages[0].text == 'Dzień dobry; "Pani/Pan",\nw czym pomóc?'


@pytest.mark.parametrize("name", ["../../etc/passwd.md", "..\\..\\a.md", "/root/x.md"])
def test_a_name_with_folders_stays_in_its_own(name: str) -> None:
    assert kept(name, "# A\n\ntekst").text == "# A\n\ntekst"


def test_a_closing_run_of_hashes_is_no_title_and_a_letter_before_them_is(tmp_path: Path) -> None:
    document = kept("c.md", "# Język C#\n\nraz\n\n## Zwrot ##\n\ndwa\n")
    titles = [document.text[block.start : block.end] for block in document.blocks if block.level]
    assert titles == ["Język C#", "Zwrot"]


def test_what_holds_headings_only_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="no text"):
        read_passages(kept("naglowki.md", "# a\n" * 50))


def test_other_words_that_name_a_code_stay_with_its_row(tmp_path: Path) -> None:
    table = "| Kod | Znaczenie |\n|---|---|\n| E10 | Brak wody |\n| E18 | Brak odpływu |\n"
    front = (
        "id: D\ntitle: Pralka\nasked_as:\n  Kody: pokazuje E18; pokazuje E10 albo E18; błąd po podłączeniu; jak K400\n"
    )
    path = tmp_path / "kody.md"
    path.write_text(f"---\n{front}---\n## Kody\n\n{table}", encoding="utf-8")
    called = {passage.codes: passage.asked_as for passage in read_passages(load_document(path))}
    assert called == {
        ("E10",): ("błąd po podłączeniu", "jak K400"),
        ("E18",): ("pokazuje E18", "błąd po podłączeniu", "jak K400"),
    }
