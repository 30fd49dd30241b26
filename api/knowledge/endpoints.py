"""`/v1/knowledge`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Searcher
from api.backend import Backend, GivenBackend
from api.idempotency import PARAMETER, Route
from api.knowledge.schemas import DocumentList, DocumentView, PassageView, SearchRequest, SearchResult
from api.problems import documented

router = APIRouter(prefix="/knowledge", tags=["knowledge"], route_class=Route)


@router.get("/search", summary="Search", responses=documented())
def search(backend: GivenBackend, _caller: Searcher, wanted: Annotated[SearchRequest, Query()]) -> SearchResult:
    """Passages that answer a question; use POST when the question may hold personal data."""
    return _found(backend, wanted)


@router.post(
    "/search",
    summary="Search without a trace in URLs",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(409),
)
def search_privately(backend: GivenBackend, _caller: Searcher, wanted: SearchRequest) -> SearchResult:
    """Like GET, with the question in the body."""
    return _found(backend, wanted)


@router.get("/documents", summary="What is indexed", responses=documented())
def documents(backend: GivenBackend, _caller: Searcher) -> DocumentList:
    """Every document of the current index generation."""
    listed = [DocumentView.model_validate(document) for document in backend.knowledge.documents()]
    return DocumentList(generation=backend.knowledge.generation, documents=listed)


def _found(backend: Backend, wanted: SearchRequest) -> SearchResult:
    passages = backend.knowledge.search(wanted.q, wanted.filters, wanted.limit)
    return SearchResult(
        generation=backend.knowledge.generation, passages=[PassageView.of(scored) for scored in passages]
    )
