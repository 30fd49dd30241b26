"""Which paragraphs of a DOCX are headings.

Those whose style, or that themselves, have a level in the outline, as the styles for headings have in every language;
and in a document without any, short ones that are bold as a whole, the largest the highest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

_HEADING_STYLE: Final = re.compile(r"^(?:heading|nag[lł][oó]wek)\s*(\d)", re.IGNORECASE)
_TITLE: Final = "Title"
#: Outline level of text, as Word writes it out where a style for headings is overridden.
_NO_LEVEL: Final = 9
_MOST_WORDS: Final = 14
#: How text ends that goes on, or is no heading.
_ENDS_TEXT: Final = (".", ",", ";", ":", "!")
_MOST_LEVELS: Final = 6
_USUAL_SIZE: Final = 0.0


@dataclass(frozen=True, slots=True)
class DocxHeadings:
    """How a document marks its headings.

    Attributes:
        sizes: levels of bold paragraphs by the size they are printed in; empty where styles mark headings.
    """

    sizes: Mapping[float, int]

    @classmethod
    def of(cls, paragraphs: Iterable[Paragraph]) -> Self:
        """Told from all paragraphs that are not in tables."""
        sizes = set()
        for paragraph in paragraphs:
            if _styled_level(paragraph) and paragraph.text.strip():
                return cls({})
            if _is_bold_line(paragraph):
                sizes.add(_size(paragraph))
        return cls({size: min(n, _MOST_LEVELS) for n, size in enumerate(sorted(sizes, reverse=True), start=1)})

    def level(self, paragraph: Paragraph) -> int:
        """Level of a heading, 1 is the outermost; 0 for another paragraph."""
        if level := _styled_level(paragraph):
            return level
        return self.sizes.get(_size(paragraph), 0) if self.sizes and _is_bold_line(paragraph) else 0


def _styled_level(paragraph: Paragraph) -> int:
    own = _outline_level(paragraph._p)
    if own is not None:
        return own
    for style in _bases(paragraph.style):
        name = style.name or ""
        if name == _TITLE:
            return 1
        if heading := _HEADING_STYLE.match(name):
            return int(heading[1])
        if (level := _outline_level(style.element)) is not None:
            return level
    return 0


def _bases(style: object) -> Iterator[ParagraphStyle]:
    """A style and those it is based on, the nearest first; each once, as files may run in a circle."""
    seen: list[object] = []
    while isinstance(style, ParagraphStyle) and style.element not in seen:
        yield style
        seen.append(style.element)
        style = style.base_style


def _outline_level(element: BaseOxmlElement) -> int | None:
    """Level in the outline from 1, 0 for text; ``None`` where none is given."""
    found = element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    value = found.get(qn("w:val"), "") if found is not None else ""
    if not value.isdecimal():
        return None
    return int(value) + 1 if int(value) < _NO_LEVEL else 0


def _is_bold_line(paragraph: Paragraph) -> bool:
    text = paragraph.text.strip()
    if not text or text.endswith(_ENDS_TEXT) or len(text.split()) > _MOST_WORDS or "\n" in text:
        return False
    style_is_bold = any(style.font.bold for style in _bases(paragraph.style))
    return all(run.bold or (run.bold is None and style_is_bold) for run in paragraph.runs if run.text.strip())


def _size(paragraph: Paragraph) -> float:
    """In points; 0 where it is that of the text."""
    sizes = (run.font.size for run in paragraph.runs if run.text.strip())
    return max((size.pt for size in sizes if size is not None), default=_USUAL_SIZE)
