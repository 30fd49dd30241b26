"""Running heads of a PDF: lines at the edges of pages that say the same on most of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from knowledge_base.load.pdf_headings import plain
from knowledge_base.load.pdf_lines import Line
from knowledge_base.load.pdf_tables import Table

Content = Sequence[Line | Table]

_DIGITS: Final = re.compile(r"\d+")
# Lines at the top and the bottom of a page that can be running heads (of a short page a quarter at most), and on what
# share of the pages they must recur. In the margin, at the same place to the point, any line can be one, on both of two
# pages too.
_EDGE_LINES: Final = 3
_RECURS: Final = 0.5
# Of a page's height, above and below.
_MARGIN: Final = 0.08


@dataclass(frozen=True, slots=True)
class Page:
    """What is printed on a page, and its height in points."""

    content: Content
    height: float


_Place = tuple[str, int | None]


def without_running_heads(pages: Sequence[Page]) -> list[Content]:
    """Drop lines that stand at the edge of most pages, page numbers counted as equal."""
    if len(pages) < 2:
        return [page.content for page in pages]
    seen = Counter(place for page in pages for place in {*_placed(page).values(), *_edging(page.content).values()})
    least = max(2, _RECURS * len(pages))
    recurring = {place for place, times in seen.items() if times >= (least if place[1] is not None else max(3, least))}
    kept: list[Content] = []
    for page in pages:
        placed, edging = _placed(page), _edging(page.content)
        own = [one for one in page.content if recurring.isdisjoint((placed.get(id(one)), edging.get(id(one))))]
        kept.append(own or page.content)  # what a page says alone is no head of it
    return kept


def _placed(page: Page) -> dict[int, _Place]:
    """Lines in the margins, with what they say and how high they stand, in points."""
    margin = _MARGIN * page.height
    return {
        id(line): (_key(line), round(line.bottom))
        for line in _lines(page.content)
        if line.height and not margin < line.bottom < page.height - margin
    }


def _edging(page: Content) -> dict[int, _Place]:
    """The first and last lines of a page that is not short, with what they say."""
    lines = _lines(page)
    n_lines = min(_EDGE_LINES, len(lines) // 4)
    return {id(line): (_key(line), None) for line in (*lines[:n_lines], *lines[len(lines) - n_lines :])}


def _lines(page: Iterable[Line | Table]) -> list[Line]:
    return [one for one in page if isinstance(one, Line) and one.text]


def _key(line: Line) -> str:
    return _DIGITS.sub("#", plain(line.text))
