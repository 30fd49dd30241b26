"""Ruled tables of a PDF page: grids of drawn lines, and the words that stand in their cells.

Where a table's cells are framed, the frames say which words belong together, whatever order or distance a program
printed them in. A cell over several rows is repeated in each of them, so that every row says all that holds for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pypdfium2 import PdfPage

from knowledge_base.load.pdf_lines import Line, Word, line_of
from knowledge_base.load.pdf_rules import MEETS, Rule, page_rules
from knowledge_base.load.pdf_tables import Table

# From so many lines in its first cell on, each beside one of another cell, a row is several rows without rules.
_UNRULED: Final = 3


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table.

    Attributes:
        columns: where columns begin, and the last one ends, from left to right.
        rows: where rows begin, and the last one ends, from the top down.
    """

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    upright: tuple[Rule, ...]
    level: tuple[Rule, ...]

    def cell_of(self, word: Word) -> tuple[int, int] | None:
        """Row and column of a word; ``None`` for one beside the table."""
        row = _between(self.rows, (word.bottom + word.top) / 2)
        column = _between(self.columns, (word.left + word.right) / 2)
        if row is None or column is None:
            return None
        middle = (self.rows[row] + self.rows[row + 1]) / 2
        while column and not _is_ruled(self.upright, self.columns[column], middle):
            column -= 1  # of a cell over several columns the first
        return row, column

    def joins_above(self, row: int, column: int) -> bool:
        """Whether no rule parts a cell from the one above it."""
        middle = (self.columns[column] + self.columns[column + 1]) / 2
        return not _is_ruled(self.level, self.rows[row], middle)


def page_grids(page: PdfPage) -> list[Grid]:
    """Grids of at least two rows and two columns."""
    upright, level = page_rules(page)
    return [grid for one in _connected(upright, level) if (grid := _grid(*one)) is not None]


def with_tables(lines: Sequence[Line], grids: Sequence[Grid]) -> list[Line | Table]:
    """Lines of a page in order; those in a grid become a table where the first of them stands."""
    found: list[Line | Table] = []
    places: dict[int, int] = {}
    words: dict[int, list[tuple[tuple[int, int], Word]]] = {}
    for line in lines:
        beside = []
        for word in line.words:
            number, cell = next(((n, cell) for n, grid in enumerate(grids) if (cell := grid.cell_of(word))), (-1, None))
            if cell is None:
                beside.append(word)
                continue
            if number not in places:
                places[number] = len(found)
                found.append(line)
            words.setdefault(number, []).append((cell, word))
        if len(beside) == len(line.words):
            found.append(line)
        elif beside:
            found.append(line_of(beside, is_bold=line.is_bold))
    tables = {number: _table(grids[number], words[number]) for number in places}
    if any(table is None for table in tables.values()):
        return with_tables(lines, [grid for number, grid in enumerate(grids) if tables.get(number)])
    for number, table in tables.items():
        if table is not None:
            found[places[number]] = table
    return found


def _table(grid: Grid, placed: Iterable[tuple[tuple[int, int], Word]]) -> Table | None:
    """The table of words with their cells; ``None`` where the rules part no rows or columns."""
    n_columns = len(grid.columns) - 1
    cells: list[list[list[Word]]] = [[[] for _ in range(n_columns)] for _ in grid.rows[1:]]
    for (row, column), word in placed:
        cells[row][column].append(word)
    if any(_is_several(row) for row in cells) or sum(any(row[n] for row in cells) for n in range(n_columns)) < 2:
        return None
    texts = [[_text(cell) for cell in row] for row in cells]
    for number in range(1, len(texts)):
        for column in range(n_columns):
            if not texts[number][column] and grid.joins_above(number, column):
                texts[number][column] = texts[number - 1][column]
    return Table(grid.columns[:-1], tuple(tuple(row) for row in texts if any(row)))


def _text(words: Sequence[Word]) -> str:
    return " ".join(line.text for line in _lines(words))


def _lines(words: Sequence[Word]) -> Iterator[Line]:
    """Lines of a cell's words, which stand in order."""
    line: list[Word] = []
    for word in words:
        if line and abs(word.bottom - line[-1].bottom) > word.height / 2:
            yield line_of(line)
            line = []
        line.append(word)
    if line:
        yield line_of(line)


def _is_several(row: Sequence[Sequence[Word]]) -> bool:
    first, *others = ({round(line.bottom) for line in _lines(cell)} for cell in row)
    return any(len(first & other) >= _UNRULED for other in others)


def _between(edges: Sequence[float], place: float) -> int | None:
    """Which two neighbouring edges a place lies between."""
    for number, (one, other) in enumerate(pairwise(edges)):
        if min(one, other) <= place <= max(one, other):
            return number
    return None


def _is_ruled(rules: Iterable[Rule], at: float, place: float) -> bool:
    return any(abs(rule.at - at) <= MEETS and rule.covers(place) for rule in rules)


def _grid(upright: Sequence[Rule], level: Sequence[Rule]) -> Grid | None:
    if not upright or not level:
        return None
    # a table may be open at its sides: there its other rules end
    columns = _places([rule.at for rule in upright] + [end for rule in level for end in (rule.start, rule.end)])
    rows = _places([rule.at for rule in level] + [end for rule in upright for end in (rule.start, rule.end)])
    if len(columns) < 3 or len(rows) < 3:
        return None
    return Grid(tuple(columns), tuple(reversed(rows)), tuple(upright), tuple(level))


def _places(values: Iterable[float]) -> list[float]:
    """Values in order, those that are nearly the same once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > MEETS:
            found.append(value)
    return found


def _connected(upright: list[Rule], level: list[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Rules that meet, directly or by others."""
    while upright:
        own_upright, own_level = [upright.pop()], list[Rule]()
        grown = True
        while grown:
            met = [one for one in level if any(_meet(each, one) for each in own_upright)]
            level = [one for one in level if one not in met]
            own_level += met
            also = [one for one in upright if any(_meet(one, each) for each in met)]
            upright = [one for one in upright if one not in also]
            own_upright += also
            grown = bool(met or also)
        yield own_upright, own_level


def _meet(upright: Rule, level: Rule) -> bool:
    return upright.covers(level.at) and level.covers(upright.at)
