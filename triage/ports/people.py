"""What the use cases about people need from outside: stored users and sessions, and a slow hash."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from triage.domain.people import Identity, Session, SignOnBegun, User


class PasswordHasher(Protocol):
    """A hash that is slow on purpose."""

    def hash(self, password: str) -> str:
        """The hash of a new password, with its salt and cost in it."""

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one; takes as long when there is no hash, and then says no."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with another cost than today's."""


class UserStore(Protocol):
    """Users of all tenants: a user is found by name alone, because it is what says which tenant calls."""

    def find(self, user_id: str) -> User | None:
        """The user of this id."""

    def named(self, name: str) -> User | None:
        """The user who logs in with this name."""

    def of_subject(self, subject: str) -> User | None:
        """The user whom the identity provider knows by ``<issuer>|<sub>``."""

    def of_tenant(self, tenant: str, *, limit: int, after: str = "") -> tuple[User, ...]:
        """Users of a tenant by name; ``after`` is the last name of the page before."""

    def add(self, user: User, *, actor: str) -> None:
        """Store a new user.

        Raises:
            Conflict: the name is taken.
        """

    def save(self, user: User, *, actor: str, action: str, ends_sessions: bool) -> None:
        """Store a changed user; with ``ends_sessions`` all sessions of the user end in the same transaction."""


class SessionStore(Protocol):
    """Sessions, by the SHA-256 of their token, and failed log-ins, by the SHA-256 of the name that was tried."""

    def start(self, token_sha256: bytes, user: User, *, how: str) -> None:
        """Store a new session; that it was started goes on the audit log."""

    def find(self, token_sha256: bytes) -> Session | None:
        """The session of a token, in force or not."""

    def touch(self, token_sha256: bytes, now: datetime) -> None:
        """Remember that the session was used."""

    def end(self, token_sha256: bytes) -> None:
        """Forget a session."""

    def count_attempt(self, name_sha256: bytes) -> float:
        """Count one more attempt on a name, unless it rests; seconds it still rests, 0 when it may be tried.

        Counted before the password is looked at, so attempts at the same moment cannot all slip through.
        """

    def forget_attempts(self, name_sha256: bytes) -> None:
        """The right password was given."""


class SignOnStore(Protocol):
    """Single sign-ons that are under way, by the SHA-256 of their state."""

    def keep(self, state_sha256: bytes, begun: SignOnBegun) -> None:
        """Store one."""

    def take(self, state_sha256: bytes) -> SignOnBegun | None:
        """Return one and forget it, so that nobody can come back with it twice."""


class IdentityProvider(Protocol):
    """Knows people, and says who somebody is."""

    def authorization_url(self, state: str, secrets: SignOnBegun) -> str:
        """Where the browser asks the provider who its person is."""

    def identify(self, code: str, secrets: SignOnBegun) -> Identity:
        """Exchange the code the browser brought for the provider's word.

        Raises:
            SignOnRefused: its word cannot be had or verified.
        """
