"""Documents as people have them: without styles, from content management systems, exported, in old encodings."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.shared import Pt

from knowledge_base.build import build_index, read_passages
from knowledge_base.errors import LoadError
from knowledge_base.load import load_document
from knowledge_base.passage import BlockKind, Document
from tests.fakes.hashing_encoder import HashingEncoder
from tests.pdf_files import pdf_of

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def loaded(folder: Path, name: str, content: str | bytes) -> Document:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_document(path)


def saved(written: docx.document.Document) -> bytes:
    buffer = io.BytesIO()
    written.save(buffer)
    return buffer.getvalue()


def headings(document: Document) -> list[tuple[int, str]]:
    return [(b.level, document.text[b.start : b.end]) for b in document.blocks if b.kind is BlockKind.HEADING]


def blocks(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.kind is kind]


def test_bold_lines_of_a_docx_without_styles_are_headings_by_their_size(tmp_path: Path) -> None:
    written = docx.Document()
    for text, size in (("Rowery zastępcze", 18), ("1. Kaucja", None)):
        run = written.add_paragraph().add_run(text)
        run.bold, run.font.size = True, Pt(size) if size else None
    written.add_paragraph("Kaucja wynosi 300 zł.").add_run(" Ważne!").bold = True
    written.add_paragraph().add_run("Nie wydajemy roweru bez umowy.").bold = True
    document = loaded(tmp_path, "rower.docx", saved(written))
    assert headings(document) == [(1, "Rowery zastępcze"), (2, "1. Kaucja")]
    assert document.metadata.title == "Rowery zastępcze"


def test_levels_of_the_outline_make_headings_of_any_style_and_then_bold_makes_none(tmp_path: Path) -> None:
    written = docx.Document()
    own = written.styles.add_style("Rozdział", WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = written.styles["Heading 2"]
    written.add_paragraph("Zwroty", style=own)
    marked = written.add_paragraph("Terminy")
    marked._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="3"/>'))
    written.add_paragraph().add_run("Ważne").bold = True
    assert headings(loaded(tmp_path, "zwroty.docx", saved(written))) == [(2, "Zwroty"), (4, "Terminy")]


def test_merged_cells_of_a_docx_hold_for_each_row_and_a_title_row_is_no_header(tmp_path: Path) -> None:
    written = docx.Document()
    table = written.add_table(rows=4, cols=3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "Terminy zwrotów"
    for row, texts in enumerate(
        (("Kto", "Co", "Termin"), ("Konsument", "zwrot", "14 dni"), ("", "wymiana", "7 dni")), 1
    ):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(2, 0).merge(table.cell(3, 0))
    document = loaded(tmp_path, "terminy.docx", saved(written))
    assert blocks(document, BlockKind.PARAGRAPH) == ["Terminy zwrotów"]
    assert blocks(document, BlockKind.TABLE_HEADER) == ["| Kto | Co | Termin |"]
    assert blocks(document, BlockKind.TABLE_ROW) == [
        "| Konsument | zwrot | 14 dni |",
        "| Konsument | wymiana | 7 dni |",
    ]


PAGE = """<!DOCTYPE html><html><head><title>Pomoc – Rowery</title></head><body>
<div id="cookie-banner"><p>Używamy plików cookie.</p><button>Akceptuję</button></div>
<div class="site-breadcrumb">Start » Pomoc</div><p>Poza główną częścią.</p>
<main><h1>Pomoc</h1><h2>Zwroty</h2>
<button aria-expanded="false">Ile mam czasu na zwrot?</button><div><p>Masz 30 dni od odbioru.</p></div>
<details><summary>Kto płaci za odesłanie?</summary>Klient.</details><p>Zwroty przyjmuje magazyn.</p>
<dl><dt>Adres</dt><dd>Portowa 2</dd></dl><div role="complementary">Ostatnie wpisy</div><p hidden>Ukryte</p>
<h2>Rozmiary</h2><table><caption>Ramy</caption><tr><th rowspan="2">Wzrost</th><th colspan="2">Rama</th></tr>
<tr><th>MTB</th><th>Szosa</th></tr><tr><td>165 cm</td><td>16</td><td>52</td></tr></table></main></body></html>"""


def test_a_page_of_a_cms_is_its_main_part_and_what_opens_an_answer_heads_it(tmp_path: Path) -> None:
    document = loaded(tmp_path, "pomoc.html", PAGE)
    by_section = {passage.section: passage.text for passage in read_passages(document)}
    assert by_section["Zwroty", "Ile mam czasu na zwrot?"] == "Masz 30 dni od odbioru."
    assert by_section["Zwroty", "Kto płaci za odesłanie?"] == "Klient."
    assert by_section["Zwroty", "Adres"] == "Zwroty przyjmuje magazyn.\n\nAdres\n\nPortowa 2"
    assert by_section["Rozmiary",] == "Ramy\n\n| Wzrost | Rama | Rama |\n| Wzrost | MTB | Szosa |\n| 165 cm | 16 | 52 |"
    assert not {"cookie", "Start", "Poza", "Akceptuję", "wpisy", "Ukryte"} & set(document.text.replace(".", "").split())


def test_headings_of_plain_text_are_told_from_items_of_a_list(tmp_path: Path) -> None:
    text = """INSTRUKCJA ROWERU

