"""DOCX to blocks: headings by style, paragraphs, list items and tables in the order of the document.

A DOCX has no pages of its own, so blocks carry none. Headers and footers are not part of the body and are not read.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from knowledge_base.load.parsed import ParsedText, TextBuilder, table_line
from knowledge_base.passage import BlockKind

_HEADING_STYLE: Final = re.compile(r"^(?:heading|nag[lł][oó]wek)\s*(\d)", re.IGNORECASE)
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def check_archive(content: bytes, *, unpacked_bytes: int, entries: int, ratio: int) -> None:
    """Refuse an archive that unpacks to too much, by its own directory, before anything is unpacked.

    Raises:
        ValueError: over a limit.
        zipfile.BadZipFile: not an archive.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > entries:
        raise ValueError(f"{len(members):,} entries, more than {entries:,}")
    if unpacked > unpacked_bytes:
        raise ValueError(f"it unpacks to {unpacked:,} bytes, more than {unpacked_bytes:,}")
    if unpacked > ratio * max(len(content), 1):
        raise ValueError(f"it unpacks to {unpacked // max(len(content), 1)} times its size, more than {ratio} times")


def parse_docx(content: bytes, max_chars: int) -> ParsedText:
    """Blocks of a DOCX.

    Raises:
        ValueError: it holds too much text.
    """
    document = docx.Document(io.BytesIO(content))
    builder = TextBuilder(max_chars)
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            _add_table(builder, item)
        else:
            _add_paragraph(builder, item)
    return builder.build(document.core_properties.title or "")


def _add_paragraph(builder: TextBuilder, paragraph: Paragraph) -> None:
    style = (paragraph.style.name if paragraph.style else "") or ""
    heading = _HEADING_STYLE.match(style)
    properties = paragraph._p.pPr
    if heading or style == "Title":
        builder.add(BlockKind.HEADING, paragraph.text, level=int(heading[1]) if heading else 1)
    elif style.startswith("List") or (properties is not None and properties.numPr is not None):
        builder.add(BlockKind.LIST_ITEM, f"- {paragraph.text}" if paragraph.text.strip() else "")
    else:
        builder.add(BlockKind.PARAGRAPH, paragraph.text)


def _add_table(builder: TextBuilder, table: Table) -> None:
    """Rows straight from the XML: ``table.cell`` searches the whole table for each cell (quadratic)."""
    for number, row in enumerate(table._tbl.tr_lst):
        cells = ["".join(text.text or "" for text in cell.iter(f"{_W}t")) for cell in row.tc_lst]
        builder.add(BlockKind.TABLE_ROW if number else BlockKind.TABLE_HEADER, table_line(cells) if any(cells) else "")
