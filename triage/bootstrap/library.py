"""The library: shelves, stored documents, kept searches and the pages that may be fetched, wired together."""

from __future__ import annotations

from triage.adapters.outgoing import Allowed, OutgoingClient
from triage.adapters.storage.database import Database
from triage.adapters.storage.documents import SqlDocumentStore
from triage.adapters.storage.rulings import SqlRulingStore
from triage.adapters.storage.searches import SqlSearchLog
from triage.adapters.web_documents import LIMITS, AllowedPages
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.shelves import Shelves
from triage.bootstrap.system_clock import SystemClock
from triage.config import Settings
from triage.library.desk import Library
from triage.library.documents import Librarian
from triage.library.searching import Searching
from triage.library.teaching import Teaching
from triage.library.weighing import Weighing
from triage.pipeline import Tools
from triage.ports import Clock


def open_shelves(settings: Settings, database: Database) -> Shelves:
    """Every tenant's index, for commands that work without the rest of the service."""
    chosen = load_encoder(settings)
    shared = Knowledge.open(settings, chosen.encoder, degraded=chosen.degraded)
    clock = SystemClock()
    store, rulings = SqlDocumentStore(database.sessions, clock), SqlRulingStore(database.sessions, clock)
    return Shelves(settings, shared, store, rulings)


def open_library(settings: Settings, database: Database, tools: Tools, clock: Clock) -> Library:
    """Wire the library over a database and the folder's index."""
    assert isinstance(tools.retriever, Knowledge)
    store, log = SqlDocumentStore(database.sessions, clock), SqlSearchLog(database.sessions)
    rulings = SqlRulingStore(database.sessions, clock)
    shelves = Shelves(settings, tools.retriever, store, rulings)
    teaching = Teaching(shelves, rulings, tools.encoder, clock)
    weighing = Weighing(shelves, log, rulings, tools.encoder, clock)
    client = OutgoingClient(Allowed(settings.private_hosts), LIMITS)
    return Library(
        shelves=shelves,
        librarian=Librarian(store, clock, shelves.folder_keys),
        searching=Searching(shelves.of_tenant, log, tools.recogniser, clock, teaching, weighing),
        teaching=teaching,
        store=store,
        log=log,
        web=AllowedPages(settings.document_urls, client),
        encoder=tools.encoder,
    )
