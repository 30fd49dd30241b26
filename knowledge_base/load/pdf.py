"""PDF to blocks: paragraphs, tables and headings, and where each page begins.

Running heads are dropped. A paragraph or a table that goes on over the page stays one; the table keeps its header.

pypdfium2 is not thread-safe: this runs in the parsing process only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import pypdfium2

from knowledge_base.load.faults import locked, scanned
from knowledge_base.load.parsed import ParsedText, TextBuilder, table_line
from knowledge_base.load.pdf_grids import page_grids, with_tables
from knowledge_base.load.pdf_headings import Headings, plain
from knowledge_base.load.pdf_heads import Content, Page, without_running_heads
from knowledge_base.load.pdf_lines import Line, page_lines
from knowledge_base.load.pdf_tables import TOLERANCE, Table, find_table
from knowledge_base.passage import BlockKind

_ITEM: Final = re.compile(r"^(?:[•▪–—*-]|\d{1,2}[.)]|[a-z]\))\s+")
_MARKS: Final = frozenset("•▪◦‣●○■□–—*-")
_SHORT_LINE: Final = 0.75
# Lines further apart than this, of their height, are of two paragraphs.
_PARTED: Final = 1.9
_ENDS_PARAGRAPH: Final = (".", "!", "?", ":")


def parse_pdf(content: bytes, max_chars: int, max_pages: int) -> ParsedText:
    """Blocks of a PDF.

    Raises:
        ValueError: too many pages, too much text, no text at all (a scan), or a password.
        pypdfium2.PdfiumError: the file is broken.
    """
    pdf = _opened(content)
    if len(pdf) > max_pages:
        raise ValueError(f"{len(pdf)} pages, more than {max_pages}")
    pages = without_running_heads([_page(page) for page in pdf])
    outline = {plain(title): entry.level + 1 for entry in pdf.get_toc() if (title := entry.get_title() or "")}
    headings = Headings.of(outline, [one for page in pages for one in page if isinstance(one, Line)])
    reader = _Reader(TextBuilder(max_chars), headings)
    for number, page in enumerate(pages, start=1):
        reader.read(page, number)
    title = (pdf.get_metadata_value("Title") or "").strip()
    parsed = reader.end(title)
    if not parsed.text:
        raise scanned()
    return parsed


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise locked() from error
        raise


def _page(page: pypdfium2.PdfPage) -> Page:
    lines, grids = page_lines(page.get_textpage()), page_grids(page)
    return Page(with_tables(lines, grids) if grids else lines, page.get_height())


@dataclass(slots=True)
class _OpenTable:
    """The table that ended the page before and may go on: its columns and its header."""

    columns: tuple[float, ...] = ()
    header: tuple[str, ...] = ()

    def add(self, builder: TextBuilder, table: Table, page: int) -> None:
        """Write a table; a header that is repeated on the next page is left out."""
        rows = list(table.rows)
        if not self._goes_on(table):
            while len(rows) > 1 and sum(map(bool, rows[0])) == 1 and len(rows[0]) > 1:
                builder.add(BlockKind.PARAGRAPH, " ".join(filter(None, rows.pop(0))), page=page)  # a title above it
            self.header = rows.pop(0)
            builder.add(BlockKind.TABLE_HEADER, table_line(self.header), page=page)
        for row in rows:
            if row != self.header:
                builder.add(BlockKind.TABLE_ROW, table_line(row), page=page)

    def _goes_on(self, table: Table) -> bool:
        return len(table.columns) == len(self.columns) and all(
            abs(one - other) <= TOLERANCE for one, other in zip(table.columns, self.columns, strict=True)
        )


@dataclass(slots=True)
class _Reader:
    """Joins wrapped lines to paragraphs; a table, a heading, an item, a gap or a short last line ends one."""

    builder: TextBuilder
    headings: Headings
    _table: _OpenTable = field(default_factory=_OpenTable)
    _open: list[tuple[Line, int]] = field(default_factory=list)
    _is_item: bool = False

    def read(self, page: Content, number: int) -> None:
        """Add a page; its last paragraph stays open, as it may go on on the next."""
        width = max((len(one.text) for one in page if isinstance(one, Line)), default=0)
        marked = _marked(page)
        content = [one for one in page if isinstance(one, Table) or not _is_marks(one)]
        at = 0
        while at < len(content):
            one = content[at]
            lines = _lines_from(content, at)
            table = one if isinstance(one, Table) else find_table(lines, self._table.columns)
            if table:
                self._close()
                self._table.add(self.builder, table, number)
                at += table.n_lines
                self._table.columns = table.columns if at == len(content) else ()
                continue
            self._table.columns = ()
            at += self._add(lines, number, width, marked)

    def end(self, title: str) -> ParsedText:
        """The text and its blocks."""
        self._close()
        return self.builder.build(title or self.builder.first_heading)

    def _add(self, lines: Sequence[Line], page: int, width: int, marked: Sequence[tuple[float, float]]) -> int:
        """Add a line, or all of a heading; how many lines that were."""
        line = lines[0]
        heading = self.headings.heading(lines) if line.text else None
        starts_item = _ITEM.match(line.text) is not None or _is_marked(line, marked)
        if not line.text or heading or starts_item or self._is_parted(line, page):
            self._close()
        if heading:
            self.builder.add(BlockKind.HEADING, heading.text, level=heading.level, page=page)
            return heading.n_lines
        if line.text:
            self._is_item = starts_item or (self._is_item and bool(self._open))
            self._open.append((line, page))
            if len(line.text) < _SHORT_LINE * width and line.text.endswith(_ENDS_PARAGRAPH):
                self._close()
        return 1

    def _is_parted(self, line: Line, page: int) -> bool:
        """Whether a line stands too far below the open paragraph to go on with it, or that has ended with its page."""
        if not self._open:
            return False
        last, its_page = self._open[-1]
        if its_page != page:
            return last.text.endswith(_ENDS_PARAGRAPH) or (line.height > 0 and last.is_bold != line.is_bold)
        return last.bottom - line.bottom > _PARTED * line.height > 0

    def _close(self) -> None:
        text, turns = _joined(self._open)
        if self._open:
            kind = BlockKind.LIST_ITEM if self._is_item else BlockKind.PARAGRAPH
            self.builder.add(kind, text, page=self._open[0][1], turns=turns)
        self._open.clear()


def _lines_from(content: Content, at: int) -> list[Line]:
    """Lines from a place on up to the next table."""
    lines: list[Line] = []
    for one in content[at:]:
        if isinstance(one, Table):
            break
        lines.append(one)
    return lines


def _marked(page: Content) -> list[tuple[float, float]]:
    """Where marks of list items stand by themselves, to the right and from below, in points."""
    marks = (one for one in page if isinstance(one, Line) and _is_marks(one))
    return [(word.right, word.bottom) for line in marks for word in line.words]


def _is_marks(line: Line) -> bool:
    """Whether a line consists of marks of list items, as some programs print them after the items."""
    return bool(line.text) and _MARKS.issuperset(line.text.replace(" ", ""))


def _is_marked(line: Line, marked: Iterable[tuple[float, float]]) -> bool:
    return any(
        abs(line.bottom - bottom) < line.height / 2 and 0 <= line.left - right < 3 * line.height
        for right, bottom in marked
    )


def _joined(lines: Sequence[tuple[Line, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One paragraph, and where in it pages after its first begin; a word cut at the end of a line is put together."""
    text = ""
    turns = []
    page = lines[0][1] if lines else 0
    for line, its_page in lines:
        cut = text.endswith(("-", "\u00ad", "\ufffe")) and line.text[:1].islower()
        text = text[:-1] if cut else f"{text} ".lstrip()
        if its_page != page:
            turns.append((len(text), its_page))
            page = its_page
        text += line.text
    return text, tuple(turns)
