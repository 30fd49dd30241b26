"""API keys: who may call the service, for which tenant, in which role, until when.

A key reads ``trk_<id>_<secret>``: the id finds it, the secret (256 random bits) proves it. Only the secret's SHA-256 is
kept; a slow password hash would add nothing to a secret that cannot be guessed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.access import Caller, Role, Scope, scopes_of
from triage.domain.ticket import require_aware

KEY_LIFE = timedelta(days=90)
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no characters that are read as another
_KEY = re.compile(r"trk_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A stored key; the secret itself is not in it.

    Attributes:
        id: eight characters, public: it names the actor in the audit log.
        secret_sha256: 32 bytes.
        only: what the key may do of what its role may; ``None`` means all of it.
    """

    id: str
    tenant: str
    name: str
    role: Role
    secret_sha256: bytes
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    only: frozenset[Scope] | None = None

    def __post_init__(self) -> None:
        require_aware(self.created_at, "api_key.created_at")
        require_aware(self.expires_at, "api_key.expires_at")

    def accepts(self, secret: str, now: datetime) -> bool:
        """Whether ``secret`` is this key's and the key is in force; compares in constant time."""
        matches = secrets.compare_digest(_digest(secret), self.secret_sha256)
        return matches and self.in_force(now)

    @property
    def caller(self) -> Caller:
        """Who calls with this key."""
        scopes = scopes_of(self.role) if self.only is None else scopes_of(self.role) & self.only
        return Caller(self.id, f"key:{self.id}", self.tenant, self.role, scopes)

    def in_force(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its text, which is shown once and stored nowhere."""

    key: ApiKey
    text: str

    def __repr__(self) -> str:
        return f"IssuedKey({self.key.id})"


def issue_key(
    tenant: str,
    name: str,
    role: Role,
    now: datetime,
    life: timedelta = KEY_LIFE,
    only: frozenset[Scope] | None = None,
) -> IssuedKey:
    """Make a new key; the caller stores ``key`` and shows ``text`` once."""
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    key = ApiKey(key_id, tenant, name, role, _digest(secret), now, now + life, only=only)
    return IssuedKey(key, f"trk_{key_id}_{secret}")


def split_key(text: str) -> tuple[str, str] | None:
    """Id and secret of a key's text, or ``None`` when it is not one.

    >>> split_key("trk_abcd2345_" + "x" * 43) == ("abcd2345", "x" * 43)
    True
    >>> split_key("trk_abcd2345_short") is None
    True
    """
    match = _KEY.fullmatch(text)
    return (match[1], match[2]) if match else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8")).digest()
