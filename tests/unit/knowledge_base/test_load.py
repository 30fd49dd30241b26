"""Every format in, and files that try to do harm."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

from knowledge_base.build import build_index, read_passages
from knowledge_base.errors import (
    DocumentTooLarge,
    InvalidFrontMatter,
    LoadError,
    ParsingTimedOut,
    UnreadableDocument,
    UnsupportedFormat,
)
from knowledge_base.load import ParseLimits, find_files, load_document, sandbox
from knowledge_base.passage import Audience, BlockKind, Document
from tests.fakes.hashing_encoder import HashingEncoder
from tests.pdf_files import pdf_of, pdf_placed

MARKDOWN = """---
id: P99
version: "1.2"
title: Procedura próbna
doc_type: procedure
language: pl
audience: customer
valid_from: 2026-01-01
valid_to: null
legal_refs: ["UPK art. 7a"]
supersedes: "P99@1.1"
---

# Procedura próbna

Wstęp jest tu.

## Kody

<!-- audience: internal -->

| Kod | Znaczenie |
|---|---|
| E10 | brak wody |

- pierwszy
  ciąg dalszy
- drugi
"""


def blocks_of(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if block.kind is kind]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_markdown_keeps_metadata_structure_and_offsets(tmp_path: Path) -> None:
    document = load_document(write(tmp_path / "P99.md", MARKDOWN))
    about = document.metadata
    assert (about.key, about.audience, about.valid_from) == ("P99@1.2", Audience.CUSTOMER, date(2026, 1, 1))
    assert about.legal_refs == ("UPK art. 7a",)
    assert about.supersedes == ("P99@1.1",)
    assert document.text == MARKDOWN
    assert blocks_of(document, BlockKind.HEADING) == ["Procedura próbna", "Kody"]
    assert blocks_of(document, BlockKind.TABLE_ROW) == ["| E10 | brak wody |"]
    assert blocks_of(document, BlockKind.LIST_ITEM) == ["- pierwszy\n  ciąg dalszy", "- drugi"]
    assert [block.audience for block in document.blocks if block.kind is BlockKind.HEADING] == [None, Audience.INTERNAL]


def test_html_drops_menus_and_scripts_and_keeps_tables(tmp_path: Path) -> None:
    page = """<html><head><title>Zwroty</title><script>evil()</script></head><body><nav>Menu</nav>
    <h1>Zwroty</h1><p>Termin to <b>14 dni</b>.</p><ul><li>etykieta<ul><li>kurier</li></ul></li></ul>
    <table><tr><th>Kod</th><th>Opis</th></tr><tr><td>E10</td><td>brak wody</td></tr></table>
    <footer>Stopka</footer></body></html>"""
    document = load_document(write(tmp_path / "zwroty.html", page))
    assert document.metadata.title == "Zwroty"
    assert blocks_of(document, BlockKind.PARAGRAPH) == ["Termin to 14 dni."]
    assert blocks_of(document, BlockKind.LIST_ITEM) == ["- etykieta", "- kurier"]
    assert blocks_of(document, BlockKind.TABLE_ROW) == ["| E10 | brak wody |"]
    assert not {"evil", "Menu", "Stopka"} & set(document.text.split())


def test_html_keeps_text_that_no_paragraph_holds(tmp_path: Path) -> None:
    page = """<body>Wprost.<div>Obok <h2>Filtr <em>pompy</em></h2>i <b>po</b><i>tem</i>, <a href="x">tu</a>.</div>
    <details><summary>Kiedy?</summary>Raz w miesiącu.</details><section>Sekcja<!-- uwaga --> bez akapitu</section>
    <ul><li><p>Pierwszy</p><p>punkt</p><ul><li>głębiej</li></ul>i reszta</li><li>drugi<br>wiersz</li></ul>
    <form><h3>Strona</h3>w formularzu<label>Login</label><button>OK</button></form></body>"""
    document = load_document(write(tmp_path / "strona.html", page))
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        "Wprost.",
        "Obok",
        "Filtr pompy",
        "i potem, tu.",
        "Kiedy?",
        "Raz w miesiącu.",
        "Filtr pompy",  # again, as what follows is not about when
        "Sekcja bez akapitu",
        "- Pierwszy punkt",
        "- głębiej",
        "- i reszta",
        "- drugi wiersz",
        "Strona",
        "w formularzu",
    ]
    assert blocks_of(document, BlockKind.HEADING) == ["Filtr pompy", "Kiedy?", "Filtr pompy", "Strona"]


def test_a_table_that_only_places_a_page_is_none_and_one_inside_it_is(tmp_path: Path) -> None:
    page = """<table><tr><td>Menu obok</td><td><h1>Kody</h1><table><tr><th>Kod</th><th>Co robić</th></tr>
    <tr><td>E18</td><td><p>Oczyść</p><p>filtr</p><script>x()</script></td></tr></table></td></tr></table>"""
    document = load_document(write(tmp_path / "uklad.html", page))
    assert blocks_of(document, BlockKind.PARAGRAPH) == ["Menu obok"]
    assert blocks_of(document, BlockKind.HEADING) == ["Kody"]
    assert blocks_of(document, BlockKind.TABLE_HEADER) == ["| Kod | Co robić |"]
    assert blocks_of(document, BlockKind.TABLE_ROW) == ["| E18 | Oczyść filtr |"]


def test_docx_reads_headings_lists_and_tables_in_order(tmp_path: Path) -> None:
    written = docx.Document()
    written.add_heading("Odbiór przesyłki", 1)
    written.add_paragraph("Sprawdź karton.")
    written.add_paragraph("taśma", style="List Bullet")
    table = written.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ["Kod", "Opis", "E10", "brak wody"], strict=True
    ):
        cell.text = text
    written.save(str(tmp_path / "odbior.docx"))
    document = load_document(tmp_path / "odbior.docx")
    assert [block.kind for block in document.blocks] == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.TABLE_HEADER,
        BlockKind.TABLE_ROW,
    ]
    assert blocks_of(document, BlockKind.TABLE_ROW) == ["| E10 | brak wody |"]


def docx_of(body: str) -> bytes:
    """A DOCX with such WordprocessingML in its body."""
    written = docx.Document()
    names = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    compatible = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    for element in parse_xml(f'<w:body xmlns:w="{names}" xmlns:mc="{compatible}">{body}</w:body>'):
        written.element.body.insert_element_before(element, "w:sectPr")
    saved = io.BytesIO()
    written.save(saved)
    return saved.getvalue()


def test_docx_keeps_what_word_shows_and_leaves_out_what_it_does_not(tmp_path: Path) -> None:
    body = """<w:p><w:r><w:t xml:space="preserve">Zwrot </w:t></w:r>
    <w:ins w:id="1"><w:r><w:t>w 14 dni</w:t></w:r></w:ins>
    <w:del w:id="2"><w:r><w:delText>w 30 dni</w:delText></w:r></w:del>
    <w:hyperlink><w:r><w:tab/><w:t>na formularzu</w:t></w:r></w:hyperlink></w:p>
    <w:sdt><w:sdtContent><w:p><w:r><w:t>Pole wypełniane</w:t></w:r></w:p></w:sdtContent></w:sdt>
    <w:p><mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent><w:p><w:r><w:t>Ramka</w:t></w:r></w:p>
    </w:txbxContent></mc:Choice><mc:Fallback><w:r><w:t>Ramka</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"""
    document = load_document(write(tmp_path / "szablon.docx", docx_of(body)))
    assert blocks_of(document, BlockKind.PARAGRAPH) == ["Zwrot w 14 dni\tna formularzu", "Pole wypełniane", "Ramka"]


def test_notes_of_a_docx_follow_the_paragraph_that_refers_to_them(tmp_path: Path) -> None:
    written = docx.Document()
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    note = '<w:footnote w:id="{}"><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:footnote>'
    notes = f"<w:footnotes {names}>{note.format(-1, '')}{note.format(2, 'Art. 27 ustawy.')}</w:footnotes>"
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, notes.encode(), written.part.package)
    written.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    paragraph = written.add_paragraph("Zwrot w 14 dni")
    paragraph._p.append(parse_xml(f'<w:r {names}><w:footnoteReference w:id="2"/></w:r>'))
    written.add_paragraph("Dalej.")
    written.save(str(tmp_path / "przypis.docx"))
    document = load_document(tmp_path / "przypis.docx")
    assert blocks_of(document, BlockKind.PARAGRAPH) == ["Zwrot w 14 dni", "Art. 27 ustawy.", "Dalej."]


def test_docx_parts_the_words_of_paragraphs_and_tables_in_a_cell(tmp_path: Path) -> None:
    def cell(text: str) -> str:
        return f"<w:tc>{text}</w:tc>"

    def line(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    inner = f"<w:tbl><w:tr>{cell(line('Krok'))}{cell(line('1'))}</w:tr></w:tbl>"
    rows = [[line("Kod"), line("Co robić")], [line("E18"), line("Oczyść") + line("filtr") + inner + "<w:p/>"]]
    body = "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows)
    document = load_document(write(tmp_path / "kody.docx", docx_of(f"<w:tbl>{body}</w:tbl>")))
    assert blocks_of(document, BlockKind.TABLE_HEADER) == ["| Kod | Co robić |"]
    assert blocks_of(document, BlockKind.TABLE_ROW) == ["| E18 | Oczyść filtr Krok 1 |"]


def test_pdf_has_pages_and_loses_running_heads(tmp_path: Path) -> None:
    pages = [
        ["Domex Serwis", f"{n}. Rozdzial o pompie", f"Tresc strony {n} o naprawie.", f"Strona {n}"] for n in range(1, 5)
    ]
    document = load_document(write(tmp_path / "instrukcja.pdf", pdf_of(pages)))
    assert "Domex" not in document.text
    assert "Strona" not in document.text
    assert document.text[document.page_starts[2] :].startswith("3. Rozdzial o pompie")
    assert [passage.page for passage in read_passages(document)] == [1, 2, 3, 4]
    assert blocks_of(document, BlockKind.HEADING) == [f"{n}. Rozdzial o pompie" for n in range(1, 5)]


def test_text_and_macros_are_read(tmp_path: Path) -> None:
    note = load_document(write(tmp_path / "notatka.txt", "Pierwszy akapit.\ndalej\n\nDrugi."))
    assert blocks_of(note, BlockKind.PARAGRAPH) == ["Pierwszy akapit.\ndalej", "Drugi."]
    macros = load_document(write(tmp_path / "makra.csv", 'title,body\nPowitanie,"Dzień dobry,\n\nw czym pomóc?"\n'))
    assert blocks_of(macros, BlockKind.HEADING) == ["Powitanie"]
    assert blocks_of(macros, BlockKind.PARAGRAPH) == ["Dzień dobry,", "w czym pomóc?"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
def test_macros_of_any_spreadsheet_are_read(tmp_path: Path, separator: str, encoding: str) -> None:
    cells = [["skrót", "Tytuł", "treść"], ["zw", "Zwrot", '"Dzień dobry; ""Państwu"", tak\n\nzwracamy"'], ["", "", ""]]
    text = "\r\n".join([f"sep={separator}", *(separator.join(row) for row in cells)])
    macros = load_document(write(tmp_path / "makra.csv", text.encode(encoding)))
    assert blocks_of(macros, BlockKind.HEADING) == ["Zwrot"]
    assert blocks_of(macros, BlockKind.PARAGRAPH) == ['Dzień dobry; "Państwu", tak', "zwracamy"]


@pytest.mark.parametrize("content", [b"tekst\0", b"\x81\0\xff", "a\0b".encode("utf-16")])
def test_a_file_with_zeros_is_no_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="not a text file"):
        load_document(write(tmp_path / "obraz.md", content))


def test_a_macro_list_without_its_columns_says_which_it_needs(tmp_path: Path) -> None:
    for text in ("", "skrót;opis\na;b\n", '"' + "x" * 200_000 + '",b\n'):
        with pytest.raises(UnreadableDocument, match="title and body"):
            load_document(write(tmp_path / "makra.csv", text))


def test_old_polish_encoding_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    document = load_document(write(tmp_path / "stary.txt", "Zażółć gęślą\r\njaźń".encode("cp1250")))
    assert document.text == "Zażółć gęślą\njaźń"


def test_a_sidecar_gives_metadata_and_changes_the_digest(tmp_path: Path) -> None:
    path = write(tmp_path / "skan.txt", "treść")
    before = load_document(path)
    assert before.metadata.audience is Audience.INTERNAL
    write(tmp_path / "skan.txt.meta.yaml", "id: X1\nversion: '2'\naudience: customer\n")
    after = load_document(path)
    assert (after.metadata.key, after.metadata.audience) == ("X1@2", Audience.CUSTOMER)
    assert after.digest != before.digest


def test_every_fault_of_the_front_matter_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "zly.md", "---\nid: [1]\naudience: all\nvalid_from: jutro\nsafety: 3\n---\ntekst")
    with pytest.raises(InvalidFrontMatter) as error:
        load_document(path)
    for field in ("zly.md", "id", "audience", "valid_from", "safety"):
        assert field in str(error.value)


def test_yaml_that_unfolds_is_refused(tmp_path: Path) -> None:
    bomb = "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\ntekst"
    with pytest.raises(InvalidFrontMatter, match="anchors"):
        load_document(write(tmp_path / "bomba.md", bomb))


@pytest.mark.parametrize(
    "value", ["[" * 9_900, "{a: " * 4_000, "? " * 9_000, "2026-13-01", "!!timestamp x", "!!int x", "'open", "\x07"]
)
def test_front_matter_that_cannot_be_read_spoils_no_other_document(tmp_path: Path, value: str) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    write(folder / "dobry.md", "## Zwrot\n\nZwracamy w 14 dni.")
    write(folder / "zly.md", f"---\nid: {value}\n---\n## Zwrot\n\nZwracamy w 14 dni.")
    write(folder / "skan.txt", "treść")
    write(folder / "skan.txt.meta.yaml", f"id: {value}\n")
    report = build_index(folder, tmp_path / "index", HashingEncoder())
    assert {fault.name for fault in report.faults} == {"zly.md", "skan.txt"}
    assert report.documents == 1


def test_a_day_that_does_not_exist_is_named_as_the_fault(tmp_path: Path) -> None:
    with pytest.raises(InvalidFrontMatter, match="such as a day"):
        load_document(write(tmp_path / "zly.md", "---\nvalid_from: 2026-13-01\n---\n## Zwrot\n\nTekst."))


def test_a_sidecar_in_an_old_encoding_is_read_and_a_binary_one_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "skan.txt", "treść")
    write(tmp_path / "skan.txt.meta.yaml", "title: Zażółć\n".encode("cp1250"))
    assert load_document(path).metadata.title == "Zażółć"
    write(tmp_path / "skan.txt.meta.yaml", b"\x00\x01\xff\xfe" * 40)
    with pytest.raises(LoadError, match=r"skan\.txt\.meta\.yaml"):
        load_document(path)


def zip_bomb(megabytes: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (megabytes * 1024 * 1024))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("bomba.docx", zip_bomb(150), DocumentTooLarge),
        ("ciasna.docx", zip_bomb(20), DocumentTooLarge),
        ("nie-archiwum.docx", b"PK\x03\x04 nonsense", UnreadableDocument),
        ("pusty.docx", zip_bomb(0), UnreadableDocument),
        ("urwany.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", UnreadableDocument),
        ("skan.pdf", pdf_of([[]]), UnreadableDocument),
        ("pusty.md", b"---\nid: P1\n---\n", UnreadableDocument),
        ("binarny.txt", b"\x00\x01\x02", UnreadableDocument),
        ("bez-kolumn.csv", b"a,b\n1,2\n", UnreadableDocument),
        ("program.exe", b"MZ", UnsupportedFormat),
    ],
)
def test_a_harmful_or_broken_file_says_what_is_wrong_and_what_to_do(
    tmp_path: Path, name: str, content: bytes, fault: type[LoadError]
) -> None:
    with pytest.raises(fault) as error:
        load_document(write(tmp_path / name, content))
    assert error.value.name == name
    assert error.value.remedy in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_too_many_pages_too_much_text_and_too_big_a_file_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "duzy.pdf", pdf_of([["Ten sam wiersz tekstu."]] * 6))
    with pytest.raises(DocumentTooLarge, match="6 pages"):
        load_document(path, limits=ParseLimits(pages=5))
    with pytest.raises(DocumentTooLarge, match="characters"):
        load_document(path, limits=ParseLimits(text_chars=20))
    with pytest.raises(DocumentTooLarge, match="bytes"):
        load_document(path, limits=ParseLimits(file_bytes=100))


def test_a_huge_table_ends_at_a_limit_and_not_in_the_service(tmp_path: Path) -> None:
    path = write(tmp_path / "tabela.html", "<table>" + "<tr><td>x</td><td>y</td></tr>" * 200_000 + "</table>")
    with pytest.raises((DocumentTooLarge, ParsingTimedOut, UnreadableDocument)):
        load_document(path, limits=ParseLimits(cpu_s=2, wall_s=20))


def test_a_parser_that_hangs_is_ended(tmp_path: Path) -> None:
    path = write(tmp_path / "wolny.html", "<p>tekst</p>")
    with pytest.raises(ParsingTimedOut, match="longer than"):
        load_document(path, limits=ParseLimits(wall_s=0.001))


def test_the_parsing_process_gets_no_environment_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DATABASE_URL", "postgresql://secret")
    seen: dict[str, str] = {}
    real = sandbox.subprocess.run

    def spy(*args: object, **kwargs: object) -> object:
        seen.update(kwargs["env"])  # type: ignore[call-overload]
        return real(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(sandbox.subprocess, "run", spy)
    load_document(write(tmp_path / "a.html", "<p>tekst</p>"))
    assert "TRIAGE_DATABASE_URL" not in seen


def test_hidden_files_and_sidecars_are_no_documents(tmp_path: Path) -> None:
    for name in ("a.md", ".b.md", "README.md", "c.pdf.meta.yaml", "d.png"):
        write(tmp_path / name, "tekst")
    assert [path.name for path in find_files(tmp_path)] == ["a.md"]


def test_other_words_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.md"
    path.write_text("---\nid: D\nasked_as:\n  Zwrot: [oddajcie]\n---\n## Zwrot\n\nx\n", encoding="utf-8")
    with pytest.raises(InvalidFrontMatter, match="asked_as must give phrases"):
        load_document(path)


CODES = [(50, 700, "Kod"), (130, 700, "Co robi klient"), (330, 700, "Co robi serwis")]


def test_a_table_in_a_pdf_keeps_its_rows_and_an_error_code_its_own_passage(tmp_path: Path) -> None:
    rows = [
        (50, 680, "E10"), (130, 680, "Odkrecic zawor"), (330, 680, "Elektrozawor"),
        (50, 660, "E18"), (130, 660, "Oczyscic filtr i sprawdzic"), (130, 648, "waz odplywowy"),
        (330, 660, "Pompa 40 om"),
        (50, 628, "EF0"), (130, 628, "Zakrecic wode"), (330, 628, "Plywak"),
        (50, 590, "Po tabeli stoi zwykly akapit, ktory siega daleko w prawo."),
    ]  # fmt: skip
    document = load_document(write(tmp_path / "kody.pdf", pdf_placed([[*CODES, *rows]])))
    assert blocks_of(document, BlockKind.TABLE_HEADER) == ["| Kod | Co robi klient | Co robi serwis |"]
    assert blocks_of(document, BlockKind.TABLE_ROW) == [
        "| E10 | Odkrecic zawor | Elektrozawor |",
        "| E18 | Oczyscic filtr i sprawdzic waz odplywowy | Pompa 40 om |",
        "| EF0 | Zakrecic wode | Plywak |",
    ]
    assert blocks_of(document, BlockKind.PARAGRAPH) == ["Po tabeli stoi zwykly akapit, ktory siega daleko w prawo."]
    by_code = {passage.codes: passage for passage in read_passages(document) if passage.codes}
    assert set(by_code) == {("E10",), ("E18",), ("EF0",)}
    assert by_code["E18",].text.startswith("| Kod | Co robi klient | Co robi serwis |\n| E18 |")


def test_a_table_goes_on_over_the_page_with_its_header(tmp_path: Path) -> None:
    rows = [cell for n in range(3) for cell in ((50, 680 - 20 * n, f"E{n}1"), (130, 680 - 20 * n, "rada"))]
    second = [(50, 780, "E50"), (130, 780, "druga strona"), (50, 760, "E60"), (330, 760, "serwis")]
    document = load_document(write(tmp_path / "kody.pdf", pdf_placed([[*CODES, *rows], second])))
    assert len(blocks_of(document, BlockKind.TABLE_HEADER)) == 1
    assert blocks_of(document, BlockKind.TABLE_ROW)[-2:] == ["| E50 | druga strona |  |", "| E60 |  | serwis |"]
    assert document.text[document.page_starts[1] :] == "| E50 | druga strona |  |\n| E60 |  | serwis |"


def test_two_lines_that_happen_to_align_are_no_table(tmp_path: Path) -> None:
    signed = [(50, 680, "20.11.2026"), (300, 680, "Jan")]
    lines = [(50, 700, "Data"), (300, 700, "Podpis"), *signed, (50, 640, "Koniec pisma.")]
    document = load_document(write(tmp_path / "pismo.pdf", pdf_placed([lines])))
    assert blocks_of(document, BlockKind.TABLE_ROW) == []
    assert "20.11.2026 Jan" in document.text
