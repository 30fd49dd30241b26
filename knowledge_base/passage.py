"""The values of the knowledge base: documents, passages, search filters and results.

Pure data: no storage, no third-party code beyond numpy's types. Offsets count characters (Unicode code points) in the
document's text; the half-open range ``[start, end)`` always satisfies ``document.text[start:end] == quote``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


class Audience(StrEnum):
    """Who may read a passage."""

    CUSTOMER = "customer"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class DocumentMetadata:
    """What a document says about itself in its front matter or sidecar file.

    Attributes:
        id: stable across versions, e.g. ``"P01"``.
        version: e.g. ``"3.1"``.
        doc_type: ``procedure``, ``manual``, ``template``, ``faq`` or the company's own word.
        language: ``pl`` or ``en``.
        valid_from: first day it applies; None: always did.
        valid_to: last day it applies; None: no end known.
        product: product line it is about; None: all.
        legal_refs: provisions it rests on, as written there.
        safety: it warns of danger to people.
        supersedes: ``id@version`` of the documents it replaces.
        asked_as: for sections, by the beginning of their headings, what people call their matter in other words.
    """

    id: str
    version: str
    title: str
    doc_type: str = "document"
    language: str = "pl"
    audience: Audience = Audience.INTERNAL
    valid_from: date | None = None
    valid_to: date | None = None
    product: str | None = None
    model: str | None = None
    legal_refs: tuple[str, ...] = ()
    safety: bool = False
    owner: str | None = None
    review_date: date | None = None
    supersedes: tuple[str, ...] = ()
    asked_as: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def key(self) -> str:
        """``id@version``, unique in an index."""
        return f"{self.id}@{self.version}"


class BlockKind(StrEnum):
    """What a run of text in a document is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_HEADER = "table_header"
    TABLE_ROW = "table_row"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item or table row of a document.

    Attributes:
        start: offset of its first character in the document's text.
        end: offset after its last character.
        level: depth of a heading, 1 is the outermost; 0 for other kinds.
        audience: overrides the document's audience from here to the end of the heading's section.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    audience: Audience | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read: its metadata, its whole text, and where its blocks lie in it.

    Attributes:
        source: the file's path relative to the folder that was indexed.
        digest: SHA-256 of the file and its sidecar, in hexadecimal.
        page_starts: where each page begins in the text, the first one first; empty where the format has no pages.
    """

    metadata: DocumentMetadata
    source: str
    digest: str
    text: str
    blocks: tuple[Block, ...]
    page_starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of search: a section, part of a section, or one row of an error-code table.

    Attributes:
        id: ``document@version#n``.
        section: heading path, outermost first.
        text: what is searched and shown; for a table row the table's header comes first.
        start: offset of the passage in the document's text.
        end: offset after it; ``document.text[start:end] == text[prefix:]``.
        prefix: length of the repeated table header in front of the verbatim part.
        page: the one it begins on, from 1; None where the format has no pages.
        page_turns: offsets in it, of the document's text, at which each further page begins.
        superseded_from: first day on which a newer version in the index replaces it; None: no newer version.
        codes: normalised error codes, part numbers and models in it, e.g. ``E18``.
        asked_as: what people call its matter in other words; searched, never shown.
        taught: questions that people found it to answer; searched, never shown.
    """

    id: str
    document_id: str
    document_version: str
    title: str
    section: tuple[str, ...]
    text: str
    start: int
    end: int
    prefix: int = 0
    page: int | None = None
    page_turns: tuple[int, ...] = ()
    doc_type: str = "document"
    language: str = "pl"
    audience: Audience = Audience.INTERNAL
    product: str | None = None
    model: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    legal_refs: tuple[str, ...] = ()
    safety: bool = False
    superseded_from: date | None = None
    codes: tuple[str, ...] = ()
    source: str = ""
    asked_as: tuple[str, ...] = ()
    taught: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Of what nearly always tells two passages apart: searches look passages up that they have read."""
        return hash((self.id, self.text))

    def page_at(self, offset: int) -> int | None:
        """The page on which an offset of the document's text stands; None where the format has no pages."""
        return None if self.page is None else self.page + bisect_right(self.page_turns, offset)

    def page_of(self, words: str) -> int | None:
        """The page on which some of the passage's words begin; its first one for words that are not in it."""
        return self.page_at(self.start - self.prefix + max(self.text.find(words), 0))

    @property
    def heading(self) -> str:
        """Title and heading path in one line, the passage's own heading last."""
        parts = [self.title, *self.section]
        return " › ".join(dict.fromkeys(part for part in parts if part))


class Encoder(Protocol):
    """Turns texts into unit vectors; two texts that mean the same lie close together.

    Attributes:
        name: identifies weights and variant; vectors of different names are never compared.
        dim: length of a vector.
    """

    name: str
    dim: int

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages: float32 of shape (n_texts, dim), of length 1, or 0 for an unknown text."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of queries, of the same shape and scale."""
        ...


@dataclass(frozen=True, slots=True)
class Background:
    """Cosines by an encoder of questions and passages that have nothing to do with one another, each in [-1, 1).

    Attributes:
        polish: both are Polish.
        english: both are English.
        other: one is Polish and one is English.
    """

    polish: float
    english: float
    other: float


@runtime_checkable
class CalibratedEncoder(Encoder, Protocol):
    """An encoder whose unrelated texts may be near one another, as transformers' are, and how near.

    Attributes:
        background: cosines of unrelated texts.
    """

    background: Background


@dataclass(frozen=True, slots=True)
class FileFault:
    """A file that could not be indexed, and what to do about it."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one run of the index builder did.

    Attributes:
        generation: id of the generation that now serves.
        embedded: passages whose vectors were computed in this run; the others were reused.
        faults: files left out, with the reason.
    """

    generation: str
    documents: int
    passages: int
    embedded: int
    duration_s: float
    faults: tuple[FileFault, ...] = field(default=())
