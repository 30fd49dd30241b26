"""argon2id password hashes.

Source: OWASP Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1. Two hashes at a time, so that log-ins cannot take
the machine's memory.
"""

from __future__ import annotations

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

AT_ONCE = 2


class Argon2Hasher:
    """Hashes and checks passwords; answers to the ``PasswordHasher`` port."""

    def __init__(self, *, memory_kib: int = 19 * 1024, passes: int = 2) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """The hash of a new password, with its salt and cost in it."""
        with self._turns:
            return self._argon2.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one; takes as long when there is no hash, and then says no."""
        known = password_hash or self._nobodys
        try:
            with self._turns:
                verified = self._argon2.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False
        return verified and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with another cost than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    @cached_property
    def _nobodys(self) -> str:
        return self._argon2.hash("nobody's password")
