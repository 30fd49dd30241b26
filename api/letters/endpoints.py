"""`/v1/replies`, `/v1/suggestions`, and what belongs to a case's letter: another draft, its edits, similar cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from api.auth import CaseReader, Decider, Editor
from api.backend import Backend, GivenBackend
from api.cases.schemas import CaseView
from api.etags import VersionRead, etag_of
from api.idempotency import PARAMETER, Route
from api.letters.schemas import (
    EditList,
    HistoryView,
    OfferList,
    RedraftRequest,
    ReviewRequest,
    SimilarList,
    SuggestionList,
    SuggestionView,
)
from api.problems import documented
from api.reach import CaseId, reached_of
from triage.domain.access import Caller
from triage.domain.drafting import Suggestion, SuggestionState

_POST = {"parameters": [PARAMETER]}
_Few = Annotated[int, Query(ge=1, le=20, description="at most this many")]
_Many = Annotated[int, Query(ge=1, le=200, description="at most this many")]
_SuggestionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}$", description="id of a suggestion")]

router = APIRouter(tags=["letters"], route_class=Route)
case_router = APIRouter(prefix="/cases", tags=["letters"], route_class=Route)


@router.get("/replies", summary="Kinds of letters", responses=documented())
def replies(backend: GivenBackend, caller: CaseReader, language: Literal["pl", "en"] = "pl") -> OfferList:
    """What may be written, which of it decides something, and what an agent has to fill in."""
    return OfferList.of(backend.letters.redrafting.offers(language))


@case_router.post(
    "/{case_id:path}/draft",
    summary="Draft anew with a decision or a style",
    openapi_extra=_POST,
    responses=documented(404, 409, 412, 428),
)
def redraft(
    case_id: CaseId,
    wanted: RedraftRequest,
    backend: GivenBackend,
    caller: Editor,
    version_read: VersionRead,
    response: Response,
) -> CaseView:
    """Replace the draft by the letter of a picked decision, tone and length; it is checked and waits for approval."""
    redrafting = backend.letters.redrafting
    choice = wanted.choice(redrafting.company.style.preset)
    case = redrafting.redraft(caller.tenant, case_id, actor=caller.actor, version_read=version_read, choice=choice)
    response.headers["ETag"] = etag_of(case)
    return CaseView.of(case)


@case_router.get("/{case_id:path}/edits", summary="Edits of a case's drafts", responses=documented(404))
def edits(case_id: CaseId, backend: GivenBackend, caller: CaseReader) -> EditList:
    """How far agents went from the drafts and what they changed, pseudonymised."""
    with backend.unit_of_work(caller.tenant) as uow:
        case = uow.cases.get(case_id)
        kept = uow.edits.of_case(case.ticket_id)
    return EditList.of(kept)


@case_router.get("/{case_id:path}/similar", summary="Similar solved cases", responses=documented(404))
def similar(case_id: CaseId, backend: GivenBackend, caller: CaseReader, limit: _Few = 5) -> SimilarList:
    """Nearest cases whose reply was approved, with what was decided; names and numbers are placeholders."""
    found = backend.letters.similar.to_case(caller.tenant, case_id, limit=limit, queues=caller.queues)
    return SimilarList.of(found)


@case_router.get("/{case_id:path}/history", summary="The whole history", responses=documented(404, 409))
def history(case_id: CaseId, backend: GivenBackend, caller: CaseReader) -> HistoryView:
    """One summary across all tickets and channels of the same customer's address or serial number."""
    return HistoryView.of(backend.letters.histories.of_case(caller.tenant, case_id, caller.queues))


@router.get("/suggestions", summary="Suggested wordings", responses=documented())
def suggestions(
    backend: GivenBackend, caller: CaseReader, state: SuggestionState | None = None, limit: _Many = 100
) -> SuggestionList:
    """Wordings of approved letters that agents had edited; near-duplicates are one suggestion."""
    found = backend.letters.suggestions.waiting(caller.tenant, state=state, limit=limit)
    return SuggestionList(suggestions=_shown(backend, caller, found))


@router.post(
    "/suggestions/{suggestion_id}/review",
    summary="Review a suggested wording",
    openapi_extra=_POST,
    responses=documented(404, 409),
)
def review(
    suggestion_id: _SuggestionId, decision: ReviewRequest, backend: GivenBackend, caller: Decider
) -> SuggestionView:
    """Accept a wording as a template or a knowledge-base entry, or turn it down; accepted ones come as a file."""
    settled = backend.letters.suggestions.decide(
        caller.tenant, suggestion_id, actor=caller.actor, state=SuggestionState(decision.state), text=decision.text
    )
    [shown] = _shown(backend, caller, [settled])
    return shown


def _shown(backend: Backend, caller: Caller, found: Sequence[Suggestion]) -> list[SuggestionView]:
    """Wordings; of the cases they come from, those that are the caller's to see."""
    seen = reached_of(backend, caller, [one for suggestion in found for one in suggestion.cases])
    own = (replace(one, cases=tuple(case for case in one.cases if case in seen)) for one in found)
    return [SuggestionView.of(one) for one in own]
