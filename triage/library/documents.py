"""Documents in and out of the knowledge base: each version is read before it is stored, and never changed after.

A version's content is immutable, so that a reply that quoted ``P01@3.1`` can be checked for ever. Corrected text is a
new version; what no longer holds is withdrawn or gets an end of validity. Nothing is deleted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from knowledge_base.build import read_passages
from knowledge_base.errors import InvalidFrontMatter, LoadError
from knowledge_base.load import DEFAULT_LIMITS, KeptSource, ParseLimits
from knowledge_base.passage import Document, DocumentMetadata
from triage.domain.folding import fold
from triage.domain.library import DocumentState, StoredDocument, Upload
from triage.errors import Conflict, DocumentNotFound, OutgoingError
from triage.ports import Clock
from triage.ports.library import DocumentStore, DocumentWeb

#: Ids and versions stand in URLs and in citations.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9._-]+")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f/\\]+")
#: Begins the source names of stored documents; no file's path does.
_STORED: Final = "upload:"
#: Pages that are fetched at the same time.
_AT_ONCE: Final = 8
_RENAME: Final = "Use letters, digits, '.', '_' and '-', at most 80 of them."


@dataclass(frozen=True, slots=True)
class Fault:
    """A file or page that was not stored, and what to do about it."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the files of one upload.

    Attributes:
        stored: now in the knowledge base, whether new or there before.
        changed: keys of those that were not there in this form before.
    """

    stored: tuple[StoredDocument, ...]
    changed: frozenset[str]
    faults: tuple[Fault, ...]


class Librarian:
    """Puts documents in, amends their validity and withdraws them, for one tenant at a time.

    Args:
        folder_keys: ``id@version`` of the documents that come from the folder; these belong to no tenant.
    """

    def __init__(
        self,
        store: DocumentStore,
        clock: Clock,
        folder_keys: Callable[[], Iterable[str]],
        limits: ParseLimits = DEFAULT_LIMITS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._folder_keys = folder_keys
        self._limits = limits

    def add(self, tenant: str, uploads: Sequence[Upload], *, actor: str) -> Receipt:
        """Read and store files one by one; one that fails costs nothing but itself."""
        stored, changed, faults = [], set(), []
        for upload in uploads:
            try:
                document = self._read(upload, actor)
                if document.key in set(self._folder_keys()):
                    raise Conflict(f"{document.key} is in the documents folder: give the new file another version.")
                if self._store.add(tenant, document, upload.content, actor=actor):
                    changed.add(document.key)
                stored.append(document)
            except (LoadError, Conflict) as error:
                faults.append(Fault(_filename(upload.filename), str(error)))
        return Receipt(tuple(stored), frozenset(changed), tuple(faults))

    def fetch(self, tenant: str, web: DocumentWeb, urls: Sequence[str], *, actor: str) -> Receipt:
        """Fetch allowed pages; one that changed since becomes a new version named by the day."""
        known = {(one.source_url, one.sha256) for one in self._store.all(tenant) if one.state is DocumentState.LIVE}
        with ThreadPoolExecutor(_AT_ONCE) as threads:  # a slow server makes none wait but itself
            found = [*threads.map(partial(_fetched, web), urls)]
        faults = [one for one in found if isinstance(one, Fault)]
        now = self._clock.now().strftime("%Y.%m.%d.%H%M%S")
        pages = [
            replace(one, version_if_none=now)
            for url, one in zip(urls, found, strict=True)
            if isinstance(one, Upload) and (url, hashlib.sha256(one.content).hexdigest()) not in known
        ]
        receipt = self.add(tenant, pages, actor=actor)
        return replace(receipt, faults=(*faults, *receipt.faults))

    def versions(self, tenant: str, document_id: str) -> tuple[StoredDocument, ...]:
        """Every version of a stored document, withdrawn ones too; empty when there is none."""
        return tuple(one for one in self._store.all(tenant) if one.metadata.id == document_id)

    def amend(
        self, tenant: str, document_id: str, version: str, changes: Mapping[str, object], *, actor: str
    ) -> StoredDocument:
        """Change what is said about a version: validity, audience, owner, review date.

        Raises:
            DocumentNotFound: there is no such version.
            InvalidFrontMatter: the changes do not fit together.
        """
        known = next((one for one in self.versions(tenant, document_id) if one.metadata.version == version), None)
        if known is None:
            raise DocumentNotFound
        content = self._store.content(tenant, document_id, version)
        upload = Upload(known.filename, content, {**known.given, **changes}, known.source_url)
        document = self._read(upload, actor)
        amended = replace(document, added_at=known.added_at, added_by=known.added_by, state=known.state)
        self._store.amend(tenant, amended, actor=actor)
        return amended

    def withdraw(self, tenant: str, document_id: str, version: str | None, *, actor: str, reason: str = "") -> None:
        """Take a version, or all of them, out of the knowledge base.

        Raises:
            DocumentNotFound: there is no such version.
            Conflict: it comes from the documents folder.
        """
        try:
            self._store.withdraw(tenant, document_id, version, actor=actor, reason=reason)
        except DocumentNotFound:
            keys = (key.partition("@") for key in self._folder_keys())
            if any(found == document_id and version in (None, of) for found, _, of in keys):
                raise Conflict("This document is in the documents folder: remove its file and index again.") from None
            raise

    def _read(self, upload: Upload, actor: str) -> StoredDocument:
        """Read a file in a process of its own.

        Raises:
            LoadError: it cannot be read, or its id or version cannot stand in a URL.
        """
        name, now = _filename(upload.filename), self._clock.now()
        sha256 = hashlib.sha256(upload.content).hexdigest()
        source = KeptSource(name, name, sha256, lambda: upload.content, upload.given, self._limits)
        document = source.load()
        about = _addressable(name, document, upload)
        # a document without a passage would be found by nobody, and its language is told from its text
        about = replace(about, language=read_passages(replace(document, metadata=about))[0].language)
        given = {**upload.given, "id": about.id, "version": about.version}
        size = len(upload.content)
        return StoredDocument(
            about, given, name, sha256, size, now, actor, now, actor, DocumentState.LIVE, upload.source_url
        )


def _fetched(web: DocumentWeb, url: str) -> Upload | Fault:
    try:
        return web.fetch(url)
    except OutgoingError as error:
        return Fault(url, str(error))


def source_of(document: StoredDocument, read: Callable[[], bytes]) -> KeptSource:
    """A stored document as the index builder reads it."""
    name = f"{_STORED}{document.key}/{document.filename}"
    return KeptSource(name, document.filename, document.sha256, read, document.given)


def is_stored(source: str) -> bool:
    """Whether a source in an index is a stored document, and not a file of the folder."""
    return source.startswith(_STORED)


def _filename(name: str) -> str:
    """A file's own name, fit to be a file's name here."""
    last = PurePosixPath(name.replace("\\", "/")).name
    suffix = PurePosixPath(last).suffix[:20]
    stem = _UNPRINTABLE.sub(" ", PurePosixPath(last).stem).strip()[:80]
    return f"{stem or 'document'}{_UNPRINTABLE.sub('', suffix)}"


def _addressable(name: str, document: Document, upload: Upload) -> DocumentMetadata:
    """Metadata whose id and version can stand in a URL; made of the file's name where the file names no id."""
    about = document.metadata
    if about.id == PurePosixPath(name).stem and not _NAME.fullmatch(about.id):
        about = replace(about, id=_NOT_IN_NAMES.sub("-", fold(about.id)).strip("-._") or "document")
    if "version" not in upload.given and about.version == "1":
        about = replace(about, version=upload.version_if_none)
    for field, value in (("id", about.id), ("version", about.version)):
        if not _NAME.fullmatch(value):
            raise InvalidFrontMatter(name, f"its {field} cannot stand in a URL", _RENAME)
    return about
