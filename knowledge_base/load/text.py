"""Text formats: decoding, and the parser of each."""

from __future__ import annotations

import codecs
from typing import Final

from knowledge_base.load.front_matter import front_matter_end
from knowledge_base.load.macros import parse_macros
from knowledge_base.load.markdown import parse_markdown
from knowledge_base.load.parsed import ParsedText
from knowledge_base.load.plain_text import parse_text

#: Suffixes of formats that are text as they stand.
TEXT_FORMATS: Final = frozenset({".md", ".markdown", ".txt", ".csv"})

_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(content: bytes) -> str:
    """Text of a file; all line ends become newlines.

    UTF-8, UTF-16 with its mark, as spreadsheets and Windows' Notepad save „Unicode”, or Windows-1250 or ISO 8859-2 as
    old Polish exports use them.

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
        encodings = ("utf-8-sig", "iso8859-2") if _is_latin_2(content) else ("utf-8-sig", "cp1250")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("its encoding is not known")


def _is_latin_2(content: bytes) -> bool:
    """Whether a Polish text that is no UTF-8 is in ISO 8859-2: it has letters where Windows-1250 has signs.

    Source: mapping tables of Unicode.org; ą ś ź Ą Ś Ź stand at other places, all other Polish letters at the same.
    """
    windows, latin = (sum(content.count(code) for code in "ąśźĄŚŹ".encode(name)) for name in ("cp1250", "iso8859-2"))
    return latin > windows


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
