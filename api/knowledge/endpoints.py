"""`/v1/knowledge/search`, feedback on its answers, and what is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Searcher
from api.backend import Backend, GivenBackend
from api.idempotency import PARAMETER, Route
from api.knowledge.schemas import (
    FeedbackKept,
    FeedbackRequest,
    GapList,
    GapView,
    PassageView,
    SearchParameters,
    SearchRequest,
    SearchResult,
)
from api.problems import documented
from triage.domain.access import Caller
from triage.library.gaps import MOST_SEARCHES, find_gaps

router = APIRouter(prefix="/knowledge", tags=["knowledge"], route_class=Route)


@router.get("/search", summary="Search", responses=documented())
def search(backend: GivenBackend, caller: Searcher, wanted: Annotated[SearchParameters, Query()]) -> SearchResult:
    """Passages that answer a question; use POST when the question may hold personal data."""
    return _found(backend, caller, wanted)


@router.post(
    "/search",
    summary="Search without a trace in URLs",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(409),
)
def search_privately(backend: GivenBackend, caller: Searcher, wanted: SearchRequest) -> SearchResult:
    """Like GET, with the question in the body."""
    return _found(backend, caller, wanted)


@router.post(
    "/feedback",
    status_code=201,
    summary="Say whether an answer helped",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(404, 409),
)
def feedback(said: FeedbackRequest, backend: GivenBackend, caller: Searcher) -> FeedbackKept:
    """Keep whether passages, or the whole answer, helped; a later word of the same caller replaces the earlier."""
    passages = list(dict.fromkeys(said.passages))
    backend.library.searching.judge(caller.tenant, said.search_id, said.helpful, passages, actor=caller.actor)
    return FeedbackKept(search_id=said.search_id, verdicts=max(1, len(passages)))


@router.get("/gaps", summary="Questions without an answer", responses=documented())
def gaps(
    backend: GivenBackend,
    caller: Searcher,
    days: Annotated[int, Query(ge=1, le=730, description="how far to look back")] = 90,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> GapList:
    """What was asked and not answered, or answered unhelpfully; near-duplicates are counted together."""
    library, since = backend.library, backend.clock.now() - timedelta(days=days)
    searches = library.log.searches(caller.tenant, since=since, limit=MOST_SEARCHES)
    found = find_gaps(searches, library.log.verdicts(caller.tenant, since=since), library.encoder)
    shown = [GapView.model_validate(gap) for gap in found[:limit]]
    return GapList(since=since, searches=len(searches), gaps=shown)


def _found(backend: Backend, caller: Caller, wanted: SearchParameters) -> SearchResult:
    library = backend.library
    found = library.searching.search(caller.tenant, wanted.q, wanted.filters, wanted.limit, actor=caller.actor)
    return SearchResult(
        search_id=found.search_id,
        generation=found.generation,
        degraded=found.degraded,
        unknown_products=list(library.shelves.unknown_products(caller.tenant, wanted.products)),
        passages=[PassageView.of(scored) for scored in found.answer.hits],
        nearest=[PassageView.of(scored) for scored in found.answer.nearest],
        note=found.note,
    )