1. Przed jazdą
Sprawdź ciśnienie w oponach.

Czyszczenie
-----------
Umyj rower wodą.

1. Szampon

2. Gąbka

3. Smar

§ 4 Reklamacje

Reklamację złóż w sklepie:

1. Opisz usterkę roweru
   możliwie dokładnie
2. Dołącz zdjęcie
"""
    document = loaded(tmp_path, "instrukcja.txt", text)
    assert [name for _, name in headings(document)] == [
        "INSTRUKCJA ROWERU",
        "1. Przed jazdą",
        "Czyszczenie",
        "§ 4 Reklamacje",
    ]
    sections = [passage.section for passage in read_passages(document)]
    assert sections == [("1. Przed jazdą",), ("Czyszczenie",), ("§ 4 Reklamacje",)]


def test_underlined_lines_of_markdown_are_headings_and_rules_are_no_text(tmp_path: Path) -> None:
    document = loaded(
        tmp_path, "a.md", "Tytuł\n===\n\nRozdział\n---\n\nTekst\nw dwóch wierszach\n---\n\n***\n\nKoniec\n"
    )
    assert headings(document) == [(1, "Tytuł"), (2, "Rozdział")]
    assert blocks(document, BlockKind.PARAGRAPH) == ["Tekst\nw dwóch wierszach", "Koniec"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "iso8859-2", "utf-16"])
def test_every_encoding_of_polish_text_is_told_by_its_letters(tmp_path: Path, encoding: str) -> None:
    text = "Źle założona dętka pęka; zgłoś to następnego dnia. Możesz też zamówić nową w „ŁÓŚ”."
    if encoding == "iso8859-2":
        text = text.replace("„", '"').replace("”", '"')
    assert loaded(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_macros_as_helpdesks_export_them_are_read_and_what_is_not_active_is_left_out(tmp_path: Path) -> None:
    kept = '1,Zwrot,"<p>Oddamy <b>pieniądze</b>.</p><p>W 14 dni.</p>",true'
    rows = f"id,name,comment_value_html,active\n{kept}\n2,Stare,x,false\n"
    [passage] = read_passages(loaded(tmp_path, "makra.csv", rows))
    assert (passage.section, passage.text) == (("Zwrot",), "Oddamy pieniądze.\n\nW 14 dni.")


#: Encrypted for a password that is nobody's.
_KEYS = b"/O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b">"
_ENCRYPTED = b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 " + _KEYS + b" >>"
LOCKED = pdf_of([["tajne"]]).replace(b"/Root 1 0 R", _ENCRYPTED)


@pytest.mark.parametrize(
    ("name", "content", "reason", "remedy"),
    [
        ("tajny.pdf", LOCKED, "protected by a password", "without a password"),
        ("skan.pdf", pdf_of([[], []]), "probably it is a scan", "OCR"),
        ("strona.pdf", b"<html>404</html>", "it is no PDF", "suffix"),
        ("pusty.pdf", b"", "empty", "leave it out"),
        ("stary.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Word file", "Save it as .docx"),
        ("zdjecie.docx", b"\xff\xd8\xff", "it is no DOCX", "suffix"),
        ("stary.doc", b"x", "files of kind .doc", "Save it as .docx or .pdf"),
    ],
)
def test_what_is_wrong_and_what_to_do_is_said_of_each(
    tmp_path: Path, name: str, content: bytes, reason: str, remedy: str
) -> None:
    with pytest.raises(LoadError) as error:
        loaded(tmp_path, name, content)
    assert reason in error.value.reason
    assert remedy in error.value.remedy


def test_files_of_a_folder_that_cannot_be_read_are_named_and_pictures_and_locks_are_not(tmp_path: Path) -> None:
    for name in ("a.md", "b.xlsx", "c.png", "~$d.docx"):
        (tmp_path / name).write_text("tekst o zwrotach", encoding="utf-8")
    report = build_index(tmp_path, tmp_path / ".index", HashingEncoder())
    assert report.documents == 1
    assert [fault.name for fault in report.faults] == ["b.xlsx"]
    assert "Save the sheet as .csv" in report.faults[0].message
