"""DOCX to blocks: headings, paragraphs, list items and tables in the order of the document.

A DOCX has no pages of its own, so blocks carry none. Headers and footers are not part of the body and are not read;
notes follow the paragraph or table that refers to them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph

from knowledge_base.load.docx_headings import DocxHeadings
from knowledge_base.load.parsed import ParsedText, TextBuilder, add_table
from knowledge_base.passage import BlockKind

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
#: As Word has it; a file may claim any number.
_MOST_COLUMNS: Final = 63
_NOTES: Final = ("footnote", "endnote")
#: Deleted and moved away with changes tracked, field codes, and what stands for a text box in programs without any.
_NOT_SHOWN: Final = frozenset(
    {
        *(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText")),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    }
)
#: Elements that stand for characters; paragraphs and cells part words.
_SPELT: Final = {
    f"{_W}{name}": text
    for name, text in {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "p": " ", "tc": " "}.items()
}


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
    builder, notes = TextBuilder(max_chars), _notes(document)
    shown = [*_shown(document.element.body, frozenset({f"{_W}p", f"{_W}tbl"}))]
    headings = DocxHeadings.of(Paragraph(element, document) for element in shown if element.tag == f"{_W}p")
    for element in shown:
        if element.tag == f"{_W}p":
            _add_paragraph(builder, Paragraph(element, document), headings)
        elif element.tag == f"{_W}tbl":
            _add_table(builder, element)
        else:
            continue
        for part in _shown(element, frozenset()):
            builder.add(BlockKind.PARAGRAPH, notes.get((part.tag, part.get(f"{_W}id")), ""))
    return builder.build((document.core_properties.title or "").strip() or builder.first_heading)


def _notes(document: Document) -> dict[tuple[str, str | None], str]:
    """Texts of footnotes and endnotes by what refers to them."""
    notes = {}
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2].removesuffix("s")
        if kind in _NOTES and not relation.is_external:
            for note in parse_xml(relation.target_part.blob).iterchildren(f"{_W}{kind}"):
                notes[f"{_W}{kind}Reference", note.get(f"{_W}id")] = _words_of(note)
    return notes


def _add_paragraph(builder: TextBuilder, paragraph: Paragraph, headings: DocxHeadings) -> None:
    style = (paragraph.style.name if paragraph.style else "") or ""
    properties = paragraph._p.pPr
    text = _words_of(paragraph._p)
    if level := headings.level(paragraph):
        builder.add(BlockKind.HEADING, text, level=level)
    elif style.startswith("List") or (properties is not None and properties.numPr is not None):
        builder.add(BlockKind.LIST_ITEM, f"- {text}" if text.strip() else "")
    else:
        builder.add(BlockKind.PARAGRAPH, text)


def _add_table(builder: TextBuilder, table: BaseOxmlElement) -> None:
    """Rows straight from the XML: ``table.cell`` searches the whole table for each cell (quadratic)."""
    rows = (row for row in _shown(table, frozenset({f"{_W}tr"})) if row.tag == f"{_W}tr")
    above: list[str] = []
    texts = []
    for row in rows:
        above = _cells_of(row, above)
        texts.append(above)
    add_table(builder, texts)


def _cells_of(row: BaseOxmlElement, above: Sequence[str]) -> list[str]:
    """Texts by column: a cell over several columns stands in the first, one over several rows in each of these."""
    texts: list[str] = []
    for cell in _shown(row, frozenset({f"{_W}tc"})):
        if cell.tag != f"{_W}tc":
            continue
        merged = cell.find(f"{_W}tcPr/{_W}vMerge")
        goes_on = merged is not None and merged.get(f"{_W}val") != "restart" and len(texts) < len(above)
        span = cell.find(f"{_W}tcPr/{_W}gridSpan")
        n_columns = span.get(f"{_W}val", "1") if span is not None else "1"
        texts.append(above[len(texts)] if goes_on else _words_of(cell))
        texts += [""] * (min(int(n_columns), _MOST_COLUMNS) - 1 if n_columns.isdecimal() else 0)
    return texts


def _words_of(element: BaseOxmlElement) -> str:
    """What Word shows of an element: words inserted with changes tracked, fields of a form, text boxes."""
    return "".join(_text_of(part) for part in _shown(element, frozenset())).strip()


def _text_of(element: BaseOxmlElement) -> str:
    if element.tag == f"{_W}t":
        return element.text or ""
    return _SPELT.get(element.tag, "")


def _shown(root: BaseOxmlElement, whole: frozenset[str]) -> Iterator[BaseOxmlElement]:
    """Elements below one in order, but nothing inside those whose tag is whole or that Word does not show."""
    waiting = [*root.iterchildren()][::-1]
    while waiting:
        element = waiting.pop()
        if isinstance(element.tag, str) and element.tag not in _NOT_SHOWN:  # comments have no name
            yield element
            if element.tag not in whole:
                waiting += [*element.iterchildren()][::-1]
