"""Logging in by name and password, and what a session's token stands for.

Nobody learns whether a name exists: a wrong name costs the same hash, the same writes and the same answer as a wrong
password, and rests after the same number of failures.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from triage.domain.people import Session, User, digest, login_name, new_token
from triage.errors import LoginRefused, LoginRests
from triage.ports import Clock
from triage.ports.people import PasswordHasher, SessionStore, UserStore

logger = logging.getLogger(__name__)

_SEEN_EVERY = timedelta(minutes=1)  # finer would write at every request


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session with its token, which is given to the browser and stored nowhere."""

    user: User
    token: str

    def __repr__(self) -> str:
        return f"LoggedIn({self.user.id})"


@dataclass(frozen=True, slots=True)
class Logins:
    """Starts, resumes and ends sessions."""

    users: UserStore
    sessions: SessionStore
    hasher: PasswordHasher
    clock: Clock

    def log_in(self, name: str, password: str) -> LoggedIn:
        """Start a session for who knows the password.

        Raises:
            LoginRests: the name was tried too often.
            LoginRefused: name or password is wrong, or the user is disabled; which of them is not told.
        """
        known = login_name(name)
        rest_s = self.sessions.count_attempt(digest(known))
        if rest_s > 0:
            raise LoginRests(rest_s)
        user = self.users.named(known)
        usable = user if user is not None and user.disabled_at is None else None
        if not self.hasher.matches(usable.password_hash if usable else None, password) or usable is None:
            logger.warning("login refused", extra={"action": "login_refused"})
            raise LoginRefused()
        self.sessions.forget_attempts(digest(known))
        return self.start(self._with_todays_hash(usable, password), how="password")

    def start(self, user: User, *, how: str) -> LoggedIn:
        """Start a session for a user who proved who they are; its token is new, whatever the browser sent before."""
        token = new_token()
        self.sessions.start(digest(token), user, how=how)
        return LoggedIn(user, token)

    def resume(self, token: str) -> User | None:
        """Whose session a token is; ``None`` when it is none in force."""
        key, now = digest(token), self.clock.now()
        session = self.sessions.find(key)
        if session is None:
            return None
        if not session.in_force(now):
            self.sessions.end(key)
            return None
        self._remember(session, key)
        return session.user

    def log_out(self, token: str) -> None:
        """End a session."""
        self.sessions.end(digest(token))

    def _remember(self, session: Session, key: bytes) -> None:
        now = self.clock.now()
        if now - session.seen_at >= _SEEN_EVERY:
            self.sessions.touch(key, now)

    def _with_todays_hash(self, user: User, password: str) -> User:
        """Hash the password anew when its stored hash is cheaper than those made today."""
        if user.password_hash is None or not self.hasher.is_outdated(user.password_hash):
            return user
        renewed = replace(user, password_hash=self.hasher.hash(password))
        self.users.save(renewed, actor="system", action="password_rehashed", ends_sessions=False)
        return renewed
