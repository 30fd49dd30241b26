"""Markdown to blocks whose offsets point into the file's own text.

Read: headings (ATX and underlined), paragraphs, list items with their continuation lines, pipe tables, fenced code (as
a paragraph), and ``<!-- audience: internal -->`` under a heading. Not read: inline markup, which stays in the text word
for word.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from knowledge_base.load.parsed import ParsedText, audience_of
from knowledge_base.passage import Block, BlockKind

_HEADING: Final = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)$")
_ITEM: Final = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+\S")
_TABLE_RULE: Final = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_FENCE: Final = re.compile(r"^\s*(```|~~~)")
#: Under a line, what makes it a heading; elsewhere a rule across the page.
_UNDERLINE: Final = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_RULE: Final = re.compile(r"^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_COMMENT: Final = re.compile(r"^\s*(<!--.*?-->)\s*$")


def parse_markdown(text: str, start: int = 0) -> ParsedText:
    """Blocks of a Markdown text from an offset on (behind its front matter)."""
    scanner = _Scanner(text, start)
    scanner.run()
    title = next((text[b.start : b.end] for b in scanner.blocks if b.kind is BlockKind.HEADING), "")
    return ParsedText(text, tuple(scanner.blocks), title)


def _title(heading: str) -> str:
    """A heading without a closing run of ``#``, which a space must stand before: "C#" keeps its own.

    Source: CommonMark 0.31, ATX headings.
    """
    text = heading.rstrip(" \t")
    opened = text.rstrip("#")
    return opened.rstrip(" \t") if opened != text and (not opened or opened[-1] in " \t") else text


class _Scanner:
    """Walks over the lines once; an open block grows until a line that does not belong to it."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self._at = start
        self._open: Block | None = None
        self._in_fence = False

    def run(self) -> None:
        """Read all lines."""
        lines = self.text[self._at :].splitlines(keepends=True)
        for number, raw in enumerate(lines):
            line = raw.rstrip("\r\n")
            following = lines[number + 1].rstrip("\r\n") if number + 1 < len(lines) else ""
            self._line(line, following)
            self._at += len(raw)
        self._close()

    def _line(self, line: str, following: str) -> None:
        if _FENCE.match(line):
            self._in_fence = not self._in_fence
            self._grow(BlockKind.PARAGRAPH, line)
        elif self._in_fence:
            self._grow(BlockKind.PARAGRAPH, line)
        elif not line.strip():
            self._close()
        elif comment := _COMMENT.match(line):
            self._close()
            self._mark_audience(comment[1])
        elif heading := _HEADING.match(line):
            self._close()
            first = self._at + heading.start(2)
            self.blocks.append(Block(BlockKind.HEADING, first, first + len(_title(heading[2])), level=len(heading[1])))
        elif (underline := _UNDERLINE.match(line)) and self._may_be_title():
            self._underlined(1 if underline[1].startswith("=") else 2)
        elif _RULE.match(line):
            self._close()
        elif "|" in line and (self._in_table() or _TABLE_RULE.match(following)):
            self._table_line(line)
        else:
            self._text_line(line)

    def _may_be_title(self) -> bool:
        """Whether the line above, a paragraph by itself, becomes a heading when it is underlined."""
        last = self._open
        return last is not None and last.kind is BlockKind.PARAGRAPH and "\n" not in self.text[last.start : last.end]

    def _underlined(self, level: int) -> None:
        if self._open is not None:
            self.blocks.append(replace(self._open, kind=BlockKind.HEADING, level=level))
        self._open = None

    def _text_line(self, line: str) -> None:
        if _ITEM.match(line):
            self._close()
            self._grow(BlockKind.LIST_ITEM, line)
        else:
            self._grow(self._open.kind if self._open else BlockKind.PARAGRAPH, line)

    def _in_table(self) -> bool:
        last = self._open
        return last is not None and last.kind in (BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW)

    def _table_line(self, line: str) -> None:
        kind = BlockKind.TABLE_ROW if self._in_table() else BlockKind.TABLE_HEADER
        if kind is BlockKind.TABLE_ROW and _TABLE_RULE.match(line):
            return
        self._close()
        self._grow(kind, line)

    def _grow(self, kind: BlockKind, line: str) -> None:
        end = self._at + len(line.rstrip())
        if self._open is None:
            self._open = Block(kind, self._at + len(line) - len(line.lstrip()), end)
        else:
            self._open = replace(self._open, end=end)

    def _close(self) -> None:
        if self._open is not None:
            self.blocks.append(self._open)
        self._open = None

    def _mark_audience(self, comment: str) -> None:
        audience = audience_of(comment)
        if audience is None or not self.blocks:
            return
        for i in range(len(self.blocks) - 1, -1, -1):
            if self.blocks[i].kind is BlockKind.HEADING:
                self.blocks[i] = replace(self.blocks[i], audience=audience)
                return
