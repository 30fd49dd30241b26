"""Users are added, given another role or password, disabled. Whatever makes a session's rights differ ends it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from triage.domain.access import Role
from triage.domain.people import User, login_name, new_user, refuse_weak
from triage.errors import LoginRefused, NotFound
from triage.ports import Clock
from triage.ports.people import PasswordHasher, UserStore


@dataclass(frozen=True, slots=True)
class Accounts:
    """Changes to users; each is on the audit log of their tenant."""

    users: UserStore
    hasher: PasswordHasher
    clock: Clock

    def add(
        self,
        tenant: str,
        name: str,
        role: Role,
        *,
        actor: str,
        password: str | None,
        teams: frozenset[str] = frozenset(),
    ) -> User:
        """Add a user; without a password they can come by single sign-on only.

        Raises:
            InvalidInput: the name or the password cannot be used.
            Conflict: the name is taken.
        """
        user = new_user(tenant, name, role, self.clock.now(), teams=teams)
        if password is not None:
            refuse_weak(password, user.name)
            user = replace(user, password_hash=self.hasher.hash(password))
        self.users.add(user, actor=actor)
        return user

    def find(self, tenant: str, user_id: str) -> User:
        """The user of this id.

        Raises:
            NotFound: no such user in this tenant.
        """
        return self._own(tenant, self.users.find(user_id))

    def named(self, tenant: str, name: str) -> User:
        """The user who logs in with this name.

        Raises:
            NotFound: no such user in this tenant.
        """
        return self._own(tenant, self.users.named(login_name(name)))

    def assign(self, user: User, *, actor: str, role: Role, teams: frozenset[str]) -> User:
        """Give a user another role or other teams; sessions end, so that the new rights are the only ones in use."""
        changed = replace(user, role=role, teams=teams)
        self.users.save(changed, actor=actor, action="user_assigned", ends_sessions=True)
        return changed

    def set_password(self, user: User, password: str, *, actor: str) -> User:
        """Give a user a new password and end all their sessions.

        Raises:
            InvalidInput: the password cannot be used.
        """
        refuse_weak(password, user.name)
        changed = replace(user, password_hash=self.hasher.hash(password))
        self.users.save(changed, actor=actor, action="password_changed", ends_sessions=True)
        return changed

    def change_password(self, user: User, current: str, new: str) -> User:
        """A user changes their own password, which they must know; all their sessions end.

        Raises:
            LoginRefused: the current password is wrong.
            InvalidInput: the new one cannot be used.
        """
        if not self.hasher.matches(user.password_hash, current):
            raise LoginRefused("The current password is wrong.")
        return self.set_password(user, new, actor=user.actor)

    def disable(self, user: User, *, actor: str) -> User:
        """Keep a user out from now on; all their sessions end."""
        if user.disabled_at is not None:
            return user
        changed = replace(user, disabled_at=self.clock.now())
        self.users.save(changed, actor=actor, action="user_disabled", ends_sessions=True)
        return changed

    def enable(self, user: User, *, actor: str) -> User:
        """Let a user in again."""
        changed = replace(user, disabled_at=None)
        self.users.save(changed, actor=actor, action="user_enabled", ends_sessions=False)
        return changed

    def _own(self, tenant: str, user: User | None) -> User:
        if user is None or user.tenant != tenant:
            raise NotFound("There is no such user.")
        return user
