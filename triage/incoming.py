"""Tickets that come in at the same time share a transaction, because what a transaction costs is its commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from triage.domain.ticket import Ticket
from triage.errors import StorageUnavailable, TriageError

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 500


@dataclass(slots=True, eq=False)
class _Waiting:
    """A ticket whose thread waits for its answer, or for its turn to store for everybody."""

    ticket: Ticket
    woken: Event = field(default_factory=Event)
    new: bool | None = None
    failure: TriageError | None = None
    alone: bool = False


@dataclass(slots=True)
class Incoming:
    """Group commit: one thread stores for all that wait, then hands the lead to the first that came meanwhile."""

    lock: Lock = field(default_factory=Lock)
    waiting: list[_Waiting] = field(default_factory=list)
    led: bool = False

    def store(self, ticket: Ticket, store_all: Callable[[Sequence[Ticket]], frozenset[str]]) -> bool:
        """Store a ticket together with those that wait; ``False`` when it was there before.

        A ticket that cannot be stored fails its own caller only: the others of its group are stored one by one.
        """
        mine = _Waiting(ticket)
        with self.lock:
            self.waiting.append(mine)
            leads, self.led = not self.led, True
        if not leads:
            mine.woken.wait()
        if mine.new is None and not mine.alone and mine.failure is None:
            self._lead(mine, store_all)
        if mine.failure is not None:
            raise mine.failure
        return mine.new if mine.new is not None else ticket.id in store_all([ticket])

    def _lead(self, mine: _Waiting, store_all: Callable[[Sequence[Ticket]], frozenset[str]]) -> None:
        with self.lock:
            others = [one for one in self.waiting if one is not mine and one.ticket.tenant == mine.ticket.tenant]
            group = [mine, *others[: MOST_AT_ONCE - 1]]
            self.waiting = [one for one in self.waiting if one not in group]
        try:
            added = set(store_all([one.ticket for one in group]))
            for one in group:
                one.new = one.ticket.id in added
                added.discard(one.ticket.id)
        except StorageUnavailable:
            for one in group:
                one.failure = StorageUnavailable()
        except Exception as exc:
            # whichever ticket it was, each caller finds out about its own
            logger.warning("group not stored", extra={"action": "stored_one_by_one", "error": type(exc).__name__})
        finally:
            self._hand_over(group)

    def _hand_over(self, group: list[_Waiting]) -> None:
        for one in group:
            one.alone = one.new is None
            one.woken.set()
        with self.lock:
            self.led = bool(self.waiting)
            if self.led:
                self.waiting[0].woken.set()
