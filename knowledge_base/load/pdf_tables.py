"""Tables of a PDF page: lines whose cells begin at the same places.

A table is a line of at least two cells, its header, and at least two lines below it whose cells begin where the
header's do. A line that lacks the first cell, or stands closer to the one before than rows do, goes on with that row's
cells. A line at the margin that reaches into the second column is text again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knowledge_base.load.pdf_lines import Cell, Line

#: Columns are one if they begin so close together, in points.
TOLERANCE: Final = 4.0
# Rows below a header from which on it is one.
_LEAST_ROWS: Final = 2
# Distance of lines within a paragraph at most, of the height of a character.
_LEADING: Final = 1.4
# A line closer to the one before than this share of the distance of rows goes on with the row.
_WRAPPED: Final = 0.8


@dataclass(frozen=True, slots=True)
class Table:
    """A table on one page.

    Attributes:
        columns: where they begin, in points from the page's left edge.
        rows: cells by column, the header first.
        n_lines: how many parts of the page's content it takes.
    """

    columns: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    n_lines: int = 1


def find_table(lines: Sequence[Line], columns: tuple[float, ...] = ()) -> Table | None:
    """The table that begins with the first of some lines; None where none does.

    Args:
        lines: from there to the end of the page.
        columns: those of a table on the page before that may go on here, without a header.
    """
    if not lines or len(lines[0].cells) < 2:
        return None
    goes_on = bool(columns) and _fits(lines[0], columns)
    columns = columns if goes_on else tuple(cell.left for cell in lines[0].cells)
    own = _of_table(lines, columns)
    full = [line for line in own if _is_full(line, columns)]
    if not goes_on and len(full) <= _LEAST_ROWS:
        return None
    pitch = _pitch(full)
    rows: list[list[list[str]]] = [[[] for _ in columns]]
    for before, line in pairwise((own[0], *own)):
        distance = before.bottom - line.bottom
        if _column(line.cells[0], columns) == 0 and distance >= max(_WRAPPED * pitch, TOLERANCE):
            rows.append([[] for _ in columns])
        for cell in line.cells:
            rows[-1][_column(cell, columns)].append(cell.text)
    return Table(columns, tuple(tuple(" ".join(cell) for cell in row) for row in rows), len(own))


def _of_table(lines: Sequence[Line], columns: tuple[float, ...]) -> list[Line]:
    """The lines from the first on that fit columns.

    A lone cell in the first column is text again, unless it stands so close to the line before that it goes on with it.
    """
    own: list[Line] = []
    for line in lines:
        if not line.cells or not _fits(line, columns):
            break
        if own and len(line.cells) == 1 and _column(line.cells[0], columns) == 0:
            distance = own[-1].bottom - line.bottom
            if not 0 < distance < _WRAPPED * _pitch([each for each in own if _is_full(each, columns)]):
                break
        own.append(line)
    return own


def _is_full(line: Line, columns: tuple[float, ...]) -> bool:
    return len(line.cells) > 1 and _column(line.cells[0], columns) == 0


def _pitch(full: Sequence[Line]) -> float:
    """Least distance of two rows, in points; 0 for less than two lines.

    Lines as close as those of a paragraph are taken for rows only where all are so close.
    """
    distances = [upper.bottom - lower.bottom for upper, lower in pairwise(full)]
    apart = [each for each, line in zip(distances, full, strict=False) if each > _LEADING * line.height]
    return min(apart or distances, default=0.0)


def _fits(line: Line, columns: tuple[float, ...]) -> bool:
    """Whether every cell begins in a column of its own and ends before the next."""
    places = [_column(cell, columns) for cell in line.cells]
    if -1 in places or len(set(places)) < len(places):
        return False
    ends = (*columns[1:], float("inf"))
    return all(cell.right < ends[place] + TOLERANCE for cell, place in zip(line.cells, places, strict=True))


def _column(cell: Cell, columns: tuple[float, ...]) -> int:
    """Number of the column a cell begins in; -1 for none."""
    return next((n for n, left in enumerate(columns) if abs(cell.left - left) <= TOLERANCE), -1)
