"""Generations: ``<index>/generations/<id>/`` and a file ``CURRENT`` that names the one that serves.

A generation is written beside the others, synced, described by a manifest with the SHA-256 of every file, and only then
named in ``CURRENT`` by one atomic rename. A process killed at any point leaves the old generation serving. Nothing is
pickled; opening checks every file against the manifest.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from knowledge_base.dense import Segments, VectorIndex
from knowledge_base.errors import EncoderMismatch, IndexCorrupt, IndexUnavailable
from knowledge_base.hybrid import CodeIndex, Facets, KnowledgeIndex, Parts, Rulings, WordForms
from knowledge_base.passage import Encoder, Passage
from knowledge_base.sparse import LexicalIndex
from knowledge_base.store.records import DocumentRecord, PassageFile, write_documents, write_passages

# Also to be raised when files are read or passages are cut into sentences in another way: what did not change is kept.
FORMAT: Final = 11
_CURRENT: Final = "CURRENT"
_MANIFEST: Final = "manifest.json"
_REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation consists of.

    Attributes:
        files: SHA-256 of each file by its path in the generation.
        stamp: the state of the sources it was built from, as the builder named it.
        rulings: names the rulings it was built with; empty for none.
    """

    format: int
    generation: str
    encoder: str
    dim: int
    documents: int
    passages: int
    files: dict[str, str]
    stamp: str = ""
    rulings: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation on disk whose manifest has been read."""

    folder: Path
    manifest: Manifest


def write_generation(
    index_dir: Path,
    encoder: Encoder,
    passages: Sequence[Passage],
    records: Sequence[DocumentRecord],
    parts: Parts,
    *,
    stamp: str = "",
    rulings: str = "",
) -> str:
    """Write a generation, make it the current one, and remove those before the last two.

    Returns:
        Its id.
    """
    generation = uuid.uuid4().hex[:16]
    folder = index_dir / "generations" / generation
    folder.mkdir(parents=True)
    write_passages(folder, passages)
    write_documents(folder, records)
    parts.facets.save(folder)
    parts.codes.save(folder)
    parts.lexical.save(folder / "bm25")
    parts.vectors.save(folder)
    parts.segments.save(folder)
    parts.forms.save(folder)
    parts.rulings.save(folder)
    files = {path.relative_to(folder).as_posix(): _digest(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    manifest = Manifest(
        FORMAT, generation, encoder.name, encoder.dim, len(records), len(passages), files, stamp, rulings
    )
    (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    _sync_tree(folder)
    previous = _replaced_id(index_dir)
    _switch(index_dir, generation)
    _prune(index_dir, keep={generation, previous})
    return generation


def current_generation(index_dir: Path, *, verify: bool = True) -> Generation:
    """The generation that serves.

    Raises:
        IndexUnavailable: nothing has been built yet.
        IndexCorrupt: the manifest or a file is missing, damaged or foreign.
    """
    generation = _current_id(index_dir)
    if generation is None:
        raise IndexUnavailable("There is no search index yet: build it with `triage index`.")
    folder = index_dir / "generations" / generation
    try:
        state = (folder / _MANIFEST).stat()
        manifest = _read_manifest(folder / _MANIFEST, state.st_mtime_ns, state.st_size, state.st_ino)
    except (OSError, ValueError, TypeError) as error:
        raise IndexCorrupt(f"Generation {generation} has no readable manifest: build the index again.") from error
    if manifest.format != FORMAT or manifest.generation != generation:
        raise IndexCorrupt(f"Generation {generation} was not written by this version: build the index again.")
    if verify:
        _verify(folder, manifest)
    return Generation(folder, manifest)


@functools.lru_cache(maxsize=_REMEMBERED)
def _read_manifest(path: Path, mtime_ns: int, size: int, inode: int) -> Manifest:
    """The manifest in a file; every search asks for it, and it is read again when the file is another."""
    return Manifest(**json.loads(path.read_text("utf-8")))


def open_index(
    index_dir: Path, encoder: Encoder, *, verify: bool = True, today: Callable[[], date] = date.today
) -> KnowledgeIndex:
    """Open the current generation for search.

    Args:
        index_dir: where ``write_generation`` wrote.
        encoder: must be the one that built it.
        verify: check every file's SHA-256 first (about 1 s per gigabyte).
        today: the clock, for validity.

    Raises:
        IndexUnavailable: nothing has been built yet.
        IndexCorrupt: a file is missing, damaged or foreign.
        EncoderMismatch: it was built with another encoder.
    """
    current = current_generation(index_dir, verify=verify)
    manifest, folder = current.manifest, current.folder
    if (manifest.encoder, manifest.dim) != (encoder.name, encoder.dim):
        raise EncoderMismatch(manifest.encoder, encoder.name)
    try:
        parts = Parts(
            PassageFile.open(folder),
            Facets.open(folder),
            CodeIndex.open(folder),
            LexicalIndex.open(folder / "bm25"),
            VectorIndex.open(folder),
            Segments.open(folder),
            WordForms.open(folder),
            Rulings.open(folder),
        )
    except (OSError, ValueError, KeyError) as error:
        raise IndexCorrupt(f"Generation {manifest.generation} cannot be read: build the index again.") from error
    if {len(parts.passages), len(parts.facets.rows), parts.vectors.size, len(parts.segments)} != {manifest.passages}:
        raise IndexCorrupt(f"Generation {manifest.generation} has parts of different sizes: build the index again.")
    return KnowledgeIndex(parts, encoder, generation=manifest.generation, today=today)


def _verify(folder: Path, manifest: Manifest) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {_MANIFEST}
    if found != manifest.files.keys():
        raise IndexCorrupt(f"Generation {manifest.generation} has missing or foreign files: build the index again.")
    for name, digest in manifest.files.items():
        if _digest(folder / name) != digest:
            raise IndexCorrupt(f"{name} of generation {manifest.generation} is damaged: build the index again.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _current_id(index_dir: Path) -> str | None:
    try:
        name = (index_dir / _CURRENT).read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise IndexCorrupt("The file CURRENT of the index cannot be read: build the index again.") from error
    if not name.isalnum():
        raise IndexCorrupt("The file CURRENT of the index names no generation: build the index again.")
    return name


def _replaced_id(index_dir: Path) -> str | None:
    """The generation that gives way; None when a damaged pointer names none, which must not stop the mending."""
    try:
        return _current_id(index_dir)
    except IndexCorrupt:
        return None


def _switch(index_dir: Path, generation: str) -> None:
    """Name a generation in CURRENT: other processes see the old name or the new one, never half of one."""
    waiting = index_dir / f".{_CURRENT}.{generation}"
    with waiting.open("w", encoding="ascii") as file:
        file.write(generation + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(waiting, index_dir / _CURRENT)
    _sync(index_dir)


def _sync_tree(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder, folder.parent]:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prune(index_dir: Path, keep: Iterable[str | None]) -> None:
    """Remove all generations but the current and the one before; processes that still map removed files keep them."""
    kept = set(keep)
    for folder in (index_dir / "generations").iterdir():
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
