"""Builds a generation: reads what changed, keeps passages and vectors of what did not, writes and switches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge_base.chunk import split_document
from knowledge_base.dense import Segments, VectorIndex
from knowledge_base.errors import IndexCorrupt, IndexUnavailable, LoadError, UnreadableDocument
from knowledge_base.hybrid import Parts, PassageVectors, assemble, collector_paused
from knowledge_base.hybrid.versions import VersionedDocument, superseded_from
from knowledge_base.load import FileSource, Source, folder_sources
from knowledge_base.passage import BuildReport, Document, Encoder, FileFault, Passage
from knowledge_base.store import Generation, PassageFile, current_generation, documents_of, write_generation
from knowledge_base.store.records import DocumentRecord
from knowledge_base.tokenise import codes, detect_language

#: Called with (files done, files in all).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A document on its way into the index; vectors are there if it did not change."""

    record: DocumentRecord
    passages: list[Passage]
    vectors: PassageVectors | None


@collector_paused()
def build_index(
    sources: Path | Iterable[Path | Source],
    index_dir: Path,
    encoder: Encoder,
    *,
    stamp: str = "",
    like: Path | None = None,
    on_progress: Progress | None = None,
) -> BuildReport:
    """Index documents; the generation that serves is switched at the very end.

    Args:
        sources: a folder (searched with its sub-folders), files or other sources. What is not among them leaves the
            index.
        index_dir: where generations are kept; made if it is not there.
        encoder: makes the vectors. Another one than last time re-embeds everything.
        stamp: names the state of the sources; kept in the manifest.
        like: another index whose passages and vectors of unchanged documents may be taken over.
        on_progress: called after each document.

    Returns:
        What was done. Files that cannot be read are listed there and do not stop the others.
    """
    started = time.perf_counter()
    before = _Previous.of(index_dir, encoder, *([like] if like else []))
    entries: dict[str, _Entry] = {}
    faults: list[FileFault] = []
    files = list(_named(sources))
    for number, source in enumerate(files, start=1):
        try:
            entry = before.find(source) or _entry(source.load())
            if other := entries.get(entry.record.key):
                name = Path(source.name).name
                raise UnreadableDocument(
                    name, f"{other.record.source} has the same id and version", "Give one of them another version."
                )
            entries[entry.record.key] = entry
        except LoadError as error:
            faults.append(FileFault(source.name, str(error)))
        if on_progress:
            on_progress(number, len(files))
    passages, records = _number(list(entries.values()))
    embedded = sum(len(entry.passages) for entry in entries.values() if entry.vectors is None)
    parts = assemble(passages, lambda: _vectors(list(entries.values()), encoder))
    generation = write_generation(index_dir, encoder, passages, records, parts, stamp=stamp)
    duration = time.perf_counter() - started
    return BuildReport(generation, len(records), len(passages), embedded, duration, tuple(faults))


def index_passages(passages: Sequence[Passage], encoder: Encoder) -> Parts:
    """An index in memory over passages."""
    return assemble(passages, lambda: PassageVectors.encode(passages, encoder))


def _named(sources: Path | Iterable[Path | Source]) -> Iterator[Source]:
    """Sources with what results call them."""
    if isinstance(sources, Path):
        yield from folder_sources(sources)
    else:
        yield from (FileSource(one, one.name) if isinstance(one, Path) else one for one in sources)


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


def _entry(document: Document) -> _Entry:
    passages = read_passages(document)
    return _Entry(_record(document, len(passages)), passages, None)


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


@dataclass(frozen=True, slots=True)
class _Previous:
    """Documents of the generation that serves, by source; empty where none can be used."""

    entries: dict[str, _Entry]

    @classmethod
    def of(cls, index_dir: Path, encoder: Encoder, *others: Path) -> _Previous:
        """Of an index, and of others for what it lacks."""
        entries: dict[str, _Entry] = {}
        for folder in (*others, index_dir):
            try:
                current = current_generation(folder)
                if (current.manifest.encoder, current.manifest.dim) == (encoder.name, encoder.dim):
                    entries |= {entry.record.source: entry for entry in _entries_of(current)}
            except (IndexUnavailable, IndexCorrupt, OSError):
                continue  # a damaged index is built anew from the documents
        return cls(entries)

    def find(self, source: Source) -> _Entry | None:
        """The document as it was indexed, if its source has not changed."""
        entry = self.entries.get(source.name)
        try:
            return entry if entry and source.digest() == entry.record.digest else None
        except OSError:
            return None


def _entries_of(current: Generation) -> Iterator[_Entry]:
    passages = PassageFile.open(current.folder)
    vectors, segments = VectorIndex.open(current.folder), Segments.open(current.folder)
    for record in documents_of(current.folder):
        first, count = record.first, record.n_passages
        known = PassageVectors(vectors.rows(np.arange(first, first + count)), segments.part(first, count))
        yield _Entry(record, passages[first : first + count], known)


def _number(entries: list[_Entry]) -> tuple[list[Passage], list[DocumentRecord]]:
    """All passages, marked where a newer version replaces them, and the records with their first passage's number."""
    replaced = superseded_from(
        VersionedDocument(e.record.key, e.passages[0].valid_from, e.record.supersedes) for e in entries
    )
    passages: list[Passage] = []
    records = []
    for entry in entries:
        records.append(replace(entry.record, first=len(passages)))
        start = replaced.get(entry.record.key)
        passages += [p if p.superseded_from == start else replace(p, superseded_from=start) for p in entry.passages]
    return passages, records


def _vectors(entries: list[_Entry], encoder: Encoder) -> PassageVectors:
    """Vectors of all passages; those of changed documents are made now."""
    new = [passage for entry in entries if entry.vectors is None for passage in entry.passages]
    fresh = PassageVectors.encode(new, encoder)
    parts: list[PassageVectors] = []
    used = 0
    for entry in entries:
        if entry.vectors is None:
            parts.append(fresh.part(used, len(entry.passages)))
            used += len(entry.passages)
        else:
            parts.append(entry.vectors)
    return PassageVectors.join(parts) if parts else fresh
