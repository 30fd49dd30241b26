"""What an index holds already, so that only what changed is read and embedded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge_base.build.reading import Entry
from knowledge_base.dense import Segments, VectorIndex
from knowledge_base.errors import IndexCorrupt, IndexUnavailable
from knowledge_base.hybrid import PassageVectors
from knowledge_base.load import Source
from knowledge_base.passage import Encoder
from knowledge_base.store import Generation, Manifest, PassageFile, current_generation, documents_of


def manifest_of_same(
    index_dir: Path, sources: Sequence[Source], encoder: Encoder, stamp: str, rulings: str
) -> Manifest | None:
    """That of the generation that serves, if it was built of the very same sources and rulings; None otherwise."""
    current = _usable(index_dir, encoder)
    if current is None or (current.manifest.stamp, current.manifest.rulings) != (stamp, rulings):
        return None
    records = [*documents_of(current.folder)]
    if [record.source for record in records] != [source.name for source in sources]:
        return None
    try:
        same = all(source.digest() == record.digest for source, record in zip(sources, records, strict=True))
    except OSError:
        return None
    return current.manifest if same else None


@dataclass(frozen=True, slots=True)
class Previous:
    """Documents of the generation that serves, by source; empty where none can be used."""

    entries: dict[str, Entry]

    @classmethod
    def of(cls, index_dir: Path, encoder: Encoder, *others: Path) -> Previous:
        """Of an index, and of others for what it lacks."""
        entries: dict[str, Entry] = {}
        for folder in (*others, index_dir):
            current = _usable(folder, encoder)
            try:
                entries |= {entry.record.source: entry for entry in _entries_of(current)} if current else {}
            except (IndexCorrupt, OSError):
                continue  # a damaged index is built anew from the documents
        return cls(entries)

    def find(self, source: Source) -> Entry | None:
        """The document as it was indexed, if its source has not changed."""
        entry = self.entries.get(source.name)
        try:
            return entry if entry and source.digest() == entry.record.digest else None
        except OSError:
            return None


def _entries_of(current: Generation) -> Iterator[Entry]:
    passages = PassageFile.open(current.folder)
    vectors, segments = VectorIndex.open(current.folder), Segments.open(current.folder)
    for record in documents_of(current.folder):
        first, count = record.first, record.n_passages
        known = PassageVectors(vectors.rows(np.arange(first, first + count)), segments.part(first, count))
        yield Entry(record, passages[first : first + count], known, frozenset())


def _usable(index_dir: Path, encoder: Encoder) -> Generation | None:
    """The generation that serves; None where there is none, it is damaged, or another encoder made it."""
    try:
        current = current_generation(index_dir)
    except (IndexUnavailable, IndexCorrupt, OSError):
        return None
    made_by = current.manifest.encoder, current.manifest.dim
    return current if made_by == (encoder.name, encoder.dim) else None
