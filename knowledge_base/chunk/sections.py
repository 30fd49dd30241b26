"""Blocks grouped by the heading they stand under, with the heading's path and audience."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from knowledge_base.passage import Audience, Block, BlockKind, Document

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks directly under one heading.

    Attributes:
        path: headings from the outermost to its own; empty before the first heading and under the document's title.
        start: offset of its heading's text.
        audience: the nearest override above it, else the document's.
        blocks: never empty.
    """

    path: tuple[str, ...]
    start: int
    audience: Audience
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    audience: Audience


def sections(document: Document) -> list[Section]:
    """Sections that hold text, in order."""
    found: list[Section] = []
    path: list[_Heading] = []
    blocks: list[Block] = []
    start = document.blocks[0].start if document.blocks else 0

    def close() -> None:
        if blocks:
            audience = path[-1].audience if path else document.metadata.audience
            found.append(Section(_names(document, path), start, audience, tuple(blocks)))
            blocks.clear()

    for block in document.blocks:
        if block.kind is not BlockKind.HEADING:
            blocks.append(block)
            continue
        close()
        start = block.start
        while path and path[-1].level >= block.level:
            path.pop()
        inherited = path[-1].audience if path else document.metadata.audience
        path.append(_Heading(block.level, document.text[block.start : block.end], block.audience or inherited))
    close()
    return found


def _names(document: Document, path: list[_Heading]) -> tuple[str, ...]:
    """Heading texts; the outermost is left out where it repeats the document's title."""
    names = [heading.text for heading in path]
    title = _words(document.metadata.title)
    if names and (title in (first := _words(names[0])) or first in title):
        names = names[1:]
    return tuple(names)


def _words(name: str) -> str:
    """A name without regard to case and to what stands between its words; as it is where it has none."""
    return " ".join(_WORD.findall(name.casefold())) or name
