"""Builds a generation: reads what changed, keeps passages and vectors of what did not, writes and switches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

from knowledge_base.build.previous import Previous, manifest_of_same
from knowledge_base.build.reading import Entry, entry_of, read_passages
from knowledge_base.build.teaching import digest_of, questions_by_passage, taught
from knowledge_base.errors import LoadError, UnreadableDocument
from knowledge_base.hybrid import Parts, PassageVectors, assemble, collector_paused
from knowledge_base.hybrid.versions import VersionedDocument, superseded_from
from knowledge_base.load import FileSource, Source, folder_sources
from knowledge_base.passage import BuildReport, Encoder, FileFault, Passage
from knowledge_base.rulings import Ruling
from knowledge_base.store import write_generation
from knowledge_base.store.records import DocumentRecord

__all__ = ["Progress", "build_index", "index_passages", "read_passages"]

_ANOTHER_ID: Final = "Give one of them another id or version, in its front matter or its .meta.yaml file."
#: Called with (files done, files in all).
Progress = Callable[[int, int], None]


@collector_paused()
def build_index(
    sources: Path | Iterable[Path | Source],
    index_dir: Path,
    encoder: Encoder,
    *,
    stamp: str = "",
    like: Path | None = None,
    rulings: Sequence[Ruling] = (),
    on_progress: Progress | None = None,
) -> BuildReport:
    """Index documents; the generation that serves is switched at the very end, and stays where nothing has changed.

    Args:
        sources: a folder (searched with its sub-folders), files or other sources. What is not among them leaves the
            index.
        index_dir: where generations are kept; made if it is not there.
        encoder: makes the vectors. Another one than last time re-embeds everything.
        stamp: names the state of the sources; kept in the manifest.
        like: another index whose passages and vectors of unchanged documents may be taken over.
        rulings: on questions; those on passages that are not among the sources do not hold.
        on_progress: called after each document.

    Returns:
        What was done. Files that cannot be read are listed there and do not stop the others.
    """
    started = time.perf_counter()
    files = list(_named(sources))
    ruled = digest_of(rulings)
    if same := manifest_of_same(index_dir, files, encoder, stamp, ruled):
        if on_progress:
            on_progress(len(files), len(files))
        return BuildReport(same.generation, same.documents, same.passages, 0, time.perf_counter() - started)
    before = Previous.of(index_dir, encoder, *([like] if like else []))
    questions = questions_by_passage(rulings)
    entries: dict[str, Entry] = {}
    faults: list[FileFault] = []
    for number, source in enumerate(files, start=1):
        try:
            entry = before.find(source) or entry_of(source.load())
            if other := entries.get(entry.record.key):
                reason = f"{other.record.source} has the same id and version"
                raise UnreadableDocument(Path(source.name).name, reason, _ANOTHER_ID)
            entries[entry.record.key] = taught(entry, questions)
        except LoadError as error:
            faults.append(FileFault(source.name, str(error)))
        if on_progress:
            on_progress(number, len(files))
    passages, records = _number(list(entries.values()))
    embedded = sum(len(entry.stale) for entry in entries.values())
    parts = assemble(passages, lambda: _vectors(list(entries.values()), encoder), rulings)
    generation = write_generation(index_dir, encoder, passages, records, parts, stamp=stamp, rulings=ruled)
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


def _number(entries: list[Entry]) -> tuple[list[Passage], list[DocumentRecord]]:
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


def _vectors(entries: list[Entry], encoder: Encoder) -> PassageVectors:
    """Vectors of all passages; those of stale ones are made now."""
    fresh = PassageVectors.encode([entry.passages[n] for entry in entries for n in sorted(entry.stale)], encoder)
    parts: list[PassageVectors] = []
    used = 0
    for entry in entries:
        for made_now, run in groupby(range(len(entry.passages)), key=entry.stale.__contains__):
            numbers = list(run)
            if made_now:
                parts.append(fresh.part(used, len(numbers)))
                used += len(numbers)
            elif entry.vectors is not None:
                parts.append(entry.vectors.part(numbers[0], len(numbers)))
    return PassageVectors.join(parts) if parts else fresh
