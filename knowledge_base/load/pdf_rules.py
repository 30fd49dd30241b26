"""Rules of a PDF page: the straight upright and level lines that are drawn on it, as around the cells of tables."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

#: How exactly rules meet, in points.
MEETS: Final = 3.0
# In points: what is thinner is a line; what is shorter is no rule.
_THIN: Final = 3.0
_SHORT: Final = 5.0
# Drawings have more of these than tables have.
_MOST_OBJECTS: Final = 5_000
_MOST_SEGMENTS: Final = 2_000
_MOST_RULES: Final = 200

_Point = tuple[float, float]


class Rule(NamedTuple):
    """A straight line: where it stands, and from where to where it goes, in points."""

    at: float
    start: float
    end: float

    def covers(self, place: float) -> bool:
        """Whether it passes a place."""
        return self.start - MEETS <= place <= self.end + MEETS


def page_rules(page: PdfPage) -> tuple[list[Rule], list[Rule]]:
    """Upright and level rules of a page, pieces put together; none for a page that is a drawing."""
    upright: list[Rule] = []
    level: list[Rule] = []
    n_objects = pdfium.FPDFPage_CountObjects(page.raw)
    for number in range(min(n_objects, _MOST_OBJECTS)):
        thing = pdfium.FPDFPage_GetObject(page.raw, number)
        if pdfium.FPDFPageObj_GetType(thing) == pdfium.FPDF_PAGEOBJ_PATH:
            for (left, bottom), (right, top) in _pieces(thing):
                if abs(left - right) <= _THIN and abs(top - bottom) >= _SHORT:
                    upright.append(Rule((left + right) / 2, min(bottom, top), max(bottom, top)))
                elif abs(top - bottom) <= _THIN and abs(left - right) >= _SHORT:
                    level.append(Rule((bottom + top) / 2, min(left, right), max(left, right)))
    upright, level = _whole(upright), _whole(level)
    if n_objects > _MOST_OBJECTS or max(len(upright), len(level)) > _MOST_RULES:
        return [], []
    return upright, level


def _pieces(path: object) -> Iterator[tuple[_Point, _Point]]:
    """Straight pieces of a path, each as two points of the page; a thin rectangle is one."""
    matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_float(), ctypes.c_float()
    pdfium.FPDFPageObj_GetMatrix(path, matrix)
    first = last = (0.0, 0.0)
    pieces = []
    for number in range(min(pdfium.FPDFPath_CountSegments(path), _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(path, number)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            pieces.append((last, point))
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment):
            pieces.append((last, first))
            last = first
    yield from pieces


def _whole(rules: Iterable[Rule]) -> list[Rule]:
    """Rules on one line that touch, as one."""
    found: list[Rule] = []
    lines: list[list[Rule]] = []
    for rule in sorted(rules):
        if lines and rule.at - lines[-1][0].at <= MEETS:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    for line in lines:
        line.sort(key=lambda rule: rule.start)
        whole = line[0]
        for rule in line[1:]:
            if rule.start <= whole.end + MEETS:
                whole = whole._replace(end=max(whole.end, rule.end))
            else:
                found.append(whole)
                whole = rule
        found.append(whole)
    return found
