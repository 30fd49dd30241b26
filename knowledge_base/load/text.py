"""Text formats: decoding, and the parser of each."""

from __future__ import annotations

import codecs
from typing import Final

from knowledge_base.load.front_matter import front_matter_end
from knowledge_base.load.markdown import parse_markdown
from knowledge_base.load.parsed import ParsedText
from knowledge_base.load.plain import parse_macros, parse_text

#: Suffixes of formats that are text as they stand.
TEXT_FORMATS: Final = frozenset({".md", ".markdown", ".txt", ".csv"})

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(content: bytes) -> str:
    """Text of a file; all line ends become newlines.

    UTF-8, UTF-16 with its mark, as spreadsheets and Windows' Notepad save „Unicode”, or Windows-1250 as old Polish
    macro exports use it.

    Raises:
        ValueError: it is not text, or its encoding is not known.
    """
    text = _decoded(content)
    if "\x00" in text:
        raise ValueError("it is not a text file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF_16):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\x00" in content:
        raise ValueError("it is not a text file")
    else:
        encodings = ("utf-8-sig", "cp1250")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("its encoding is not known")


def parse_plain(text: str, suffix: str, max_chars: int) -> ParsedText:
    """Blocks of a decoded text; a Markdown file's front matter is left out of them.

    Raises:
        ValueError: a macro list has faults, or holds too much text.
    """
    if suffix == ".csv":
        return parse_macros(text, max_chars)
    if suffix == ".txt":
        return parse_text(text)
    return parse_markdown(text, front_matter_end(text))
