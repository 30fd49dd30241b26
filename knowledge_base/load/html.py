"""HTML to blocks: headings, paragraphs, list items and tables; scripts, menus and footers are dropped.

Text stands where browsers show it, also where no paragraph is marked: straight in a section, beside a heading in a
``div``. What ends a line in a browser ends a block here; tags within a line join words as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

from knowledge_base.load.parsed import ParsedText, TextBuilder, table_line
from knowledge_base.passage import BlockKind

_DROPPED: Final = [
    *("script", "style", "noscript", "template", "svg", "iframe", "object"),
    *("nav", "footer", "aside"),
    *("button", "label", "select", "textarea", "datalist"),  # of a form; some sites put whole pages into one
]
#: Tags within a line.
_INLINE: Final = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd mark meter output progress q rp rt
    ruby s samp small span strike strong sub sup time tt u var wbr
    """.split()
)
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
#: A table with one of these places parts of the page.
_PLACED: Final = ["table", *_HEADINGS]
#: What parts the words of a list item, but does not end it.
_WITHIN_ITEM: Final = frozenset({"p", "div", "br"})


def parse_html(content: bytes, max_chars: int) -> ParsedText:
    """Blocks of an HTML page.

    Raises:
        ValueError: it holds too much text.
    """
    soup = BeautifulSoup(content, "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for tag in soup(_DROPPED):
        tag.decompose()
    reader = _Reader(TextBuilder(max_chars))
    reader.read(soup.body or soup)
    return reader.builder.build(title)


class _Reader:
    """Collects the words of a line until something ends it."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self._words: list[str] = []
        self._open_items = 0

    def read(self, root: Tag) -> None:
        """Add the blocks of a part of a page."""
        for node, is_end in _walk(root, _is_whole):
            if isinstance(node, NavigableString):
                self._words.append(node)
            elif isinstance(node, Tag) and node.name not in _INLINE:
                self._meet(node, is_end)
        self._end_line()

    def _meet(self, tag: Tag, is_end: bool) -> None:
        if self._open_items and tag.name in _WITHIN_ITEM:
            self._words.append(" ")
            return
        self._end_line()
        if tag.name == "li":
            self._open_items += -1 if is_end else 1
        elif tag.name in _HEADINGS:
            self.builder.add(BlockKind.HEADING, _words_of(tag), level=int(tag.name[1]))
        elif _is_whole(tag):
            self._add_table(tag)

    def _end_line(self) -> None:
        text = " ".join("".join(self._words).split())
        self._words.clear()
        if self._open_items:
            self.builder.add(BlockKind.LIST_ITEM, f"- {text}" if text else "")
        else:
            self.builder.add(BlockKind.PARAGRAPH, text)

    def _add_table(self, table: Tag) -> None:
        for number, row in enumerate(table.find_all("tr")):
            cells = [_words_of(cell) for cell in row.find_all(["td", "th"])]
            if any(cells):
                self.builder.add(BlockKind.TABLE_ROW if number else BlockKind.TABLE_HEADER, table_line(cells))


def _is_whole(tag: Tag) -> bool:
    """Headings and tables of data."""
    return tag.name in _HEADINGS or (tag.name == "table" and tag.find(_PLACED) is None)


def _words_of(tag: Tag) -> str:
    parts = []
    for node, _ in _walk(tag, lambda _: False):
        if isinstance(node, NavigableString):
            parts.append(str(node))
        elif isinstance(node, Tag) and node.name not in _INLINE:
            parts.append(" ")
    return " ".join("".join(parts).split())


def _walk(root: Tag, is_whole: Callable[[Tag], bool]) -> Iterator[tuple[PageElement, bool]]:
    """Texts, and tags where they begin and (true) where they end; nothing of what is whole but its beginning.

    Without recursion: some pages nest without end.
    """
    opened: list[tuple[Tag, Iterator[PageElement]]] = [(root, iter(root.children))]
    while opened:
        tag, children = opened[-1]
        node = next(children, None)
        if node is None:
            opened.pop()
            if opened:
                yield tag, True
        elif isinstance(node, Tag):
            yield node, False
            if not is_whole(node):
                opened.append((node, iter(node.children)))
        elif type(node) is NavigableString:  # no comment
            yield node, False
