"""Single sign-on: who the identity provider says a person is, and what that makes them here.

Fails closed: without a role by the configured claim nobody gets in, a state is good for one return of the browser that
began it, and a name that belongs to a user with a password is never taken over.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from triage.domain.access import Role
from triage.domain.people import Identity, SignOnBegun, User, digest, new_token, new_user
from triage.errors import Conflict, InvalidInput, SignOnRefused
from triage.people.logins import LoggedIn, Logins
from triage.ports import Clock
from triage.ports.people import IdentityProvider, SignOnStore, UserStore

logger = logging.getLogger(__name__)

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignOn:
    """Sends browsers to the identity provider and lets in who comes back with its word.

    Attributes:
        tenant: whose people the provider knows.
        roles: role by a value of the provider's claim; of several values a person has, the first here counts.
    """

    provider: IdentityProvider
    users: UserStore
    begun: SignOnStore
    logins: Logins
    clock: Clock
    tenant: str
    roles: Mapping[str, Role]

    def begin(self) -> tuple[str, str]:
        """Where to send the browser, and the state that it must bring back in its cookie."""
        state = new_token()
        secrets = SignOnBegun(nonce=new_token(), verifier=new_token() + new_token()[:20], begun_at=self.clock.now())
        self.begun.keep(digest(state), secrets)
        return self.provider.authorization_url(state, secrets), state

    def finish(self, *, state: str, cookie: str | None, code: str) -> LoggedIn:
        """Start a session for whom the provider vouches for.

        Args:
            code: empty where the provider let nobody in.

        Raises:
            SignOnRefused: the state is not this browser's, or used, or too old; the provider's word cannot be verified;
                or the person has no role here.
        """
        secrets = self.begun.take(digest(state))
        if cookie != state or secrets is None or self.clock.now() >= secrets.begun_at + LIFE:
            raise _refused("state")
        if not code:
            raise _refused("no code")
        identity = self.provider.identify(code, secrets)
        role = next((role for value, role in self.roles.items() if value in identity.groups), None)
        if role is None:
            raise _refused("no role")
        return self.logins.start(self._user(identity, role), how="single sign-on")

    def _user(self, identity: Identity, role: Role) -> User:
        known = self.users.of_subject(identity.subject)
        if known is None:
            return self._first_time(identity, role)
        if known.disabled_at is not None or known.tenant != self.tenant:
            raise _refused("disabled")
        if known.role is role:
            return known
        changed = replace(known, role=role)
        self.users.save(changed, actor="single sign-on", action="user_assigned", ends_sessions=True)
        return changed

    def _first_time(self, identity: Identity, role: Role) -> User:
        try:
            made = new_user(self.tenant, identity.name, role, self.clock.now(), subject=identity.subject)
        except InvalidInput:
            raise _refused("name") from None
        waiting = self.users.named(made.name)
        if waiting is None:
            try:
                self.users.add(made, actor="single sign-on")
            except Conflict:
                raise _refused("name taken") from None
            return made
        free = waiting.password_hash is None and waiting.subject is None and waiting.disabled_at is None
        if not (free and waiting.tenant == self.tenant and identity.name_is_verified):
            raise _refused("name taken")
        linked = replace(waiting, role=role, subject=identity.subject)
        self.users.save(linked, actor="single sign-on", action="user_linked", ends_sessions=True)
        return linked


def _refused(why: str) -> SignOnRefused:
    logger.warning("single sign-on refused", extra={"action": "sign_on_refused", "reason": why})
    return SignOnRefused()
