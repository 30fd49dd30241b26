"""A real library over PostgreSQL and an index on disk, with an encoder that needs no weights."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.outgoing import OutgoingClient
from triage.adapters.storage.database import Database
from triage.adapters.storage.documents import SqlDocumentStore
from triage.adapters.storage.rulings import SqlRulingStore
from triage.adapters.storage.searches import SqlSearchLog
from triage.adapters.web_documents import AllowedPages
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.shelves import Shelves
from triage.config import Settings
from triage.library.desk import Library
from triage.library.documents import Librarian
from triage.library.searching import Searching
from triage.library.teaching import Teaching
from triage.library.weighing import Weighing
from triage.ports import Clock
from triage.ports.library import DocumentWeb
from triage.recognisers import Recognisers

POLICY = """---
id: P01
version: "3.0"
title: Regulamin reklamacji
language: pl
audience: customer
---

## Termin odpowiedzi

Odpowiadamy na reklamację w ciągu 14 dni od jej otrzymania.
"""


def folder_of(tmp_path: Path) -> Path:
    """A documents folder with one document."""
    folder = tmp_path / "documents"
    folder.mkdir(exist_ok=True)
    (folder / "P01.md").write_text(POLICY, encoding="utf-8")
    return folder


def open_library(database: Database, tmp_path: Path, clock: Clock, web: DocumentWeb | None = None) -> Library:
    """As the composition root wires it, with another encoder and, if wanted, another web."""
    settings = Settings(data_dir=tmp_path / "data", documents_dir=folder_of(tmp_path))
    encoder = HashingEncoder()
    store, log = SqlDocumentStore(database.sessions, clock), SqlSearchLog(database.sessions)
    rulings = SqlRulingStore(database.sessions, clock)
    shelves = Shelves(settings, Knowledge.open(settings, encoder), store, rulings)
    teaching = Teaching(shelves, rulings, encoder, clock)
    weighing = Weighing(shelves, log, rulings, encoder, clock)
    return Library(
        shelves=shelves,
        librarian=Librarian(store, clock, shelves.folder_keys),
        searching=Searching(shelves.of_tenant, log, Recognisers(), clock, teaching, weighing),
        teaching=teaching,
        store=store,
        log=log,
        web=web or AllowedPages((), OutgoingClient()),
        encoder=encoder,
    )
