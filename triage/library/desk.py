"""Everything a front end needs of the knowledge base, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from triage.library.documents import Librarian
from triage.library.searching import Searching
from triage.library.teaching import Teaching
from triage.ports import Encoder
from triage.ports.library import DocumentStore, DocumentWeb, SearchLog, Shelves


@dataclass(frozen=True, slots=True)
class Library:
    """The knowledge base of all tenants, wired by the composition root."""

    shelves: Shelves
    librarian: Librarian
    searching: Searching
    teaching: Teaching
    store: DocumentStore
    log: SearchLog
    web: DocumentWeb
    encoder: Encoder
