"""Users of the desk, their sessions, and how long a name that was tried too often must wait."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.domain.access import Caller, Role, scopes_of
from triage.domain.ticket import require_aware
from triage.errors import InvalidInput

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FREE_FAILURES = 5
FIRST_WAIT = timedelta(minutes=30)
LONGEST_WAIT = timedelta(hours=24)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 15, 256  # NIST SP 800-63B-4, 3.1.1.2: 15 where it is the only factor
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


@dataclass(frozen=True, slots=True)
class User:
    """A person who works at the desk.

    Attributes:
        name: what they log in with, lower case, unique over all tenants; it names them in the audit log.
        teams: whose cases they work on; none means every team's.
        password_hash: argon2id in its PHC form; ``None`` for who comes by single sign-on only.
        subject: issuer and subject at the identity provider, ``<issuer>|<sub>``.
    """

    id: str
    tenant: str
    name: str
    role: Role
    created_at: datetime
    teams: frozenset[str] = frozenset()
    password_hash: str | None = field(default=None, repr=False)
    subject: str | None = None
    disabled_at: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(self.created_at, "user.created_at")

    @property
    def actor(self) -> str:
        """The name in approvals and in the audit log."""
        return f"user:{self.name}"

    @property
    def caller(self) -> Caller:
        """Who calls in a session of this user."""
        return Caller(self.id, self.actor, self.tenant, self.role, scopes_of(self.role), self.teams, by_session=True)


@dataclass(frozen=True, slots=True)
class Session:
    """A user who is logged in."""

    user: User
    created_at: datetime
    seen_at: datetime

    def in_force(self, now: datetime) -> bool:
        """Whether it is neither idle for 30 minutes, nor 12 hours old, nor its user disabled.

        Source: OWASP ASVS 5.0, 7.3.1 and 7.3.2.
        """
        return self.user.disabled_at is None and now < self.seen_at + IDLE and now < self.created_at + LONGEST


@dataclass(frozen=True, slots=True)
class SignOnBegun:
    """What a single sign-on that is under way keeps secret: the token must repeat ``nonce``, the code ``verifier``."""

    nonce: str
    verifier: str = field(repr=False)
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the identity provider vouches for.

    Attributes:
        subject: ``<issuer>|<sub>``, the only thing about a person that never changes.
        name_is_verified: the provider knows that the name, an address, is the person's.
    """

    subject: str
    name: str
    name_is_verified: bool
    groups: frozenset[str]


def new_user(
    tenant: str,
    name: str,
    role: Role,
    now: datetime,
    *,
    teams: frozenset[str] = frozenset(),
    subject: str | None = None,
) -> User:
    """A user who cannot log in by password yet.

    Raises:
        InvalidInput: the name cannot be used.
    """
    folded = login_name(name)
    if not _NAME.fullmatch(folded):
        raise InvalidInput("A user's name has up to 100 of the characters a-z 0-9 . _ @ + - and begins with a-z 0-9.")
    return User(f"usr_{secrets.token_hex(8)}", tenant, folded, role, now, teams, subject=subject)


def login_name(text: str) -> str:
    """The form in which names are stored and compared.

    >>> login_name(" Anna@Example.com ")
    'anna@example.com'
    """
    return text.strip().lower()


def refuse_weak(password: str, name: str) -> None:
    """Let only passwords pass that are long enough and do not contain the name.

    Raises:
        InvalidInput: it is too short, too long, of too few characters, or contains the name.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters: use a passphrase.")
    if len(set(password.casefold())) < 5 or name.partition("@")[0] in password.casefold():
        raise InvalidInput(
            "The password is too easy to guess: use several words that have nothing to do with the name."
        )


def wait_after(failures: int) -> timedelta:
    """How long a name must rest after its ``failures``-th wrong password in a row.

    Source: five failures in 30 minutes, as Zulip; each further one doubles the rest, up to a day.

    >>> [wait_after(n).total_seconds() / 60 for n in (4, 5, 6, 7, 30)]
    [0.0, 30.0, 60.0, 120.0, 1440.0]
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    doubled: int = 2 ** min(failures - FREE_FAILURES, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * doubled)


def new_token() -> str:
    """A secret of 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a token; a slow hash would add nothing to a secret that cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8")).digest()


def csrf_token(session_token: str) -> str:
    """The proof that a write was meant: a page of ours can read it, a page of others cannot.

    It is derived from the session's token, so it is stored nowhere and ends with the session.
    """
    return hashlib.sha256(b"csrf:" + session_token.encode("utf-8")).hexdigest()
