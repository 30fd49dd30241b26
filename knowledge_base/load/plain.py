"""Plain text and macro lists (CSV with the columns title and body) to blocks."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from knowledge_base.load.parsed import ParsedText, TextBuilder
from knowledge_base.passage import Block, BlockKind

_PARAGRAPH: Final = re.compile(r"\S(?:.|\n(?!\s*\n))*")
_SEPARATORS: Final = (",", ";", "\t")
#: By which spreadsheets tell each other the separator.
_SEPARATOR_LINE: Final = re.compile(r'\A"?sep=.?"?[ ,;\t]*\n', re.IGNORECASE)
_TITLE_COLUMNS: Final = ("title", "name", "tytuł", "tytul", "nazwa")
_BODY_COLUMNS: Final = ("body", "text", "content", "treść", "tresc")


def parse_text(text: str) -> ParsedText:
    """Paragraphs between blank lines; offsets point into the text itself."""
    blocks = [Block(BlockKind.PARAGRAPH, m.start(), m.start() + len(m[0].rstrip())) for m in _PARAGRAPH.finditer(text)]
    return ParsedText(text, tuple(blocks))


def parse_macros(text: str, max_chars: int) -> ParsedText:
    """One section per macro.

    Raises:
        ValueError: a column is missing, the CSV is broken, or it holds too much text.
    """
    builder = TextBuilder(max_chars)
    reader, title, body = _read_columns(_SEPARATOR_LINE.sub("", text))
    try:
        for row in reader:
            builder.add(BlockKind.HEADING, row[title] or "", level=1)
            for paragraph in _PARAGRAPH.finditer(row[body] or ""):
                builder.add(BlockKind.PARAGRAPH, paragraph[0])
    except csv.Error as error:
        raise ValueError(f"the CSV is broken in line {reader.line_num}") from error
    return builder.build()


def _read_columns(text: str) -> tuple[csv.DictReader[str], str, str]:
    """Rows by the separator that makes the first line name a title and a body, and what it calls these."""
    for separator in _SEPARATORS:
        reader = csv.DictReader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
        try:
            columns = {name.strip().lower(): name for name in reader.fieldnames or []}
        except csv.Error:
            continue
        title = next((columns[name] for name in _TITLE_COLUMNS if name in columns), None)
        body = next((columns[name] for name in _BODY_COLUMNS if name in columns), None)
        if title is not None and body is not None:
            return reader, title, body
    raise ValueError("the first line must name the columns title and body")
