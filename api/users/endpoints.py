"""`/v1/users`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import Administrator
from api.backend import GivenBackend
from api.idempotency import PARAMETER, Route
from api.pagination import Cursor, Limit, cursor_after, position_of
from api.problems import documented
from api.users.schemas import UserChange, UserPage, UserRequest, UserView

router = APIRouter(prefix="/users", tags=["users"], route_class=Route)
UserId = Annotated[str, Path(pattern="^usr_[0-9a-f]{16}$", examples=["usr_0123456789abcdef"])]


@router.post(
    "", status_code=201, summary="Add a user", openapi_extra={"parameters": [PARAMETER]}, responses=documented(409)
)
def add(wanted: UserRequest, backend: GivenBackend, caller: Administrator) -> UserView:
    """Add a user to the caller's tenant."""
    user = backend.people.accounts.add(
        caller.tenant,
        wanted.name,
        wanted.role,
        actor=caller.actor,
        password=wanted.password,
        teams=frozenset(wanted.teams),
    )
    return UserView.of(user)


@router.get("", summary="List users", responses=documented())
def listing(backend: GivenBackend, caller: Administrator, limit: Limit = 50, cursor: Cursor = None) -> UserPage:
    """Users of the caller's tenant, disabled ones too."""
    after = position_of(cursor) if cursor is not None else ""
    users = backend.people.accounts.users.of_tenant(caller.tenant, limit=limit + 1, after=after)
    following = cursor_after(users[limit - 1].name) if len(users) > limit else None
    return UserPage(users=[UserView.of(user) for user in users[:limit]], next=following)


@router.patch("/{user_id}", summary="Change a user", responses=documented(404))
def change(user_id: UserId, wanted: UserChange, backend: GivenBackend, caller: Administrator) -> UserView:
    """Give a user another role, teams or password, or keep them out; their sessions end at once."""
    accounts = backend.people.accounts
    user = accounts.find(caller.tenant, user_id)
    if wanted.password is not None:
        user = accounts.set_password(user, wanted.password, actor=caller.actor)
    if wanted.role is not None or wanted.teams is not None:
        teams = user.teams if wanted.teams is None else frozenset(wanted.teams)
        user = accounts.assign(user, actor=caller.actor, role=wanted.role or user.role, teams=teams)
    if wanted.disabled is not None:
        decide = accounts.disable if wanted.disabled else accounts.enable
        user = decide(user, actor=caller.actor)
    return UserView.of(user)
