"""Passages and documents as JSON lines; passages are read one by one as results need them."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Final, Self, overload

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import IndexCorrupt
from knowledge_base.passage import Audience, Passage

PASSAGES: Final = "passages.jsonl"
OFFSETS: Final = "passages.offsets.npy"
DOCUMENTS: Final = "documents.jsonl"
_DATES: Final = ("valid_from", "valid_to", "superseded_from")
_TUPLES: Final = ("section", "legal_refs", "codes", "asked_as", "taught", "page_turns")
_CACHED: Final = 512
_NAMES: Final = tuple(field.name for field in fields(Passage))


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What the index remembers of a document.

    Attributes:
        digest: SHA-256 of its file and sidecar; unchanged means its passages are the same.
        first: number of its first passage.
        n_passages: how many follow, itself included.
        text: the whole text that offsets of quotes point into.
    """

    source: str
    key: str
    digest: str
    first: int
    n_passages: int
    supersedes: tuple[str, ...]
    text: str


class PassageFile(Sequence[Passage]):
    """The passages of a generation, read from disk when asked for.

    Read, not mapped: a file that was cut off would end the process that maps it, and pages of it would stay in memory.
    """

    def __init__(self, descriptor: int, offsets: NDArray[np.int64]) -> None:
        self._offsets = offsets
        self._read = lru_cache(maxsize=_CACHED)(partial(_read_one, descriptor, offsets))
        weakref.finalize(self, os.close, descriptor)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the passages of a generation."""
        offsets = np.load(folder / OFFSETS, allow_pickle=False)
        return cls(os.open(folder / PASSAGES, os.O_RDONLY | os.O_CLOEXEC), offsets)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, number: int) -> Passage: ...
    @overload
    def __getitem__(self, number: slice) -> list[Passage]: ...
    def __getitem__(self, number: int | slice) -> Passage | list[Passage]:
        if isinstance(number, slice):
            return [self._read(i) for i in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        return self._read(number % len(self))


def _read_one(descriptor: int, offsets: NDArray[np.int64], number: int) -> Passage:
    start, end = offsets[number : number + 2].tolist()
    try:
        return passage_from_json(json.loads(os.pread(descriptor, end - start, start)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexCorrupt("The passages of the index are damaged: build the index again.") from error


def passage_from_json(data: Mapping[str, object]) -> Passage:
    """A passage of one line of the file."""
    values = dict(data)
    for name in _DATES:
        values[name] = date.fromisoformat(str(values[name])) if values[name] else None
    for name in _TUPLES:
        values[name] = tuple(values[name])  # type: ignore[arg-type] # written by write_passages, guarded by checksum
    values["audience"] = Audience(str(values["audience"]))
    return Passage(**values)  # type: ignore[arg-type] # as above


def write_passages(folder: Path, passages: Iterable[Passage]) -> None:
    """Write passages and where each line begins."""
    offsets = [0]
    with (folder / PASSAGES).open("wb") as file:
        for passage in passages:
            row = {name: getattr(passage, name) for name in _NAMES}
            line = json.dumps(row, ensure_ascii=False, default=date.isoformat).encode("utf-8") + b"\n"
            offsets.append(offsets[-1] + file.write(line))
    np.save(folder / OFFSETS, np.array(offsets, dtype=np.int64), allow_pickle=False)


def write_documents(folder: Path, records: Iterable[DocumentRecord]) -> None:
    """Write document records."""
    with (folder / DOCUMENTS).open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")


def documents_of(folder: Path) -> Iterator[DocumentRecord]:
    """Document records of a generation."""
    with (folder / DOCUMENTS).open(encoding="utf-8") as lines:
        for line in lines:
            data = json.loads(line)
            yield DocumentRecord(**{**data, "supersedes": tuple(data["supersedes"])})
