r"""HTML to the text that a reader sees; helpdesks export bodies as HTML in a field that is called text.

>>> seen_text("<p>Pralka <b>cieknie</b></p><p>Jan</p>")
'Pralka cieknie\nJan'
>>> seen_text("napięcie < 5 V, błąd <E18>")
'napięcie < 5 V, błąd <E18>'
"""

from __future__ import annotations

import re
import warnings

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning

MAX_HTML_CHARS = 2_000_000
_BLOCK_TAGS = ("p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "blockquote")
_TAG = re.compile(
    r"</?(?:html|body|head|div|p|br|span|table|tbody|tr|td|ul|ol|li|b|strong|i|em|u|a|font|h[1-6]|blockquote|img)\b[^<>]*>",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"\s*(?:<!doctype html|<html)\b", re.IGNORECASE)


def seen_text(text: str) -> str:
    """What a reader sees of a text that is HTML; any other text as it is.

    A text is taken for HTML when it begins as a document or has two tags: a single ``<br>`` may be meant as written.
    """
    return html_to_text(text) if "<" in text and _is_html(text) else text


def _is_html(text: str) -> bool:
    if _DOCUMENT.match(text):
        return True
    tags = [found[0] for _, found in zip(range(2), _TAG.finditer(text), strict=False)]
    return len(tags) == 2


def html_to_text(html: str) -> str:
    """Visible text of an HTML body: no scripts, styles or hidden parts, one line per block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        soup = BeautifulSoup(html[:MAX_HTML_CHARS], "lxml")
    for tag in soup(["script", "style", "head", "title", "template", "noscript"]):
        tag.decompose()
    for tag in soup.find_all(style=re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0", re.I)):
        tag.decompose()
    for quote in soup.find_all("blockquote"):
        quote.insert_before("\n")
        for node in quote.find_all(string=True):
            node.replace_with("\n".join(f"> {line}" for line in str(node).splitlines() if line.strip()))
    for tag in soup.find_all(_BLOCK_TAGS):
        tag.insert_after("\n")
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in soup.get_text().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
