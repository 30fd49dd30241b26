"""`/v1/cases/{id}/approve` and the other decisions; every one is made on the case as it was read (If-Match)."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.approvals.schemas import (
    ApprovalList,
    ApprovalRequest,
    ApprovalView,
    EditRequest,
    FirstApprovalView,
    RejectionRequest,
    ResolutionRequest,
)
from api.auth import CaseReader, Decider, Editor
from api.backend import GivenBackend
from api.cases.schemas import CaseView
from api.etags import VersionRead, etag_of
from api.idempotency import PARAMETER, Route
from api.problems import documented
from api.reach import CaseId
from triage.approval import APPROVAL_LIFE, Reading
from triage.domain.case import TriageCase
from triage.domain.four_eyes import FirstApproval
from triage.ports import ApprovalRecord

router = APIRouter(prefix="/cases", tags=["decisions"], route_class=Route)
_POST = {"parameters": [PARAMETER]}
_DECISION = documented(404, 409, 412, 428)


@router.post(
    "/{case_id:path}/approve",
    summary="Approve the draft",
    openapi_extra=_POST,
    responses=_DECISION | {202: {"model": FirstApprovalView, "description": "It needs a second approver's yes too"}},
)
def approve(
    case_id: CaseId,
    decision: ApprovalRequest,
    backend: GivenBackend,
    caller: Decider,
    version_read: VersionRead,
    response: Response,
) -> ApprovalView | FirstApprovalView:
    """Approve exactly the draft that was read; it is sent once. 412: anything changed since; 409: decided before.

    After an acknowledgement or a question the case is still owed an answer: `GET /v1/cases?owed=true` lists it until a
    letter that decides, or of which the approver says `answers`, was sent.

    Where the company's rule asks for two approvers, the first one's approval is kept (202) until another person
    approves the same words.
    """
    approval = backend.desk.approve(
        caller.tenant,
        case_id,
        actor=caller.actor,
        reading=Reading(version_read, decision.draft_digest),
        confirmed=tuple(decision.confirmed),
        answers=decision.answers,
    )
    if isinstance(approval, FirstApproval):
        response.status_code = 202
        return FirstApprovalView.model_validate(approval)
    return ApprovalView.of(ApprovalRecord(approval, "granted"))


@router.put("/{case_id:path}/draft", summary="Edit the draft", responses=_DECISION)
def edit(
    case_id: CaseId,
    words: EditRequest,
    backend: GivenBackend,
    caller: Editor,
    version_read: VersionRead,
    response: Response,
) -> CaseView:
    """Replace the draft's words; the result is checked again and needs its own approval."""
    case = backend.desk.edit(
        caller.tenant,
        case_id,
        actor=caller.actor,
        reading=Reading(version_read, words.draft_digest),
        body=words.body,
        subject=words.subject,
    )
    return _shown(case, response)


@router.post("/{case_id:path}/reject", summary="Reject the draft", openapi_extra=_POST, responses=_DECISION)
def reject(
    case_id: CaseId,
    decision: RejectionRequest,
    backend: GivenBackend,
    caller: Decider,
    version_read: VersionRead,
    response: Response,
) -> CaseView:
    """Decide that this draft is not sent; the reason is kept on the audit log."""
    case = backend.desk.reject(
        caller.tenant, case_id, actor=caller.actor, reading=Reading(version_read, ""), reason=decision.reason
    )
    return _shown(case, response)


@router.post("/{case_id:path}/withdraw", summary="Take an approval back", openapi_extra=_POST, responses=_DECISION)
def withdraw(
    case_id: CaseId, backend: GivenBackend, caller: Decider, version_read: VersionRead, response: Response
) -> CaseView:
    """Take back an approval whose reply has not left yet, as one that is to be tried again later; 409: it has."""
    case = backend.desk.withdraw(caller.tenant, case_id, actor=caller.actor, reading=Reading(version_read, ""))
    return _shown(case, response)


@router.post(
    "/{case_id:path}/resolve",
    summary="Say what became of an unknown delivery",
    openapi_extra=_POST,
    responses=documented(404, 409),
)
def resolve(
    case_id: CaseId, found: ResolutionRequest, backend: GivenBackend, caller: Decider, response: Response
) -> CaseView:
    """A person looked in the helpdesk: the reply of a case in ``delivery_unknown`` was delivered, or was not."""
    case = backend.desk.resolve(caller.tenant, case_id, actor=caller.actor, delivered=found.delivered)
    return _shown(case, response)


@router.get("/{case_id:path}/approvals", summary="Approvals of a case", responses=documented(404))
def approvals(case_id: CaseId, backend: GivenBackend, caller: CaseReader) -> ApprovalList:
    """All approvals and what became of them, oldest first."""
    with backend.unit_of_work(caller.tenant) as uow:
        case = uow.cases.get(case_id)
        records = uow.approvals.of_case(case.ticket_id)
        first = uow.first_approvals.of_case(case.ticket_id)
    standing = first is not None and first.stands_for(case, backend.clock.now(), APPROVAL_LIFE)
    return ApprovalList(
        approvals=[ApprovalView.of(record) for record in records],
        awaiting_second=FirstApprovalView.model_validate(first) if standing else None,
    )


def _shown(case: TriageCase, response: Response) -> CaseView:
    response.headers["ETag"] = etag_of(case)
    return CaseView.of(case)
