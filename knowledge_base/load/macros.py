"""Macro lists (CSV with a column for titles and one for texts) to blocks.

A text may be HTML, as helpdesks export it; what the list says is not active is left out.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Final

from knowledge_base.load.parsed import ParsedText, TextBuilder
from knowledge_base.load.plain_text import PARAGRAPH
from knowledge_base.passage import BlockKind

_SEPARATORS: Final = (",", ";", "\t")
#: By which spreadsheets tell each other the separator.
_SEPARATOR_LINE: Final = re.compile(r'\A"?sep=.?"?[ ,;\t]*\n', re.IGNORECASE)
#: What programs and people call the columns, the likeliest first.
_TITLE_COLUMNS: Final = "title name tytuł tytul nazwa subject temat macro makro question pytanie".split()
_BODY_COLUMNS: Final = (
    "body text content treść tresc comment message reply answer odpowiedź odpowiedz wiadomość wiadomosc tekst "
    "body_html comment_value_html comment_value"
).split()
_ACTIVE_COLUMNS: Final = "active enabled aktywne aktywna aktywny".split()
_NOT_ACTIVE: Final = frozenset(("false", "0", "no", "nie"))
_HTML: Final = re.compile(r"</?(?:p|br|div|b|strong|em|i|ul|ol|li|a|span|table|h[1-6])\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Macros:
    """Rows, and what the list calls its columns."""

    rows: csv.DictReader[str]
    title: str
    body: str
    active: str | None


def parse_macros(text: str, max_chars: int) -> ParsedText:
    """One section per macro.

    Raises:
        ValueError: a column is missing, the CSV is broken, or it holds too much text.
    """
    builder = TextBuilder(max_chars)
    macros = _read_columns(_SEPARATOR_LINE.sub("", text))
    try:
        for row in macros.rows:
            active = row[macros.active] if macros.active else None
            if (active or "").strip().lower() not in _NOT_ACTIVE:
                builder.add(BlockKind.HEADING, row[macros.title] or "", level=1)
                _add_text(builder, row[macros.body] or "")
    except csv.Error as error:
        raise ValueError(f"the CSV is broken in line {macros.rows.line_num}") from error
    return builder.build()


def _read_columns(text: str) -> _Macros:
    """Rows by the separator that makes the first line name a title and a body."""
    for separator in _SEPARATORS:
        reader = csv.DictReader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
        try:
            columns = {name.strip().lower(): name for name in reader.fieldnames or []}
        except csv.Error:
            continue
        title, body, active = (
            next((columns[name] for name in names if name in columns), None)
            for names in (_TITLE_COLUMNS, _BODY_COLUMNS, _ACTIVE_COLUMNS)
        )
        if title is not None and body is not None:
            return _Macros(reader, title, body, active)
    raise ValueError("the first line must name the columns title and body (or tytuł and treść)")


def _add_text(builder: TextBuilder, text: str) -> None:
    if not _HTML.search(text):
        for paragraph in PARAGRAPH.finditer(text):
            builder.add(BlockKind.PARAGRAPH, paragraph[0])
        return
    from knowledge_base.load.html import parse_html  # its parser is large, and few lists need it

    shown = parse_html(text.encode("utf-8"), builder.max_chars)
    for block in shown.blocks:
        kind = BlockKind.PARAGRAPH if block.kind is BlockKind.HEADING else block.kind  # a macro is one section
        builder.add(kind, shown.text[block.start : block.end])
