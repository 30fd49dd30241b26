"""`/v1/cases/{id}/labels`, `/v1/cases/tags`, `/v1/automation`, `/v1/taxonomy`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.auth import Administrator, CaseReader, Editor
from api.backend import GivenBackend
from api.cases.schemas import CaseView
from api.etags import VersionRead, etag_of
from api.idempotency import PARAMETER, Route
from api.labels.schemas import (
    AutomationList,
    AutomationView,
    CategoryEntry,
    CorrectionList,
    CorrectionView,
    LabelRequest,
    LevelRequest,
    PromiseWithOthers,
    TaggedList,
    TaggedView,
    TagRequest,
    TaxonomyView,
)
from api.problems import documented
from api.reach import CaseId, reached_of
from triage.domain.labels import Field
from triage.learning.corrections import Tagged

router = APIRouter(tags=["labels"], route_class=Route)


@router.patch("/cases/{case_id:path}/labels", summary="Set fields of a case", responses=documented(404, 409, 412, 428))
def correct(
    case_id: CaseId,
    wanted: LabelRequest,
    backend: GivenBackend,
    caller: Editor,
    version_read: VersionRead,
    response: Response,
) -> CaseView:
    """Set category, subcategory, urgency or tags; the machine's suggestion stays beside it.

    Another category recomputes clocks, rights and urgency at once; a draft of the machine is written anew (the case is
    `received` until then), words a person wrote stay. 409: the reply is on its way.
    """
    case = backend.learning.corrections.correct(
        caller.tenant,
        case_id,
        actor=caller.actor,
        version_read=version_read,
        changes=wanted.changes,
        reason=wanted.reason,
    )
    response.headers["ETag"] = etag_of(case)
    return CaseView.of(case)


@router.get("/cases/{case_id:path}/corrections", summary="Decisions about a case's fields", responses=documented(404))
def corrections(case_id: CaseId, backend: GivenBackend, caller: CaseReader) -> CorrectionList:
    """Who set what beside which suggestion, oldest first."""
    with backend.unit_of_work(caller.tenant) as uow:
        case = uow.cases.get(case_id)
        found = uow.corrections.of_ticket(case.ticket_id)
    return CorrectionList(corrections=[CorrectionView.model_validate(one) for one in found])


@router.post("/cases/tags", summary="Tag many cases", openapi_extra={"parameters": [PARAMETER]}, responses=documented())
def tag(wanted: TagRequest, backend: GivenBackend, caller: Editor) -> TaggedList:
    """Add and take away tags of many cases; the only action on many cases at once."""
    own = reached_of(backend, caller, wanted.cases)
    tagged = backend.learning.corrections.tag(
        caller.tenant,
        [one for one in wanted.cases if one in own],
        actor=caller.actor,
        add=wanted.add,
        remove=wanted.remove,
    )
    told = {one.case_id: one for one in tagged}
    found = (told.get(one) or Tagged(one, "not_found") for one in dict.fromkeys(wanted.cases))
    return TaggedList(cases=[TaggedView.model_validate(one) for one in found])


@router.get("/automation", summary="Levels of automation", responses=documented())
def automation(backend: GivenBackend, caller: CaseReader) -> AutomationList:
    """How far the machine may go with each field; `off` until an administrator says otherwise."""
    desk = backend.learning.automation
    promise = desk.promise()
    return AutomationList(
        fields=[AutomationView.model_validate(setting) for setting in desk.settings(caller.tenant)],
        promise=PromiseWithOthers.model_validate(promise) if promise else None,
    )


@router.put("/automation/{field}", summary="Set a level of automation", responses=documented(409))
def set_level(field: Field, wanted: LevelRequest, backend: GivenBackend, caller: Administrator) -> AutomationView:
    """Set how far the machine may go with a field. 409: `auto` without a promised limit on errors that holds."""
    setting = backend.learning.automation.set_level(caller.tenant, field, wanted.level, actor=caller.actor)
    return AutomationView.model_validate(setting)


@router.get("/taxonomy", summary="The taxonomy", responses=documented())
def taxonomy(backend: GivenBackend, caller: CaseReader) -> TaxonomyView:
    """Categories and subcategories with their labels."""
    known = backend.learning.taxonomy
    return TaxonomyView(
        version=known.version,
        categories=[
            CategoryEntry(
                code=one.code,
                labels=dict(one.labels),
                description=dict(one.description),
                routing=one.routing,
                tag=one.tag,
                subcategories={code: dict(labels) for code, labels in one.subcategories.items()},
            )
            for one in known.categories
        ],
    )
