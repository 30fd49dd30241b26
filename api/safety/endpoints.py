"""`/v1/safety`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Auditor
from api.backend import GivenBackend
from api.idempotency import Route
from api.pagination import Cursor, Limit, counted_after, cursor_after
from api.problems import documented
from api.safety.schemas import Clusters, ClusterView, SafetyEntryView, SafetyPage

router = APIRouter(prefix="/safety", tags=["safety"], route_class=Route)
_MOST = 2**31 - 1
_Wanted = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]+$")]


@router.get("/register", summary="Read the safety register", responses=documented())
def register(
    backend: GivenBackend,
    caller: Auditor,
    case_id: _Wanted = None,
    model: _Wanted = None,
    batch: _Wanted = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SafetyPage:
    """Complaints about dangerous products, oldest first (Regulation (EU) 2023/988 art. 9(11))."""
    after = counted_after(cursor, _MOST)
    found = backend.safety.entries(
        caller.tenant, case_id=case_id, model=model, batch=batch, limit=limit + 1, after=after
    )
    page = found[:limit]
    following = cursor_after(str(page[-1].position)) if len(found) > limit else None
    return SafetyPage(entries=[SafetyEntryView.of(one) for one in page], next=following)


@router.get("/clusters", summary="Models and batches reported several times", responses=documented())
def clusters(backend: GivenBackend, caller: Auditor) -> Clusters:
    """Batches and models with so many complaints that somebody must look."""
    found = backend.safety.clusters(caller.tenant)
    return Clusters(clusters=[ClusterView.model_validate(one) for one in found])
