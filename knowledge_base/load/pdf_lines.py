"""Lines of a PDF page with their words and cells, told from the characters' boxes.

A PDF knows no tables and no headings: it places characters. Within a line, a gap wider than a character is high
separates two cells. Boxes are asked for where words begin and end: asking for every character took most of the time.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import pypdfium2.raw as pdfium
from pypdfium2 import PdfTextPage

# Of the height of a character; stretched spaces of justified text stay below.
_CELL_GAP: Final = 1.0
_LINE: Final = re.compile(r"[^\r\n]+")
_WORD: Final = re.compile(r"\S+")
#: How fonts are called that print heavily.
_BOLD: Final = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_FONT_NAME_BYTES: Final = 96


class Word(NamedTuple):
    """A run of characters without a space, its box in points from the page's lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """In points; the same for all characters of a font in one size."""
        return self.top - self.bottom


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
        words: in order; none where the PDF's characters have no boxes.
        bottom: of its lowest word, in points from the page's lower edge.
        height: of its highest word, in points.
        is_bold: it is printed in a bold font from its first to its last character.
    """

    text: str
    words: tuple[Word, ...] = ()
    bottom: float = 0.0
    height: float = 0.0
    is_bold: bool = False

    @property
    def left(self) -> float:
        """Where it begins, in points from the page's left edge."""
        return self.words[0].left if self.words else 0.0

    @property
    def right(self) -> float:
        """Where it ends, in points from the page's left edge."""
        return self.words[-1].right if self.words else 0.0

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its parts between wide gaps, at least one where it has words."""
        if not self.words:
            return ()
        ends = [
            number + 1
            for number, (word, following) in enumerate(pairwise(self.words))
            if following.left - word.right > _CELL_GAP * self.height
        ]
        return tuple(_cell(self.words[start:end]) for start, end in pairwise((0, *ends, len(self.words))))


def line_of(words: Sequence[Word], *, is_bold: bool = False) -> Line:
    """A line of words in order, at least one."""
    return Line(
        " ".join(word.text for word in words),
        tuple(words),
        min(word.bottom for word in words),
        max(word.height for word in words),
        is_bold,
    )


def page_lines(page: PdfTextPage) -> list[Line]:
    """Lines of a page in the order of its content."""
    # One place per character that pdfium counts, so that offsets in the text are numbers of characters.
    text = page.get_text_range(errors="replace")
    if len(text) != page.count_chars():  # characters beyond the basic plane: no boxes, hence no tables
        return [Line(line.strip()) for line in page.get_text_bounded().splitlines()]
    reader = _Reader(page)
    return [reader.line(text, match.start(), match.end()) for match in _LINE.finditer(text)]


class _Reader:
    """Asks pdfium for boxes and fonts; its structures are made once for a page."""

    def __init__(self, page: PdfTextPage) -> None:
        self._page = page.raw
        self._box = pdfium.FS_RECTF()
        self._name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
        self._flags = ctypes.c_int()

    def line(self, text: str, start: int, end: int) -> Line:
        found = [(match.start(), match.end()) for match in _WORD.finditer(text, start, end)]
        if not found:
            return Line("")
        words = [self._word(text, first, after) for first, after in found]
        is_bold = self._is_bold(found[0][0]) and self._is_bold(found[-1][1] - 1)
        return line_of(words, is_bold=is_bold)

    def _word(self, text: str, first: int, after: int) -> Word:
        box = self._box
        pdfium.FPDFText_GetLooseCharBox(self._page, first, box)
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        if after > first + 1:
            pdfium.FPDFText_GetLooseCharBox(self._page, after - 1, box)
            right = box.right
        return Word(text[first:after], left, bottom, right, top)

    def _is_bold(self, character: int) -> bool:
        pdfium.FPDFText_GetFontInfo(self._page, character, self._name, _FONT_NAME_BYTES, self._flags)
        return _BOLD.search(self._name.value) is not None


def _cell(words: Sequence[Word]) -> Cell:
    return Cell(" ".join(word.text for word in words), words[0].left, words[-1].right)
