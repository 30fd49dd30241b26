"""Text formats: decoding, and the parser of each."""

from __future__ import annotations

from typing import Final

from knowledge_base.load.front_matter import front_matter_end
from knowledge_base.load.markdown import parse_markdown
from knowledge_base.load.parsed import ParsedText
from knowledge_base.load.plain import parse_macros, parse_text

#: Suffixes of formats that are text as they stand.
TEXT_FORMATS: Final = frozenset({".md", ".markdown", ".txt", ".csv"})


def decode(content: bytes) -> str:
    """Text of a file: UTF-8, or Windows-1250 as old Polish macro exports use it; all line ends become newlines.

    Raises:
        ValueError: it is not text, or its encoding is not known.
    """
    if b"\x00" in content:
        raise ValueError("it is not a text file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1250")
        except UnicodeDecodeError as error:
            raise ValueError("its encoding is not known") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
