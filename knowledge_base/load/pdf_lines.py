"""Lines of a PDF page with their cells, told from the characters' boxes.

A PDF knows no tables: it places characters. Within a line, a gap wider than a character is high separates two cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pypdfium2 import PdfTextPage

# Of the height of a character; stretched spaces of justified text stay below.
_CELL_GAP: Final = 1.0
_LINE: Final = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of text without a wide gap.

    Attributes:
        left: of its first character, in points from the page's left edge; ``right`` of its last one.
    """

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the PDF gives it.

    Attributes:
        text: the whole line.
        cells: its parts between wide gaps, at least one; none for an empty line.
        bottom: of its lowest character, in points from the page's lower edge.
        height: of its highest character, in points.
    """

    text: str
    cells: tuple[Cell, ...] = ()
    bottom: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class _Character:
    text: str
    left: float
    bottom: float
    right: float
    top: float


def page_lines(page: PdfTextPage) -> list[Line]:
    """Lines of a page in the order of its content."""
    # One place per character that pdfium counts, so that offsets in the text are numbers of characters.
    text = page.get_text_range(errors="replace")
    if len(text) != page.count_chars():  # characters beyond the basic plane: no boxes, hence no tables
        return [Line(line.strip()) for line in page.get_text_bounded().splitlines()]
    return [_line(page, text, match.start(), match.end()) for match in _LINE.finditer(text)]


def _line(page: PdfTextPage, text: str, start: int, end: int) -> Line:
    characters = [_Character(text[at], *page.get_charbox(at, loose=True)) for at in range(start, end)]
    printed = [one for one in characters if not one.text.isspace()]
    if not printed:
        return Line("")
    height = max(one.top - one.bottom for one in printed)
    cells: list[list[_Character]] = [[]]
    last = printed[0]
    for one in characters:
        if not one.text.isspace():
            if one.left - last.right > _CELL_GAP * height:
                cells.append([])
            last = one
        cells[-1].append(one)
    return Line(
        text[start:end].strip(), tuple(_cell(cell) for cell in cells), min(one.bottom for one in printed), height
    )


def _cell(characters: list[_Character]) -> Cell:
    printed = [one for one in characters if not one.text.isspace()]
    return Cell("".join(one.text for one in characters).strip(), printed[0].left, printed[-1].right)
