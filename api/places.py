"""Places: how much may be open at once, in this process or in all API processes of a machine together."""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

_SLOT = struct.Struct("16s")  # digest of who holds the place


class Places(Protocol):
    """As many places as there are, each somebody's or free."""

    def take(self, owner: str, most_of_owner: int) -> int | None:
        """A place, to be left by its number; ``None`` where all are taken, or ``most_of_owner`` are by the same."""

    def leave(self, place: int) -> None:
        """Give a place back."""


@dataclass(slots=True)
class OwnPlaces:
    """Places of this process."""

    most: int
    _held: dict[int, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, owner: str, most_of_owner: int) -> int | None:
        """A place, to be left by its number; ``None`` where all are taken, or ``most_of_owner`` are by the same."""
        with self._lock:
            free = next((place for place in range(self.most) if place not in self._held), None)
            if free is not None and list(self._held.values()).count(owner) < most_of_owner:
                self._held[free] = owner
                return free
        return None

    def leave(self, place: int) -> None:
        """Give a place back."""
        with self._lock:
            self._held.pop(place, None)


@dataclass(slots=True)
class SharedPlaces:
    """Places in an open file, one slot each: who holds one has its slot locked, and the lock ends with the process.

    The byte behind the last slot is locked while places are counted, so that no two processes take the same last one.

    Args:
        fd: an open file for reading and writing that these processes lock for nothing else.
        most: how many places there are, the same in every process.
    """

    fd: int
    most: int
    _mine: dict[int, bytes] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, owner: str, most_of_owner: int) -> int | None:
        """A place, to be left by its number; ``None`` where all are taken, or ``most_of_owner`` are by the same."""
        digest = hashlib.blake2b(owner.encode("utf-8"), digest_size=_SLOT.size).digest()
        with self._alone():
            held = {place: holder for place in range(self.most) if (holder := self._holder(place)) is not None}
            free = next((place for place in range(self.most) if place not in held), None)
            if free is None or sum(holder == digest for holder in held.values()) >= most_of_owner:
                return None
            self._try_lock(free)
            os.pwrite(self.fd, digest, free * _SLOT.size)
            self._mine[free] = digest
            return free

    def leave(self, place: int) -> None:
        """Give a place back."""
        with self._lock:
            if self._mine.pop(place, None) is not None:
                fcntl.lockf(self.fd, fcntl.LOCK_UN, _SLOT.size, place * _SLOT.size)

    def _holder(self, place: int) -> bytes | None:
        """Who holds a place; a file lock is the process's, so our own are remembered."""
        if place in self._mine:
            return self._mine[place]
        if self._try_lock(place):
            fcntl.lockf(self.fd, fcntl.LOCK_UN, _SLOT.size, place * _SLOT.size)
            return None
        return os.pread(self.fd, _SLOT.size, place * _SLOT.size)

    def _try_lock(self, place: int) -> bool:
        with suppress(OSError):
            fcntl.lockf(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB, _SLOT.size, place * _SLOT.size)
            return True
        return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        behind = self.most * _SLOT.size
        with self._lock:
            fcntl.lockf(self.fd, fcntl.LOCK_EX, 1, behind)
            try:
                yield
            finally:
                fcntl.lockf(self.fd, fcntl.LOCK_UN, 1, behind)
