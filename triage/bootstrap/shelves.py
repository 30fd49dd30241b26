"""Each tenant's knowledge base: the documents folder's, with its own documents and rulings where it has some.

The database says what these are; every process follows it by a stamp that is compared at searches. A
stale index goes on serving while the new one is built, without what was withdrawn or changed since.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Final

from knowledge_base.errors import InvalidSearch
from knowledge_base.hybrid import read_query
from knowledge_base.load import KeptSource, Source, folder_sources
from knowledge_base.passage import DocumentMetadata, Passage
from knowledge_base.rulings import Ruling
from triage.bootstrap.holdings import Holdings, index_dir_of
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.stand_ins import SharedAlone, StaleIndex
from triage.config import Settings
from triage.domain.library import DocumentState, IndexStatus
from triage.library.documents import is_stored, source_of
from triage.ports import Retriever
from triage.ports.library import DocumentStore, RulingStore

#: Another process's change is noticed within this many seconds.
FRESH_S: Final = 1.0


@dataclass(slots=True)
class Shelves:
    """Indexes by tenant."""

    settings: Settings
    shared: Knowledge
    store: DocumentStore
    rulings: RulingStore
    monotonic: Callable[[], float] = time.monotonic
    _own: dict[str, Knowledge] = field(default_factory=dict)
    _stamps: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of_tenant(self, tenant: str) -> Retriever:
        """What searches of a tenant are answered from, as fresh as can be had without waiting."""
        answering = self._answering(tenant)
        if isinstance(answering, SharedAlone | StaleIndex) and not self.own(tenant).building:
            self.own(tenant).refresh()
        return answering

    def _answering(self, tenant: str) -> Retriever:
        wanted = self._stamp(tenant)
        if not wanted:
            return self.shared
        own = self.own(tenant)
        if not own.ready():
            return SharedAlone(self.shared)
        return own if own.current().manifest.stamp == wanted else StaleIndex(own, self._outdated(tenant, own))

    def documents(self, tenant: str) -> tuple[DocumentMetadata, ...]:
        """What is indexed for a tenant."""
        return self.serving(tenant).documents()

    def unknown_products(self, tenant: str, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those products that no document of the tenant is about."""
        return self.serving(tenant).unknown_products(wanted)

    def folder_keys(self) -> tuple[str, ...]:
        """``id@version`` of what comes from the documents folder."""
        return tuple(document.key for document in self.shared.documents())

    def text(self, tenant: str, document_id: str, version: str) -> str | None:
        """The text that offsets of quotes point into."""
        return self.serving(tenant).text(document_id, version)

    def nearest(self, tenant: str, question: str, limit: int) -> tuple[Passage, ...]:
        """The passages that come nearest to a question, whether they answer or not."""
        index = self.serving(tenant).index
        try:
            numbers = index.rank(read_query(question), limit=limit).ids.tolist()
        except InvalidSearch:
            return ()
        return tuple(index.parts.passages[number] for number in numbers)

    def passages(self, tenant: str) -> Sequence[Passage]:
        """All passages that are searched for a tenant."""
        return self.serving(tenant).index.parts.passages

    def held_rulings(self, tenant: str) -> frozenset[str]:
        """Ids of the rulings on text that the index that answers has, and that no newer version replaces."""
        return self.serving(tenant).index.parts.rulings.ids

    def changed(self, tenant: str) -> None:
        """Take notice of a change at once, not at the next look at the database."""
        self._stamps.pop(tenant, None)
        own = self.own(tenant)
        if self._stamp(tenant) or own.ready():
            own.refresh()  # also where nothing is left: commands without a database read the tenant's index as it lies

    def rebuild(self, tenant: str) -> None:
        """Read folder and documents again."""
        self._stamps.pop(tenant, None)
        (self.own(tenant) if self._stamp(tenant) else self.shared).refresh()

    def status(self, tenant: str) -> IndexStatus:
        """How the index that answers stands."""
        serving, wanted = self.serving(tenant), self._stamp(tenant)
        newest = self.own(tenant) if wanted else self.shared
        manifest = serving.current().manifest
        return IndexStatus(
            generation=manifest.generation,
            encoder=manifest.encoder,
            degraded=self._answering(tenant).degraded,
            documents=manifest.documents,
            passages=manifest.passages,
            building=newest.building,
            up_to_date=manifest.stamp == wanted and not newest.building,
            faults=newest.report.faults if newest.report else (),
        )

    def serving(self, tenant: str) -> Knowledge:
        """The index that answers a tenant: its own once it is built, else the shared one."""
        own = self.own(tenant)
        return own if self._stamp(tenant) and own.ready() else self.shared

    def own(self, tenant: str) -> Knowledge:
        """The index over folder and own documents, opened or not."""
        with self._lock:
            if tenant not in self._own:
                encoder = self.shared.encoder
                holdings = Holdings(
                    index_dir_of(self.settings, encoder, tenant),
                    partial(self._sources, tenant),
                    partial(self._state, tenant),
                    self.shared.holdings.index_dir,
                    partial(self._in_force, tenant),
                )
                self._own[tenant] = Knowledge(
                    holdings, encoder, self.shared.degraded, self.shared.reranker, self.shared.rerank_depth
                )
            return self._own[tenant]

    def tenants(self) -> tuple[str, ...]:
        """Who has an index of their own."""
        return tuple(sorted({*self.store.tenants(), *self.rulings.tenants()}))

    def _in_force(self, tenant: str) -> tuple[Ruling, ...]:
        return tuple(one.ruling for one in self.rulings.in_force(tenant))

    def _state(self, tenant: str) -> str:
        """Names the state of a tenant's documents and rulings; empty where it has none."""
        return "+".join(filter(None, (self.store.stamp(tenant), self.rulings.stamp(tenant))))

    def _sources(self, tenant: str) -> Iterator[Source]:
        yield from self._kept(tenant)
        yield from folder_sources(self.settings.documents_dir)

    def _kept(self, tenant: str) -> Iterator[KeptSource]:
        for document in self.store.all(tenant):
            if document.state is DocumentState.LIVE:
                about = document.metadata
                yield source_of(document, partial(self.store.content, tenant, about.id, about.version))

    def _outdated(self, tenant: str, own: Knowledge) -> frozenset[str]:
        """Sources in the index that are not as they stand in the database any more."""
        wanted = {source.name: source.digest() for source in self._kept(tenant)}
        kept = {name: digest for name, digest in own.digests().items() if is_stored(name)}
        return frozenset(name for name, digest in kept.items() if wanted.get(name) != digest)

    def _stamp(self, tenant: str) -> str:
        at, known = self._stamps.get(tenant, (float("-inf"), ""))
        if self.monotonic() - at < FRESH_S:
            return known
        stamp = self._state(tenant)
        self._stamps[tenant] = (self.monotonic(), stamp)
        return stamp
