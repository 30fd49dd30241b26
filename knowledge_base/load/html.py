"""HTML to blocks: headings, paragraphs, list items and tables; scripts, menus and footers are dropped."""

from __future__ import annotations

from typing import Final

from bs4 import BeautifulSoup, Tag

from knowledge_base.load.parsed import ParsedText, TextBuilder, table_line
from knowledge_base.passage import BlockKind

_DROPPED: Final = [
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "footer",
    "aside",
    "form",
    "svg",
    "iframe",
    "button",
]
_READ: Final = ["h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "table", "pre", "blockquote", "dt", "dd", "div"]
_BLOCKS_INSIDE: Final = [*_READ, "ul", "ol", "dl", "section", "article", "main", "header"]


def parse_html(content: bytes, max_chars: int) -> ParsedText:
    """Blocks of an HTML page.

    Raises:
        ValueError: it holds too much text.
    """
    soup = BeautifulSoup(content, "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for tag in soup(_DROPPED):
        tag.decompose()
    builder = TextBuilder(max_chars)
    for tag in (soup.body or soup).find_all(_READ):
        _add(builder, tag)
    return builder.build(title)


def _add(builder: TextBuilder, tag: Tag) -> None:
    if tag.find_parent("table") is not None:
        return
    if tag.name == "table":
        _add_table(builder, tag)
    elif tag.name[0] == "h" and tag.name[1:].isdigit():
        builder.add(BlockKind.HEADING, _words(tag), level=int(tag.name[1]))
    elif tag.name == "li":
        builder.add(BlockKind.LIST_ITEM, "- " + _own_words(tag) if _own_words(tag) else "")
    elif tag.find(_BLOCKS_INSIDE) is None and tag.find_parent("li") is None:
        builder.add(BlockKind.PARAGRAPH, _words(tag))


def _add_table(builder: TextBuilder, table: Tag) -> None:
    for number, row in enumerate(table.find_all("tr")):
        cells = [_words(cell) for cell in row.find_all(["td", "th"])]
        if any(cells):
            builder.add(BlockKind.TABLE_ROW if number else BlockKind.TABLE_HEADER, table_line(cells))


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _own_words(item: Tag) -> str:
    """Words of a list item without those of lists and tables inside it, which are read on their own."""
    nested = {id(text) for inner in item.find_all(["ul", "ol", "table"]) for text in inner.find_all(string=True)}
    return " ".join(" ".join(text for text in item.find_all(string=True) if id(text) not in nested).split())
