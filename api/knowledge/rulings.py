"""`/v1/knowledge/rulings`: what verdicts on searches come to, and people who settle it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Administrator, Searcher
from api.backend import GivenBackend
from api.idempotency import PARAMETER, Route
from api.knowledge.ruling_schemas import Lesson, RulingId, RulingList, RulingReview, RulingView
from api.problems import documented
from triage.domain.rulings import RulingState

router = APIRouter(prefix="/knowledge", tags=["knowledge"], route_class=Route)


@router.get("/rulings", summary="What verdicts teach", responses=documented())
def rulings(
    backend: GivenBackend,
    caller: Searcher,
    state: Annotated[RulingState | None, Query(description="default: all")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RulingList:
    """Questions that passages answer or miss, or that nothing answers, as people said; proposed or in force."""
    found = backend.library.teaching.listing(caller.tenant, state, limit)
    return RulingList(rulings=[RulingView.of(one) for one in found])


@router.post(
    "/rulings",
    status_code=201,
    summary="Teach a question",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(404, 409),
)
def teach(wanted: Lesson, backend: GivenBackend, caller: Administrator) -> RulingView:
    """Say that a passage answers a question, whether a search showed it or not; for what the gaps report names."""
    searching = backend.library.searching
    return RulingView.of(searching.teach(caller.tenant, wanted.question, wanted.passage, actor=caller.actor))


@router.post(
    "/rulings/{ruling_id}/review",
    summary="Settle a ruling",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(404, 409),
)
def review(ruling_id: RulingId, wanted: RulingReview, backend: GivenBackend, caller: Administrator) -> RulingView:
    """Accept, reject or undo; search follows within seconds, and verdicts do not change what a person settled."""
    teaching = backend.library.teaching
    settle = {"accept": teaching.accept, "reject": teaching.reject, "undo": teaching.undo}[wanted.decision]
    return RulingView.of(settle(caller.tenant, ruling_id, actor=caller.actor))
