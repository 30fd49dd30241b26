"""Plain text to blocks whose offsets point into it.

Headings are lines that are underlined, numbered („3. Zwrot”, „§ 3 Zwrot”) or in capitals, before text. Several in a row
of one kind are a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from knowledge_base.load.parsed import ParsedText
from knowledge_base.passage import Block, BlockKind

PARAGRAPH: Final = re.compile(r"\S(?:.|\n(?!\s*\n))*")
_UNDERLINED: Final = re.compile(r"([^\n]+)\n[ \t]*([=\-~*])\2{2,}[ \t]*(?:\n|\Z)")
_NUMBERED: Final = re.compile(r"\d{1,2}((?:\.\d{1,2}){0,3})[.)]?[ \t]+[^\W\d_]", re.IGNORECASE)
_NAMED: Final = re.compile(r"(?:§ ?\d{1,3}|(?:rozdział|chapter|część|part) [\dIVX]+)\b", re.IGNORECASE)
_ENDS_TEXT: Final = (".", ",", ";", ":", "!")
_MOST_CHARS: Final = 80
_CAPITALS_LEVEL: Final = 1
_NAME_LEVEL: Final = 2
_NUMBER_LEVEL: Final = 3


def parse_text(text: str) -> ParsedText:
    """Headings and paragraphs of a text."""
    parts = [part for match in PARAGRAPH.finditer(text) for part in _parts(match.start(), match[0].rstrip())]
    levels = [0, *(_level(text[start:end]) or level for start, end, level in parts), 0]
    blocks = []
    for (start, end, _), before, level, behind in zip(parts, levels, levels[1:], levels[2:], strict=False):
        is_heading = level and level not in (before, behind) and end < parts[-1][1]
        kind = BlockKind.HEADING if is_heading else BlockKind.PARAGRAPH
        blocks.append(Block(kind, start, end, level=level if is_heading else 0))
    begins_with_heading = bool(blocks) and blocks[0].kind is BlockKind.HEADING
    return ParsedText(text, tuple(blocks), text[blocks[0].start : blocks[0].end] if begins_with_heading else "")


def _parts(start: int, paragraph: str) -> Iterator[tuple[int, int, int]]:
    """Where a heading in a paragraph's first line, with its level, and the rest of it stand."""
    if underlined := _UNDERLINED.match(paragraph):
        yield start, start + len(underlined[1].rstrip()), 1 if underlined[2] == "=" else 2
        at = underlined.end()
    else:
        line, _, rest = paragraph.partition("\n")
        # a list goes on with another item, a step with small letters or further in
        following = rest.partition("\n")[0]
        goes_on = not following or following[0].islower() or following[0].isspace() or _level(following)
        at = 0 if goes_on or not _level(line) else len(line) + 1
        if at:
            yield start, start + len(line.rstrip()), _level(line)
    rest = paragraph[at:].lstrip()
    if rest:
        yield start + len(paragraph) - len(rest), start + len(paragraph), 0


def _level(line: str) -> int:
    """Level that a line would have as a heading, another one for each kind; 0 for text."""
    line = line.strip()
    if "\n" in line or len(line) > _MOST_CHARS or line.endswith(_ENDS_TEXT):
        return 0
    if not line.startswith("§") and (numbered := _NUMBERED.match(line)):
        return _NUMBER_LEVEL + numbered[1].count(".")
    if _NAMED.match(line):
        return _NAME_LEVEL
    return _CAPITALS_LEVEL if line.isupper() and len(line.split()) > 1 else 0
