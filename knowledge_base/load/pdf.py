"""PDF to blocks: paragraphs and tables with page numbers, headings from the outline or their number.

Running heads are dropped. A table that goes on over the page keeps its columns and its header.

pypdfium2 is not thread-safe: this runs in the parsing process only.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

import pypdfium2

from knowledge_base.load.parsed import ParsedText, TextBuilder, table_line
from knowledge_base.load.pdf_lines import Line, page_lines
from knowledge_base.load.pdf_tables import Table, find_table
from knowledge_base.passage import BlockKind

_NUMBERED: Final = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[A-ZĄĆĘŁŃÓŚŹŻ][^.;:]{2,90}$")
_ITEM: Final = re.compile(r"^(?:[•▪–—*-]|\d{1,2}[.)]|[a-z]\))\s+")
_DIGITS: Final = re.compile(r"\d+")
# Lines at the top and the bottom of a page that can be running heads (of a short page a quarter at most), and on what
# share of the pages they must recur.
_EDGE_LINES: Final = 3
_RECURS: Final = 0.5
_SHORT_LINE: Final = 0.75


def parse_pdf(content: bytes, max_chars: int, max_pages: int) -> ParsedText:
    """Blocks of a PDF.

    Raises:
        ValueError: too many pages, too much text, or no text at all (a scan).
        pypdfium2.PdfiumError: the file is broken or encrypted.
    """
    pdf = pypdfium2.PdfDocument(content)
    if len(pdf) > max_pages:
        raise ValueError(f"{len(pdf)} pages, more than {max_pages}")
    pages = [page_lines(page.get_textpage()) for page in pdf]
    outline = {_plain(title): entry.level + 1 for entry in pdf.get_toc() if (title := entry.get_title() or "")}
    builder = TextBuilder(max_chars)
    tables = _OpenTable()
    for number, lines in enumerate(_without_running_heads(pages), start=1):
        _add_page(builder, lines, outline, tables, number)
    title = (pdf.get_metadata_value("Title") or "").strip()
    parsed = builder.build(title)
    if not parsed.text:
        raise ValueError("no text in it, probably a scan")
    return parsed


def _plain(line: str) -> str:
    return " ".join(line.split()).casefold()


def _without_running_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """Drop lines that stand at the edge of most pages, page numbers counted as equal."""
    if len(pages) < 3:
        return pages
    seen = Counter(key for lines in pages for key in {_edge_key(line) for line in _edges(lines)})
    recurring = {key for key, times in seen.items() if times >= max(3, _RECURS * len(pages))}
    kept = []
    for lines in pages:
        edge = {id(line) for line in _edges(lines)}
        kept.append([line for line in lines if not (id(line) in edge and _edge_key(line) in recurring)])
    return kept


def _edges(lines: list[Line]) -> list[Line]:
    filled = [line for line in lines if line.text]
    n_lines = min(_EDGE_LINES, len(filled) // 4)
    return filled[:n_lines] + filled[len(filled) - n_lines :]


def _edge_key(line: Line) -> str:
    return _DIGITS.sub("#", _plain(line.text))


@dataclass(slots=True)
class _OpenTable:
    """The table that ended the page before and may go on: its columns and its header."""

    columns: tuple[float, ...] = ()
    header: tuple[str, ...] = ()

    def add(self, builder: TextBuilder, table: Table, page: int) -> None:
        """Write a table; a header that is repeated on the next page is left out."""
        rows = list(table.rows)
        if table.columns != self.columns:
            self.header = rows.pop(0)
            builder.add(BlockKind.TABLE_HEADER, table_line(self.header), page=page)
        for row in rows:
            if row != self.header:
                builder.add(BlockKind.TABLE_ROW, table_line(row), page=page)


def _add_page(
    builder: TextBuilder, lines: list[Line], outline: dict[str, int], open_table: _OpenTable, page: int
) -> None:
    """Join wrapped lines to paragraphs; a table, a heading, an item, a blank or a short last line ends one."""
    width = max((len(line.text) for line in lines), default=0)
    paragraph: list[str] = []
    is_item = False
    at = 0

    def close() -> None:
        builder.add(BlockKind.LIST_ITEM if is_item else BlockKind.PARAGRAPH, _joined(paragraph), page=page)
        paragraph.clear()

    while at < len(lines):
        line = lines[at].text
        table = find_table(lines[at:], open_table.columns)
        if table:
            close()
            open_table.add(builder, table, page)
            at += table.n_lines
            open_table.columns = table.columns if at == len(lines) else ()
            continue
        at += 1
        open_table.columns = ()
        # Without an outline a numbered line may be a heading; with one it would only mistake steps for headings.
        level = outline.get(_plain(line), 0) if outline else _numbered_level(line)
        starts_item = _ITEM.match(line) is not None
        if not line or level or starts_item:
            close()
        if level:
            builder.add(BlockKind.HEADING, line, level=level, page=page)
        elif line:
            is_item = starts_item or (is_item and bool(paragraph))
            paragraph.append(line)
            if len(line) < _SHORT_LINE * width and line.endswith((".", "!", "?", ":")):
                close()
    close()


def _numbered_level(line: str) -> int:
    """Level of a heading such as "2.1 Termin odpowiedzi"; 0 for other lines."""
    numbered = _NUMBERED.match(line)
    return numbered[1].count(".") + 1 if numbered else 0


def _joined(lines: list[str]) -> str:
    """One paragraph; a word cut at the end of a line by a hyphen is put together again."""
    text = ""
    for line in lines:
        cut = text.endswith(("-", "\u00ad", "\ufffe")) and line[:1].islower()
        text = text[:-1] + line if cut else f"{text} {line}".strip()
    return text
