"""Which lines of a PDF are headings.

Those of its outline; without one, those printed larger or bolder than its text; and where all is printed alike, those
with a number before a capital.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Self

from knowledge_base.load.pdf_lines import Line

_NUMBER: Final = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+\S")
_NUMBERED: Final = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[A-ZĄĆĘŁŃÓŚŹŻ][^.;:]{2,90}$")
_LETTER: Final = re.compile(r"[^\W\d_]")
# Of the height of the text: from where on a line is larger, and below which it is small print.
_LARGER: Final = 1.12
_SMALLER: Final = 0.9
# Of all characters: a document that is bold in more than this sets no headings by it.
_MOSTLY: Final = 0.4
_MOST_LINES: Final = 3
_MOST_CHARS: Final = 160
_MOST_LEVELS: Final = 6
# Distance of two lines of one heading at most, of their height.
_LEADING: Final = 1.6
#: How text ends that goes on, or is no heading.
_ENDS_TEXT: Final = (".", ",", ";", ":", "!")

_Print = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading.

    Attributes:
        level: 1 for the outermost.
        n_lines: how many lines it takes.
    """

    text: str
    level: int
    n_lines: int = 1


@dataclass(frozen=True, slots=True)
class Headings:
    """How a document marks its headings.

    Attributes:
        outline: levels by title; empty where there is none.
        levels: by how they are printed; empty where all is printed alike.
    """

    outline: Mapping[str, int]
    levels: Mapping[_Print, int]

    @classmethod
    def of(cls, outline: Mapping[str, int], lines: Sequence[Line]) -> Self:
        """Told from the outline and all lines of a document, tables left out."""
        if outline:
            return cls(outline, {})
        sizes = Counter[float]()
        for line in lines:
            sizes[_size(line)] += len(line.text)
        if not sizes:
            return cls({}, {})
        text_size, n_chars = sizes.most_common(1)[0][0], sizes.total()
        is_bold = sum(len(line.text) for line in lines if line.is_bold) > _MOSTLY * n_chars
        prints = {_print(line) for line in lines if line.height and _stands_out(line, text_size, is_bold)}
        ordered = sorted(prints, reverse=True)
        return cls({}, {one: min(number, _MOST_LEVELS) for number, one in enumerate(ordered, start=1)})

    def heading(self, lines: Sequence[Line]) -> Heading | None:
        """The heading that begins with the first of some lines; ``None`` where none does."""
        first = lines[0]
        if self.outline:
            level = self.outline.get(plain(first.text), 0)
            return Heading(first.text, level) if level else None
        if not self.levels:
            numbered = _NUMBERED.match(first.text)
            return Heading(first.text, _depth(numbered)) if numbered else None
        level = self.levels.get(_print(first), 0) if first.height else 0
        if not level:
            return None
        own = [first, *_going_on(first, lines[1:])]
        text = " ".join(line.text for line in own)
        if len(own) > _MOST_LINES or len(text) > _MOST_CHARS or text.endswith(_ENDS_TEXT) or not _LETTER.search(text):
            return None
        return Heading(text, min(level + _depth(_NUMBER.match(text)) - 1, _MOST_LEVELS), len(own))


def plain(line: str) -> str:
    """A line without regard to case and spaces."""
    return " ".join(line.split()).casefold()


def _going_on(first: Line, lines: Iterable[Line]) -> Iterable[Line]:
    """Lines below one that are printed like it, as close as those of a paragraph, and begin no heading of their own."""
    above = first

    def goes_on(line: Line) -> bool:
        nonlocal above
        is_close = 0 < above.bottom - line.bottom <= _LEADING * line.height
        above = line
        return is_close and _print(line) == _print(first) and not _NUMBER.match(line.text)

    return takewhile(goes_on, lines)


def _stands_out(line: Line, text_size: float, text_is_bold: bool) -> bool:
    size = _size(line)
    return size >= _LARGER * text_size or (line.is_bold and not text_is_bold and size >= _SMALLER * text_size)


def _print(line: Line) -> _Print:
    return _size(line), line.is_bold


def _size(line: Line) -> float:
    """Height of most of a line's characters, to the half point: a mark or a number before it may be larger."""
    if not line.words or line.words[0].height == line.words[-1].height:
        return round(2 * line.height) / 2
    heights = Counter[float]()
    for word in line.words:
        heights[word.height] += len(word.text)
    return round(2 * heights.most_common(1)[0][0]) / 2


def _depth(number: re.Match[str] | None) -> int:
    return number[1].count(".") + 1 if number else 1
