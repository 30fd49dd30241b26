"""HTML to blocks: headings, paragraphs, list items and tables; scripts, menus and footers are dropped.

Where a page marks its main part, only that is read. What opens a part of the page that is folded up, as questions of an
FAQ are shown, is that part's heading, and so is a term its description's.

Text stands where browsers show it, also where no paragraph is marked: straight in a section, beside a heading in a
``div``. What ends a line in a browser ends a block here; tags within a line join words as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

from knowledge_base.load.parsed import ParsedText, TextBuilder, add_table
from knowledge_base.passage import BlockKind

_DROPPED: Final = [
    *("script", "style", "noscript", "template", "svg", "iframe", "object"),
    *("nav", "footer", "aside"),
    *("label", "select", "textarea", "datalist"),  # of a form; some sites put whole pages into one
]
#: What a part of a page is for, as its role says.
_DROPPED_ROLES: Final = frozenset(
    "navigation banner contentinfo complementary search menu menubar dialog alertdialog".split()
)
#: Words of a class or an id by which content management systems mark what is on every page.
_FURNITURE: Final = re.compile(
    r"(?:^|[-_])(?:breadcrumbs?|cookies?|sidebar|newsletter|skip-link)(?:$|[-_])", re.IGNORECASE
)
#: Tags within a line.
_INLINE: Final = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd mark meter output progress q rp rt
    ruby s samp small span strike strong sub sup time tt u var wbr
    """.split()
)
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
#: What heads text without being a heading.
_HEADS: Final = ("summary", "dt", "button")
_WITH_HEADS: Final = ("details", "dl")
_LOWEST: Final = 6
_MOST_SPAN: Final = 50
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
    for tag in soup(_is_dropped):
        if not tag.decomposed:
            tag.decompose()
    parts = soup(["main", lambda tag: tag.get("role") == "main"])
    reader = _Reader(TextBuilder(max_chars))
    reader.read(parts[0] if len(parts) == 1 and parts[0].get_text(strip=True) else soup.body or soup)
    return reader.builder.build(title or reader.builder.first_heading)


def _is_dropped(tag: Tag) -> bool:
    """What is not shown, or is on every page."""
    if tag.name in ("html", "body", "main", "article"):
        return False
    names = (*tag.get_attribute_list("class"), tag.get("id"))
    return (
        (tag.has_attr("hidden") and tag.get("hidden") != "until-found")
        or tag.get("role") in _DROPPED_ROLES
        or (tag.name == "button" and not _opens(tag))
        or any(_FURNITURE.search(str(name)) for name in names if name)
    )


def _opens(button: Tag) -> bool:
    """Whether a button opens a part of the page: it says so, or asks a question."""
    asks = button.get_text(strip=True).endswith("?")
    return asks or button.has_attr("aria-expanded") or button.has_attr("aria-controls")


class _Reader:
    """Collects the words of a line until something ends it."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self._words: list[str] = []
        self._open_items = 0
        self._heading = ("", 0)
        self._left = False  # a part that had a head of its own: what follows is the heading's again

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
            self._heading = _words_of(tag), int(tag.name[1])
            self._head(*self._heading)
        elif _is_head(tag):
            self._head(_words_of(tag), min(self._heading[1] + 1, _LOWEST))
        elif tag.name in _WITH_HEADS:
            self._left = is_end
        elif _is_whole(tag):
            self._add_table(tag)

    def _head(self, text: str, level: int) -> None:
        self.builder.add(BlockKind.HEADING, text, level=level)
        self._left = False

    def _return(self) -> None:
        if self._left:
            self._head(*self._heading)

    def _end_line(self) -> None:
        text = " ".join("".join(self._words).split())
        self._words.clear()
        if text:
            self._return()
        if self._open_items:
            self.builder.add(BlockKind.LIST_ITEM, f"- {text}" if text else "")
        else:
            self.builder.add(BlockKind.PARAGRAPH, text)

    def _add_table(self, table: Tag) -> None:
        self._return()
        if caption := table.find("caption"):
            self.builder.add(BlockKind.PARAGRAPH, _words_of(caption))
        add_table(self.builder, _rows(table))


def _rows(table: Tag) -> Iterator[list[str]]:
    """Cells by column.

    One over several columns stands in each of a header, in the first of another row; one over several rows in each.
    """
    hanging: dict[int, tuple[str, int]] = {}  # by column, what goes on from above and for how many rows
    for row in table.find_all("tr"):
        texts: list[str] = []
        for cell in row.find_all(["td", "th"]):
            _hang(texts, hanging)
            text = _words_of(cell)
            for number in range(_span(cell, "colspan")):
                shown = text if number == 0 or cell.name == "th" else ""
                if (n_rows := _span(cell, "rowspan")) > 1:
                    hanging[len(texts)] = shown, n_rows
                texts.append(shown)
        _hang(texts, hanging)
        hanging = {column: (text, n_rows - 1) for column, (text, n_rows) in hanging.items() if n_rows > 1}
        yield texts


def _hang(texts: list[str], hanging: Mapping[int, tuple[str, int]]) -> None:
    """Add the cells from above that stand next."""
    while len(texts) in hanging:
        texts.append(hanging[len(texts)][0])


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1")).strip()
    return min(max(int(value), 1), _MOST_SPAN) if value.isdecimal() else 1


def _is_whole(tag: Tag) -> bool:
    """Headings and tables of data."""
    return tag.name in _HEADINGS or _is_head(tag) or (tag.name == "table" and tag.find(_PLACED) is None)


def _is_head(tag: Tag) -> bool:
    """A term or a summary that says something of its own; a heading inside one heads by itself."""
    return tag.name in _HEADS and tag.find(_HEADINGS) is None


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
