"""Tickets that come in at the same time share a transaction, because what a transaction costs is its commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from triage.domain.ticket import Ticket
from triage.errors import Overloaded, StorageUnavailable

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 500
StoreAll = Callable[[Sequence[Ticket]], frozenset[str]]
"""Stores tickets of one tenant in one transaction; returns the ids of those that were new when they are durable."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A ticket, and the answer somebody waits for."""

    ticket: Ticket
    answer: Future[bool] = field(default_factory=Future)


@dataclass(slots=True)
class Incoming:
    """Group commit: one thread stores; whatever comes meanwhile is stored together when it is done."""

    lock: Lock = field(default_factory=Lock)
    waiting: list[_Waiting] = field(default_factory=list)
    storing: bool = False
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="intake"))

    def add(self, ticket: Ticket, store_all: StoreAll) -> Future[bool]:
        """Let a ticket be stored together with those that wait; the answer is ``False`` when it was there before.

        A ticket that cannot be stored fails alone: the others of its group are stored one by one.
        """
        mine = _Waiting(ticket)
        mine.answer.set_running_or_notify_cancel()  # whoever stops waiting does not take the ticket back
        with self.lock:
            self.waiting.append(mine)
            idle, self.storing = not self.storing, True
        if idle:
            self.thread.submit(self._store_waiting, store_all)
        return mine.answer

    def _store_waiting(self, store_all: StoreAll) -> None:
        while group := self._next_group():
            _store(group, store_all)

    def _next_group(self) -> list[_Waiting]:
        """Tickets of the tenant that has waited longest; when nobody waits, the next to come begins again."""
        with self.lock:
            if not self.waiting:
                self.storing = False
                return []
            tenant = self.waiting[0].ticket.tenant
            group = [one for one in self.waiting if one.ticket.tenant == tenant][:MOST_AT_ONCE]
            taken = set(map(id, group))
            self.waiting = [one for one in self.waiting if id(one) not in taken]
            return group


def _store(group: Sequence[_Waiting], store_all: StoreAll) -> None:
    try:
        added = set(store_all([one.ticket for one in group]))
    except (StorageUnavailable, Overloaded) as exc:
        for one in group:  # an error of its own for each: they are raised on different threads
            one.answer.set_exception(type(exc)(*exc.args))
    except Exception as exc:
        if len(group) == 1:
            group[0].answer.set_exception(exc)
            return
        # whichever ticket it was, each caller finds out about its own
        logger.warning("group not stored", extra={"action": "stored_one_by_one", "error": type(exc).__name__})
        for one in group:
            _store([one], store_all)
    else:
        for one in group:
            one.answer.set_result(one.ticket.id in added)
            added.discard(one.ticket.id)
