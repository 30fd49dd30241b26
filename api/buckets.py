"""Token buckets: how often something may happen, counted in this process or in a file that several processes share."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

Clock = Callable[[], float]


class Buckets(Protocol):
    """Buckets by name; each holds as many tokens as flow back in a minute."""

    def take(self, name: str, per_minute: int) -> float:
        """Take a token; seconds until there is one, 0 when there was."""


def _taken(tokens: float, at: float, now: float, per_minute: int) -> tuple[float, float]:
    """A bucket's tokens after one was wanted, and the seconds to wait for it."""
    rate = per_minute / 60
    tokens = min(float(per_minute), tokens + max(0.0, now - at) * rate)
    return (tokens - 1, 0.0) if tokens >= 1 else (tokens, (1 - tokens) / rate)


@dataclass(slots=True)
class OwnBuckets:
    """Buckets of this process; the least recently used ones are forgotten."""

    monotonic: Clock = time.monotonic
    most: int = 30_000
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str, per_minute: int) -> float:
        """Take a token; seconds until there is one, 0 when there was."""
        now = self.monotonic()
        with self._lock:
            tokens, at = self._buckets.pop(name, (float(per_minute), now))
            tokens, wait_s = _taken(tokens, at, now, per_minute)
            self._buckets[name] = (tokens, now)
            while len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
        return wait_s


_SLOT = struct.Struct("16sdd")  # digest of the name, tokens, when they were counted on the machine's monotonic clock
_PROBES = 16


@dataclass(slots=True)
class SharedBuckets:
    """Buckets in a file that all API processes of a machine have open, so that together they keep one limit.

    The file has a fixed number of slots; of the few a name may have, the one that was not used for longest is given up.
    A process that is killed in between leaves a bucket one token off at most: the lock goes with it.

    Args:
        fd: an open file for reading and writing, as :func:`shared_file` makes it.
    """

    fd: int
    monotonic: Clock = time.monotonic
    _slots: mmap.mmap = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._slots = mmap.mmap(self.fd, 0)

    def take(self, name: str, per_minute: int) -> float:
        """Take a token; seconds until there is one, 0 when there was."""
        digest, now = hashlib.blake2b(name.encode("utf-8"), digest_size=16).digest(), self.monotonic()
        with self._alone():
            place, tokens, at = self._find(digest, float(per_minute), now)
            tokens, wait_s = _taken(tokens, at, now, per_minute)
            _SLOT.pack_into(self._slots, place, digest, tokens, now)
        return wait_s

    def _find(self, digest: bytes, full: float, now: float) -> tuple[int, float, float]:
        """The name's slot with what it holds, or the one that it gets, full."""
        count = len(self._slots) // _SLOT.size
        first, oldest, oldest_at = int.from_bytes(digest[:8], "big"), 0, float("inf")
        for probe in range(_PROBES):
            place = (first + probe) % count * _SLOT.size
            known, tokens, at = _SLOT.unpack_from(self._slots, place)
            if known == digest:
                return place, tokens, at
            if at < oldest_at:
                oldest, oldest_at = place, at
        return oldest, full, now

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:  # a file lock is the process's, not the thread's
            fcntl.lockf(self.fd, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self.fd, fcntl.LOCK_UN)


def shared_file(fd: int, slots: int = 32_768) -> None:
    """Make an empty open file a store for :class:`SharedBuckets`."""
    os.ftruncate(fd, slots * _SLOT.size)
