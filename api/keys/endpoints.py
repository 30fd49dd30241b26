"""`/v1/keys`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import Administrator
from api.backend import GivenBackend
from api.idempotency import PARAMETER, SHOWN_ONCE, Route
from api.keys.schemas import KeyPage, KeyRequest, KeyView, NewKey
from api.pagination import Cursor, Limit, cursor_after, position_of
from api.problems import documented
from triage.domain.api_keys import issue_key

router = APIRouter(prefix="/keys", tags=["keys"], route_class=Route)
KeyId = Annotated[str, Path(pattern="^[a-z0-9]{8}$", examples=["abcd2345"])]


@router.post(
    "",
    status_code=201,
    summary="Make a key",
    openapi_extra={"parameters": [PARAMETER], SHOWN_ONCE: ["key"]},
    responses=documented(409),
)
def create(wanted: KeyRequest, backend: GivenBackend, caller: Administrator) -> NewKey:
    """Make a key for the caller's tenant; its text is in this answer and nowhere else."""
    life = timedelta(days=wanted.expires_in_days)
    only = None if wanted.scopes is None else frozenset(wanted.scopes)
    issued = issue_key(caller.tenant, wanted.name, wanted.role, backend.clock.now(), life, only)
    backend.keys.add(issued.key, actor=caller.actor)
    return NewKey(**KeyView.of(issued.key).model_dump(), key=issued.text)


@router.get("", summary="List keys", responses=documented())
def listing(backend: GivenBackend, caller: Administrator, limit: Limit = 50, cursor: Cursor = None) -> KeyPage:
    """Keys of the caller's tenant, revoked and expired ones too."""
    after = position_of(cursor) if cursor is not None else ""
    keys = backend.keys.of_tenant(caller.tenant, limit=limit + 1, after=after)
    following = cursor_after(keys[limit - 1].id) if len(keys) > limit else None
    return KeyPage(keys=[KeyView.of(key) for key in keys[:limit]], next=following)


@router.delete("/{key_id}", status_code=204, summary="Revoke a key", responses=documented(404, 409))
def revoke(key_id: KeyId, backend: GivenBackend, caller: Administrator) -> None:
    """Take a key out of force at once; the last admin key cannot be revoked."""
    backend.keys.revoke(caller.tenant, key_id, actor=caller.actor)
