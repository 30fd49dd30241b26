"""Where documents come from: files of a folder, or content that is kept elsewhere, as in a database."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from knowledge_base.load.document import find_files, load_document, read_digest
from knowledge_base.load.front_matter import Fields
from knowledge_base.load.limits import DEFAULT_LIMITS, ParseLimits
from knowledge_base.passage import Document


class Source(Protocol):
    """A document that can be read; its digest is known without reading it."""

    @property
    def name(self) -> str:
        """What results call it, unique in an index."""
        ...

    def digest(self) -> str:
        """Changes when its content or its metadata do.

        Raises:
            OSError: it is not there any more.
        """
        ...

    def load(self) -> Document:
        """Read it; the document's digest is this source's.

        Raises:
            LoadError: it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file, with its sidecar."""

    path: Path
    name: str

    def digest(self) -> str:
        """SHA-256 over file and sidecar."""
        return read_digest(self.path)

    def load(self) -> Document:
        """Read the file."""
        return load_document(self.path, source=self.name)


@dataclass(frozen=True, slots=True)
class KeptSource:
    """Content that is no file here; it becomes one for as long as parsing takes, in a process of its own.

    Attributes:
        filename: as it was uploaded; its suffix says the format, and errors name it.
        sha256: of the content, in hexadecimal.
        read: fetches the content; called only when the document has to be parsed.
        given: metadata that goes before what the file says.
    """

    name: str
    filename: str
    sha256: str
    read: Callable[[], bytes]
    given: Fields = field(default_factory=dict)
    limits: ParseLimits = DEFAULT_LIMITS

    def digest(self) -> str:
        """SHA-256 over content and given metadata."""
        given = json.dumps(self.given, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(f"{self.sha256}\n{given}".encode()).hexdigest()

    def load(self) -> Document:
        """Write the content to a folder of its own and read it there."""
        with tempfile.TemporaryDirectory(prefix="triage-document-") as folder:
            path = Path(folder) / Path(self.filename).name
            path.write_bytes(self.read())
            loaded = load_document(path, source=self.name, limits=self.limits, given=self.given, isolated=True)
        return replace(loaded, digest=self.digest())


def folder_sources(folder: Path) -> Iterator[FileSource]:
    """Documents of a folder and its sub-folders, in a fixed order."""
    return (FileSource(path, path.relative_to(folder).as_posix()) for path in find_files(folder))
