"""What the layout of a PDF says: headings by their print, ruled tables, paragraphs over pages, running heads."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.build import build_index
from knowledge_base.chunk import split_document
from knowledge_base.load.parsed import ParsedText
from knowledge_base.load.pdf import parse_pdf
from knowledge_base.passage import BlockKind, Document, DocumentMetadata, Passage
from knowledge_base.store import open_index
from tests.fakes.hashing_encoder import HashingEncoder
from tests.pdf_files import pdf_drawn, pdf_placed, ruled, text_at

TEXT = "Przed rozpoczeciem prac nalezy odlaczyc urzadzenie od pradu"


def parsed(*pages: str) -> ParsedText:
    return parse_pdf(pdf_drawn(pages), max_chars=100_000, max_pages=50)


def texts(found: ParsedText, kind: BlockKind) -> list[str]:
    return [found.text[block.start : block.end] for block in found.blocks if block.kind is kind]


def headings(found: ParsedText) -> list[tuple[int, str]]:
    return [(b.level, found.text[b.start : b.end]) for b in found.blocks if b.kind is BlockKind.HEADING]


def body(top: float, n_lines: int, *, left: float = 50) -> str:
    return "".join(text_at(left, top - 14 * n, f"{TEXT} {n}") for n in range(n_lines))


def test_headings_are_told_by_size_and_weight_and_steps_are_none() -> None:
    found = parsed(
        text_at(50, 700, "Pompa PC-12, instrukcja", size=20, font="F2")
        + text_at(50, 660, "2 Uruchomienie", size=14, font="F2")
        + text_at(50, 640, "1 Napelnic instalacje woda")
        + text_at(50, 626, "2 Odpowietrzyc wymiennik i najwyzszy punkt")
        + text_at(50, 590, "2.1 Nastawy", size=14, font="F2")
        + body(570, 4)
        + text_at(50, 500, "Krzywa grzewcza", font="F2")
        + body(484, 3)
    )
    assert headings(found) == [
        (1, "Pompa PC-12, instrukcja"), (2, "2 Uruchomienie"), (3, "2.1 Nastawy"), (3, "Krzywa grzewcza")
    ]  # fmt: skip
    assert "2 Odpowietrzyc wymiennik" in " ".join(texts(found, BlockKind.PARAGRAPH))


def test_a_heading_of_two_lines_is_one_and_a_bold_warning_is_none() -> None:
    found = parsed(
        text_at(50, 700, "Postepowanie z urzadzeniami, ktore wrocily", size=14)
        + text_at(50, 684, "z serwisu zewnetrznego", size=14)
        + body(660, 6)
        + text_at(50, 560, "Nie wolno uruchamiac urzadzenia bez uziemienia.", font="F2")
        + body(540, 3)
    )
    assert headings(found) == [(1, "Postepowanie z urzadzeniami, ktore wrocily z serwisu zewnetrznego")]


def test_where_all_is_printed_alike_a_number_makes_a_heading() -> None:
    found = parsed(text_at(50, 700, "2.1 Termin odpowiedzi") + body(680, 3))
    assert headings(found) == [(2, "2.1 Termin odpowiedzi")]


COLUMNS, ROWS = (50, 85, 190, 400), (700, 680, 650, 630)


def framed(codes: tuple[str, str], *, header: bool = True) -> str:
    """A table whose columns stand close together and whose cells are printed one after the other."""
    rows = ROWS if header else ROWS[1:]
    shown = [ruled(COLUMNS, rows)]
    if header:
        shown += [text_at(52, 685, "Kod"), text_at(87, 685, "Usterka"), text_at(192, 685, "Rada")]
    shown += [text_at(52, 668, codes[0]), text_at(87, 668, "Brak przeplywu"), text_at(87, 655, "w obiegu grzewczym")]
    shown += [text_at(192, 668, "Sprawdzic filtr siatkowy i pompe"), text_at(192, 655, "obiegowa")]
    return "".join(
        (*shown, text_at(52, 635, codes[1]), text_at(87, 635, "Zanik fazy"), text_at(192, 635, "Bezpieczniki"))
    )


def test_frames_tell_cells_rows_and_columns() -> None:
    found = parsed(body(760, 2) + framed(("H01", "H02")) + body(600, 2))
    assert texts(found, BlockKind.TABLE_HEADER) == ["| Kod | Usterka | Rada |"]
    assert texts(found, BlockKind.TABLE_ROW) == [
        "| H01 | Brak przeplywu w obiegu grzewczym | Sprawdzic filtr siatkowy i pompe obiegowa |",
        "| H02 | Zanik fazy | Bezpieczniki |",
    ]
    assert len(texts(found, BlockKind.PARAGRAPH)) == 2


def test_a_framed_table_goes_on_over_the_page_and_says_its_header_once() -> None:
    found = parsed(framed(("H01", "H02")), framed(("H03", "H04")), framed(("H05", "H06"), header=False))
    assert texts(found, BlockKind.TABLE_HEADER) == ["| Kod | Usterka | Rada |"]
    codes = [row.split(" | ")[0] for row in texts(found, BlockKind.TABLE_ROW)]
    assert codes == [f"| H0{n}" for n in range(1, 7)]


def test_a_cell_over_several_rows_holds_for_each_and_a_title_row_is_no_header() -> None:
    rows = (700, 680, 660, 640, 620)
    upright = "50 620 m 50 700 l S 300 620 m 300 700 l S 150 620 m 150 680 l S "
    level = "".join(f"{150 if y == 640 else 50} {y} m 300 {y} l S " for y in rows)
    found = parsed(
        upright
        + level
        + text_at(100, 685, "Terminy zwrotow pieniedzy")
        + text_at(52, 665, "Kto")
        + text_at(152, 665, "Termin")
        + text_at(52, 645, "Konsument")
        + text_at(152, 645, "14 dni")
        + text_at(152, 625, "7 dni dla stalych")
    )
    assert texts(found, BlockKind.PARAGRAPH) == ["Terminy zwrotow pieniedzy"]
    assert texts(found, BlockKind.TABLE_HEADER) == ["| Kto | Termin |"]
    assert texts(found, BlockKind.TABLE_ROW) == ["| Konsument | 14 dni |", "| Konsument | 7 dni dla stalych |"]


def test_a_frame_around_text_is_no_table() -> None:
    found = parsed(ruled((40, 500), (720, 640)) + body(700, 3))
    assert texts(found, BlockKind.TABLE_HEADER) == []


def passages_of(found: ParsedText) -> list[Passage]:
    about = DocumentMetadata("D", "1", "Instrukcja")
    return split_document(Document(about, "d.pdf", "", found.text, found.blocks, found.page_starts))


def test_a_paragraph_over_the_page_is_one_and_each_of_its_words_knows_its_page() -> None:
    first = body(700, 3) + text_at(50, 658, "Po zakonczeniu prac nalezy sporzadzic")
    second = text_at(50, 700, "protokol i przekazac kopie klientowi.") + text_at(50, 660, "Drugi akapit.")
    found = parsed(first, "", second)
    assert "sporzadzic protokol i przekazac" in texts(found, BlockKind.PARAGRAPH)[0]
    [passage] = passages_of(found)
    pages = {words: passage.page_of(words) for words in ("zakonczeniu", "protokol", "Drugi akapit")}
    assert pages == {"zakonczeniu": 1, "protokol": 3, "Drugi akapit": 3}


def test_the_page_of_a_hit_is_the_one_its_quote_stands_on(tmp_path: Path) -> None:
    pages = [f"Sprezarka pompy ma {n} lat gwarancji od dnia uruchomienia." for n in (7, 5)]
    last = "Filtr siatkowy czysci sie co szesc miesiecy, najlepiej przed sezonem."
    (tmp_path / "d.pdf").write_bytes(pdf_placed([[(50, 700, text)] for text in (*pages, last)]))
    build_index([tmp_path / "d.pdf"], tmp_path / "index", HashingEncoder())
    index = open_index(tmp_path / "index", HashingEncoder())
    found = index.answer("jak czesto czyscic filtr siatkowy")
    [hit] = found.hits or found.nearest
    assert hit.quote.text == last
    assert (hit.passage.page, hit.page) == (1, 3)


def test_running_heads_go_from_two_pages_and_from_a_short_last_one() -> None:
    def page(number: int, text: str) -> str:
        return text_at(50, 810, "Rowery Wisla") + text + text_at(280, 30, f"{number} / 2")

    found = parsed(page(1, body(700, 5)), page(2, text_at(50, 700, "Koniec.")))
    assert "Wisla" not in found.text
    assert "/ 2" not in found.text
    assert "Koniec." in found.text


def test_pages_that_say_nearly_the_same_are_not_taken_for_heads() -> None:
    found = parsed(*(text_at(50, 760, f"Karta goscia jest wazna {n} godzin") for n in range(3)))
    assert [f"wazna {n} godzin" in found.text for n in range(3)] == [True, True, True]


def test_marks_of_list_items_that_are_printed_after_them_part_them() -> None:
    items = ("zdjecie tabliczki", "numer seryjny", "opis objawu")
    shown = "".join(text_at(70, 700 - 14 * n, item) for n, item in enumerate(items))
    marks = "".join(text_at(60, 700 - 14 * n, "-") for n in range(3))
    assert texts(parsed(body(760, 2) + shown + marks), BlockKind.LIST_ITEM) == list(items)
