"""Reads a document into passages on their way into the index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from knowledge_base.chunk import split_document
from knowledge_base.errors import UnreadableDocument
from knowledge_base.hybrid import PassageVectors
from knowledge_base.passage import Document, Passage
from knowledge_base.store.records import DocumentRecord
from knowledge_base.tokenise import codes, detect_language


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on its way into the index.

    Attributes:
        vectors: as they were, if it did not change.
        stale: numbers of its passages whose vectors are to be made.
    """

    record: DocumentRecord
    passages: list[Passage]
    vectors: PassageVectors | None
    stale: frozenset[int]


def read_passages(document: Document) -> list[Passage]:
    """Passages of a document with their codes; its language is told from its text where it does not say.

    Raises:
        UnreadableDocument: there are headings only.
    """
    about = document.metadata
    if not about.language:
        document = replace(document, metadata=replace(about, language=detect_language(document.text)))
    passages = _with_fitting_names([_with_codes(passage) for passage in split_document(document)])
    if not passages:
        name = Path(document.source).name
        raise UnreadableDocument(name, "there is no text under its headings", "Add text, or leave the file out.")
    return passages


def entry_of(document: Document) -> Entry:
    """A document that was read now.

    Raises:
        UnreadableDocument: there are headings only.
    """
    passages = read_passages(document)
    return Entry(_record(document, len(passages)), passages, None, frozenset(range(len(passages))))


def _record(document: Document, n_passages: int) -> DocumentRecord:
    about = document.metadata
    return DocumentRecord(document.source, about.key, document.digest, 0, n_passages, about.supersedes, document.text)


def _with_codes(passage: Passage) -> Passage:
    """Codes in its text, its headings and its model; the verbatim part decides for a row of a code table."""
    about = " ".join(filter(None, (*passage.section, passage.model)))
    return replace(passage, codes=codes(f"{passage.text[passage.prefix :]}\n{about}"))


def _with_fitting_names(passages: list[Passage]) -> list[Passage]:
    """Other words that name codes of a section stay only with its passages that hold them all.

    Each row of an error-code table is a passage: called by its neighbours' codes, it would come up for all of them.
    """
    of_section: dict[tuple[str, ...], set[str]] = {}
    for passage in passages:
        of_section.setdefault(passage.section, set()).update(passage.codes)

    def fits(phrase: str, passage: Passage) -> bool:
        named = of_section[passage.section].intersection(codes(phrase))
        return named <= set(passage.codes)

    return [
        replace(passage, asked_as=tuple(phrase for phrase in passage.asked_as if fits(phrase, passage)))
        for passage in passages
    ]
