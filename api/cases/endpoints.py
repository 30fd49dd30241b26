"""`/v1/cases`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.auth import CaseReader, Editor
from api.backend import GivenBackend
from api.cases.schemas import CaseEntry, CasePage, CaseView
from api.etags import Known, VersionRead, etag_of, is_known
from api.idempotency import PARAMETER, Route
from api.moments import Day
from api.pagination import Cursor, Limit, cursor_after, invalid_cursor, position_of
from api.problems import documented
from api.reach import CaseId, reached_of
from triage.domain.access import Caller, Queues
from triage.domain.case import CaseState
from triage.domain.folding import words_of
from triage.domain.labels import SetBy
from triage.domain.people import login_name
from triage.domain.priority import UrgencyLevel
from triage.errors import CaseNotFound
from triage.ports import QueueFilter, QueueOrder

ETAG_HEADER = {"ETag": {"description": "send it back as If-Match with a decision", "schema": {"type": "string"}}}
router = APIRouter(prefix="/cases", tags=["cases"], route_class=Route)

_Category = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="a code of the taxonomy")]
_TEXT = r"^[^\x00]*$"
_Assignee = Annotated[
    str | None, Query(max_length=100, pattern=_TEXT, description="a user's name; empty: nobody works on it")
]
_Team = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{0,40}$", description="a team's queue; empty: everybody's")]
_Words = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=_TEXT,
        description="beginnings of words in id, subject, or the requester's name or address",
    ),
]
_Tag = Annotated[str | None, Query(pattern=r"^\w[\w .:+/-]{0,39}$", description="only cases with this tag")]


@router.get("", summary="The queue", responses=documented())
def queue(
    backend: GivenBackend,
    caller: CaseReader,
    state: CaseState | None = None,
    level: UrgencyLevel | None = None,
    category: _Category = None,
    safe_due_before: Annotated[Day | None, Query(description="only cases to be answered before this day")] = None,
    category_by: Annotated[SetBy | None, Query(description="only cases whose category this one filled in")] = None,
    tag: _Tag = None,
    assignee: _Assignee = None,
    team: _Team = None,
    text: _Words = None,
    owed: Annotated[
        bool,
        Query(
            description="only cases in which something is still to be written: open ones, and those closed with a "
            "letter that was no answer while a clock waits for one"
        ),
    ] = False,
    snoozed: Annotated[bool, Query(description="the cases that sleep instead of those that do not")] = False,
    sort: QueueOrder = QueueOrder.URGENCY,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CasePage:
    """Cases, most urgent first, then by the day they should be answered, or as ``sort`` says.

    Of the queues of teams a caller sees their own and everybody's.
    """
    words = words_of(text) if text is not None else ()
    if text is not None and not words:
        return CasePage(cases=[], next=None)
    filters = QueueFilter(
        state,
        level,
        category,
        safe_due_before,
        category_by,
        tag,
        assignee=f"user:{login_name(assignee)}" if assignee else assignee,
        teams=_queues(caller, team),
        words=words,
        asleep=snoozed,
        owed=owed,
        now=backend.clock.now(),
        order=sort,
    )
    after = position_of(cursor) if cursor is not None else None
    if after is not None and after not in reached_of(backend, caller, [after]):
        raise invalid_cursor()
    with backend.unit_of_work(caller.tenant) as uow:
        try:
            cases = uow.cases.queue(filters, limit=limit + 1, after=after)
        except CaseNotFound:
            raise invalid_cursor() from None
    page = cases[:limit]
    following = cursor_after(page[-1].ticket_id) if len(cases) > limit else None
    return CasePage(cases=[CaseEntry.of(case) for case in page], next=following)


@router.post(
    "/{case_id:path}/retriage",
    status_code=202,
    summary="Triage again",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(404, 409, 412, 428),
)
def triage_again(
    case_id: CaseId, backend: GivenBackend, caller: Editor, version_read: VersionRead, response: Response
) -> CaseEntry:
    """Throw the draft away and triage the ticket again."""
    case = backend.casework.retriage(caller.tenant, case_id, actor=caller.actor, version_read=version_read)
    response.headers["ETag"] = etag_of(case)
    return CaseEntry.of(case)


def _queues(caller: Caller, team: str | None) -> Queues:
    """Whose queues to look into: the one asked for, if it is the caller's, or all the caller sees."""
    if team is None:
        return caller.queues
    return frozenset({team}) & (caller.queues or {team})


# the last route: a path parameter that may hold slashes would swallow the ones above
detail_router = APIRouter(prefix="/cases", tags=["cases"], route_class=Route)


@detail_router.get(
    "/{case_id:path}",
    summary="Read a case",
    response_model=CaseView,
    responses=documented(404)
    | {200: {"model": CaseView, "headers": ETAG_HEADER}, 304: {"description": "The caller has it already"}},
)
def read(
    case_id: CaseId, backend: GivenBackend, caller: CaseReader, response: Response, known: Known = None
) -> CaseView | Response:
    """Category, facts, deadlines, urgency, passages, draft, findings and summary, with an ETag for the decision."""
    with backend.unit_of_work(caller.tenant) as uow:
        case = uow.cases.get(case_id)
    etag = etag_of(case)
    if is_known(etag, known):
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return CaseView.of(case)
