"""Sections to passages.

A passage stays within one section. Paragraphs, list items and table rows are packed whole up to ``MAX_WORDS``; a table
that has to be cut repeats its header. Each row of an error-code table is a passage of its own. A section's short
introduction joins its first sub-section; nothing else crosses a heading.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Final

from knowledge_base.chunk.sections import Section, sections
from knowledge_base.passage import Block, BlockKind, Document, DocumentMetadata, Passage

MAX_WORDS: Final = 220
# An introduction this short says too little to be found by itself.
_SHORT_INTRODUCTION: Final = 25
_CODE_CELL: Final = re.compile(r"^[A-Z]{1,5}[- ]?\d{1,4}[A-Z]?(?:\s*[,/]\s*[A-Z]{1,5}[- ]?\d{1,4})*$")
_MARKUP: Final = str.maketrans("", "", "`*_")
# What goes on for longer than any word is cut: a passage must stay short even without a space.
_WORD: Final = re.compile(r"\S{1,100}")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+(?=[A-ZĄĆĘŁŃÓŚŹŻ0-9„\"*])")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What becomes one passage: a run of the text, behind a table header that is not next to it."""

    section: Section
    start: int
    end: int
    header: str = ""


def split_document(document: Document) -> list[Passage]:
    """Passages of a document in order; ``codes`` and ``superseded_from`` are left for the index builder."""
    pieces = [piece for section in sections(document) for piece in _pieces(document.text, section)]
    return [
        _passage(document, piece, number) for number, piece in enumerate(_join_introductions(document.text, pieces))
    ]


def _passage(document: Document, piece: _Piece, number: int) -> Passage:
    about = document.metadata
    return Passage(
        id=f"{about.key}#{number}",
        document_id=about.id,
        document_version=about.version,
        title=about.title,
        section=piece.section.path,
        text=piece.header + document.text[piece.start : piece.end],
        start=piece.start,
        end=piece.end,
        prefix=len(piece.header),
        page=bisect_right(document.page_starts, piece.start) or None,
        page_turns=tuple(turn for turn in document.page_starts if piece.start < turn < piece.end),
        doc_type=about.doc_type,
        language=about.language,
        audience=piece.section.audience,
        product=about.product,
        model=about.model,
        valid_from=about.valid_from,
        valid_to=about.valid_to,
        legal_refs=about.legal_refs,
        safety=about.safety,
        source=document.source,
        asked_as=_asked_as(about, piece.section),
    )


def _asked_as(about: DocumentMetadata, section: Section) -> tuple[str, ...]:
    """Phrases given for the section's own heading; the document's title stands for the text before the first one."""
    own = (section.path[-1] if section.path else about.title).casefold()
    return tuple(phrase for heading, given in about.asked_as if own.startswith(heading.casefold()) for phrase in given)


def _pieces(text: str, section: Section) -> Iterator[_Piece]:
    """Pieces of one section: code tables by row, the rest packed."""
    rest: list[Block] = []
    for table in _tables_and_others(section.blocks):
        if _is_code_table(text, table):
            yield from _pack(text, section, rest)
            rest = []
            header = text[table[0].start : table[0].end] + "\n"
            yield from (_Piece(section, row.start, row.end, header) for row in table[1:])
        else:
            rest += table
    yield from _pack(text, section, rest)


def _tables_and_others(blocks: tuple[Block, ...]) -> Iterator[list[Block]]:
    """Each table with its header as one list, runs of other blocks as lists."""
    table = 0
    numbered = []
    for block in blocks:
        table += block.kind is BlockKind.TABLE_HEADER
        is_row = block.kind in (BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW)
        numbered.append((table if is_row else 0, block))
    for _, run in groupby(numbered, key=lambda pair: pair[0]):
        yield [block for _, block in run]


def _is_code_table(text: str, table: list[Block]) -> bool:
    """A table in which most rows begin with an error code."""
    if table[0].kind is not BlockKind.TABLE_HEADER or len(table) < 2:
        return False
    with_code = sum(_CODE_CELL.match(_first_cell(text[row.start : row.end])) is not None for row in table[1:])
    return with_code * 2 > len(table) - 1


def _first_cell(row: str) -> str:
    return row.strip().removeprefix("|").split("|", 1)[0].translate(_MARKUP).strip()


def _pack(text: str, section: Section, blocks: list[Block]) -> Iterator[_Piece]:
    """Pack blocks in order up to the limit."""
    packed: list[Block] = []
    n_words = 0
    header: Block | None = None
    repeated = ""
    for block in _cut_long(text, blocks):
        if block.kind is BlockKind.TABLE_HEADER:
            header = block
        added = _words(text, packed[-1].end if packed else block.start, block.end)
        if packed and n_words + added > MAX_WORDS:
            yield _Piece(section, packed[0].start, packed[-1].end, repeated)
            packed, n_words, added = [], 0, _words(text, block.start, block.end)
            cut_table = block.kind is BlockKind.TABLE_ROW and header is not None
            repeated = text[header.start : header.end] + "\n" if cut_table and header else ""
        packed.append(block)
        n_words += added
    if packed:
        yield _Piece(section, packed[0].start, packed[-1].end, repeated)


def _words(text: str, start: int, end: int) -> int:
    return sum(1 for _ in _WORD.finditer(text, start, end))


def _cut_long(text: str, blocks: list[Block]) -> Iterator[Block]:
    """Cut paragraphs over the limit at ends of sentences, and a sentence over it at spaces."""
    for block in blocks:
        start: int | None = block.start
        while start is not None and (limit := _limit(text, start, block.end)) is not None:
            ends = [match.end() for match in _SENTENCE_END.finditer(text, start, limit)]
            end = ends[-1] if ends else limit
            yield replace(block, start=start, end=start + len(text[start:end].rstrip()))
            following = _WORD.search(text, end, block.end)
            start = following.start() if following else None
        if start is not None:
            yield replace(block, start=start)


def _limit(text: str, start: int, end: int) -> int | None:
    """Offset behind the last word a passage may hold; ``None`` where the text is short enough.

    Looks no further than needed: a paragraph of megabytes must not be read again for each of its passages.
    """
    words = list(islice(_WORD.finditer(text, start, end), MAX_WORDS + 1))
    return words[MAX_WORDS - 1].end() if len(words) > MAX_WORDS else None


def _join_introductions(text: str, pieces: list[_Piece]) -> Iterator[_Piece]:
    """Let a short introduction be the beginning of the first passage of the sub-section behind it."""
    waiting: _Piece | None = None
    for piece in pieces:
        if waiting is not None:
            if _introduces(waiting, piece) and _words(text, waiting.start, piece.end) <= MAX_WORDS:
                piece = replace(piece, start=waiting.start)
            else:
                yield waiting
        waiting = None
        if not piece.header and _words(text, piece.start, piece.end) < _SHORT_INTRODUCTION:
            waiting = piece
        else:
            yield piece
    if waiting is not None:
        yield waiting


def _introduces(piece: _Piece, following: _Piece) -> bool:
    upper, lower = piece.section, following.section
    is_below = len(lower.path) > len(upper.path) and lower.path[: len(upper.path)] == upper.path
    # The title's own introduction is about the whole document, not about its first section.
    return is_below and bool(upper.path) and upper.audience is lower.audience and not following.header
