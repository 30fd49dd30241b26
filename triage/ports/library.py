"""What the library needs of storage and of the web: stored documents, kept searches, fetched pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import DocumentMetadata, Passage
from triage.domain.library import IndexStatus, KeptSearch, Said, StoredDocument, Upload, Verdict
from triage.domain.rulings import DeskRuling, RulingState
from triage.ports.models import Retriever


class DocumentStore(Protocol):
    """Documents of all tenants, by tenant; every change is on the tenant's audit log, in the same transaction."""

    def add(self, tenant: str, document: StoredDocument, content: bytes, *, actor: str) -> bool:
        """Store a version, or bring back a withdrawn one of the same content; whether anything changed.

        Raises:
            Conflict: this version exists with other content.
        """

    def amend(self, tenant: str, document: StoredDocument, *, actor: str) -> None:
        """Store the metadata of a version that exists.

        Raises:
            DocumentNotFound: it does not.
        """

    def withdraw(self, tenant: str, document_id: str, version: str | None, *, actor: str, reason: str) -> None:
        """Take a version, or all of them, out of the knowledge base; doing it again changes nothing.

        Raises:
            DocumentNotFound: there is no such version.
        """

    def all(self, tenant: str) -> tuple[StoredDocument, ...]:
        """Every version, withdrawn ones too, by id and version."""

    def content(self, tenant: str, document_id: str, version: str) -> bytes:
        """The file, byte for byte as it came in.

        Raises:
            DocumentNotFound: there is no such version.
        """

    def stamp(self, tenant: str) -> str:
        """Names the state of the live documents; empty while there are none."""

    def tenants(self) -> tuple[str, ...]:
        """Who has live documents."""


class SearchLog(Protocol):
    """Searches and verdicts of all tenants, by tenant."""

    def keep(self, tenant: str, search: KeptSearch) -> None:
        """Store a search."""

    def judge(self, tenant: str, verdicts: Sequence[Verdict]) -> None:
        """Store verdicts; a newer one of the same person on the same passage replaces the older.

        Raises:
            NotFound: there is no such search in this tenant.
            InvalidInput: the search did not show that passage.
        """

    def search(self, tenant: str, search_id: str) -> KeptSearch:
        """A kept search.

        Raises:
            NotFound: there is no such search in this tenant.
        """

    def said_of(self, tenant: str, passage_id: str | None, *, since: datetime) -> tuple[Said, ...]:
        """Verdicts on a passage, or (without one) on whole answers that no filter narrowed, oldest first."""

    def searches(self, tenant: str, *, since: datetime, limit: int) -> tuple[KeptSearch, ...]:
        """The newest searches, newest first."""

    def verdicts(self, tenant: str, *, since: datetime) -> tuple[Verdict, ...]:
        """Verdicts on searches since then, oldest first."""


class RulingStore(Protocol):
    """Rulings of all tenants, by tenant; what is settled is on the tenant's audit log, in the same transaction."""

    def find(self, tenant: str, ruling_ids: Sequence[str]) -> tuple[DeskRuling, ...]:
        """Those of the rulings that there are."""

    def put(self, tenant: str, ruling: DeskRuling, *, before: RulingState | None, actor: str) -> None:
        """Store a ruling.

        Args:
            before: the state it was read in; ``None``: there was none.

        Raises:
            AlreadyDecided: it is in another state by now.
        """

    def all(self, tenant: str, states: Sequence[RulingState] = (), *, limit: int) -> tuple[DeskRuling, ...]:
        """Rulings in some states (none: in any), those that most people stand for first."""

    def in_force(self, tenant: str) -> tuple[DeskRuling, ...]:
        """What search is to hold to, by id."""

    def stamp(self, tenant: str) -> str:
        """Names the state of what is in force; empty while nothing is."""

    def tenants(self) -> tuple[str, ...]:
        """Who has rulings in force."""


class Reranker(Protocol):
    """Judges how well passages answer a question by reading both together."""

    @property
    def name(self) -> str:
        """Identifies weights and variant."""

    def scores(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """One score for each passage, shape (n,), higher is better."""


class DocumentWeb(Protocol):
    """The web pages an administrator allows as documents."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The allowed URLs."""

    def fetch(self, url: str) -> Upload:
        """Fetch one of them.

        Raises:
            OutgoingError: it is not on the list, may not be called, or gave no usable answer.
        """


class Shelves(Protocol):
    """The indexes that answer, a tenant's own where it has documents of its own."""

    def of_tenant(self, tenant: str) -> Retriever:
        """What a tenant's searches are answered from."""

    def documents(self, tenant: str) -> tuple[DocumentMetadata, ...]:
        """What is indexed for a tenant, by id and version."""

    def unknown_products(self, tenant: str, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those product lines and models that no document of the tenant is about."""

    def folder_keys(self) -> tuple[str, ...]:
        """``id@version`` of what comes from the documents folder."""

    def text(self, tenant: str, document_id: str, version: str) -> str | None:
        """The text that offsets of quotes point into; ``None`` where the document is not indexed."""

    def nearest(self, tenant: str, question: str, limit: int) -> tuple[Passage, ...]:
        """The passages that come nearest to a question, best first, whether they answer or not."""

    def passages(self, tenant: str) -> Sequence[Passage]:
        """All passages that are searched for a tenant."""

    def held_rulings(self, tenant: str) -> frozenset[str]:
        """Ids of the rulings on text that the index that answers has, and that no newer version replaces."""

    def changed(self, tenant: str) -> None:
        """A tenant's documents or rulings changed: bring its index up to date behind the searches."""

    def rebuild(self, tenant: str) -> None:
        """Read folder and documents again behind the searches; what did not change is taken over."""

    def status(self, tenant: str) -> IndexStatus:
        """How the index that answers stands."""
