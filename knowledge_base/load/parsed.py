"""A parsed file before its metadata is known, and the builder that formats without readable source write into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from knowledge_base.passage import Audience, Block, BlockKind


@dataclass(frozen=True, slots=True)
class ParsedText:
    """Text of a file and its blocks; the title and where pages begin where the format has them."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    page_starts: tuple[int, ...] = ()


class ParsedJson(TypedDict):
    """A ``ParsedText`` on its way out of the parsing process; JSON, as pickles can carry code."""

    text: str
    title: str
    blocks: list[tuple[str, int, int, int, str | None]]
    page_starts: list[int]


@dataclass(slots=True)
class TextBuilder:
    """Collects blocks and joins them to one text with a blank line between (none between table rows)."""

    max_chars: int
    _parts: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _page_starts: list[int] = field(default_factory=list)
    _length: int = 0

    def add(
        self, kind: BlockKind, text: str, *, level: int = 0, page: int = 0, turns: Sequence[tuple[int, int]] = ()
    ) -> None:
        """Append a block; empty ones are left out.

        Args:
            page: the one it begins on, from 1; 0 where the format has none.
            turns: where in it, and to which page, it goes on; in a text without space around it or zeros.

        Raises:
            ValueError: the text is longer than allowed.
        """
        text = text.replace("\x00", "").strip()
        if not text:
            return
        if self._parts:
            together = kind is BlockKind.TABLE_ROW or kind is self._blocks[-1].kind is BlockKind.LIST_ITEM
            self._append("\n" if together else "\n\n")
        start = self._length
        self._append(text)
        self._blocks.append(Block(kind, start, self._length, level=level))
        for offset, its_page in ((0, page), *turns):
            self._page_starts += [start + offset] * (its_page - len(self._page_starts))

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > self.max_chars:
            raise ValueError(f"more than {self.max_chars:,} characters of text")

    @property
    def first_heading(self) -> str:
        """The heading it begins with, the title of a document that names none; empty where it begins with text."""
        return self._parts[0] if self._blocks and self._blocks[0].kind is BlockKind.HEADING else ""

    def build(self, title: str = "") -> ParsedText:
        """The text and its blocks."""
        return ParsedText("".join(self._parts), tuple(self._blocks), title, tuple(self._page_starts))


def add_table(builder: TextBuilder, rows: Iterable[Sequence[str]], *, page: int = 0) -> None:
    """Append a table by its rows, the first one its header; rows that say one thing above it are its title."""
    has_header = False
    waiting = ""
    for row in rows:
        said = [cell for cell in row if cell]
        if has_header:
            builder.add(BlockKind.TABLE_ROW, table_line(row) if said else "", page=page)
        elif len(said) == 1 and len(row) > 1:
            builder.add(BlockKind.PARAGRAPH, waiting, page=page)
            waiting = said[0]
        elif said:
            builder.add(BlockKind.PARAGRAPH, waiting, page=page)
            builder.add(BlockKind.TABLE_HEADER, table_line(row), page=page)
            has_header, waiting = True, ""
    builder.add(BlockKind.PARAGRAPH, waiting, page=page)


def table_line(cells: Sequence[str]) -> str:
    """One table row in Markdown's form."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "/") for cell in cells) + " |"


def to_json(parsed: ParsedText) -> ParsedJson:
    """Plain data for the pipe."""
    blocks = [(b.kind.value, b.start, b.end, b.level, b.audience.value if b.audience else None) for b in parsed.blocks]
    return {"text": parsed.text, "title": parsed.title, "blocks": blocks, "page_starts": [*parsed.page_starts]}


def from_json(data: ParsedJson) -> ParsedText:
    """The other end of ``to_json``."""
    blocks = [
        Block(BlockKind(kind), start, end, level, Audience(audience) if audience else None)
        for kind, start, end, level, audience in data["blocks"]
    ]
    return ParsedText(data["text"], tuple(blocks), data["title"], tuple(data["page_starts"]))


def audience_of(comment: str) -> Audience | None:
    """Audience named by a comment such as ``<!-- audience: internal -->``; None for another comment."""
    name, _, value = comment.removeprefix("<!--").removesuffix("-->").partition(":")
    if name.strip().lower() != "audience":
        return None
    # An unknown word must not open a section to customers.
    return Audience.CUSTOMER if value.strip().lower() == Audience.CUSTOMER else Audience.INTERNAL
