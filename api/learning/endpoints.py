"""`/v1/learning` and `/v1/models`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import Administrator, CaseReader, Editor
from api.backend import GivenBackend
from api.idempotency import PARAMETER, Route
from api.learning.schemas import (
    BlindLabel,
    BlindList,
    BlindView,
    ComparisonView,
    DeploymentView,
    DrawnView,
    DrawRequest,
    DriftView,
    InformativeList,
    InformativeView,
    ModelList,
    ModelView,
    PromotionRequest,
    TrialRequest,
)
from api.pagination import Limit
from api.problems import documented
from api.reach import OwnTicketId

_POST = {"parameters": [PARAMETER]}
_Model = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$", examples=["seed"])]
router = APIRouter(tags=["learning"], route_class=Route)


@router.get("/learning/queue", summary="Tickets worth labelling", responses=documented())
def queue(backend: GivenBackend, caller: CaseReader, limit: Limit = 50) -> InformativeList:
    """Tickets the model was least sure of and whose category no person gave, the least sure first."""
    found = backend.learning.samples.most_informative(caller.tenant, limit, caller.queues)
    return InformativeList(tickets=[InformativeView.model_validate(one) for one in found])


@router.post("/learning/sample", summary="Draw a blind sample", openapi_extra=_POST, responses=documented())
def draw(wanted: DrawRequest, backend: GivenBackend, caller: Administrator) -> DrawnView:
    """Draw tickets by chance, to be labelled without a suggestion in sight."""
    samples = backend.learning.samples
    return DrawnView(drawn=samples.draw(caller.tenant, wanted.size, days=wanted.days, actor=caller.actor))


@router.get("/learning/sample", summary="The blind sample", responses=documented())
def waiting(backend: GivenBackend, caller: Editor, limit: Limit = 50) -> BlindList:
    """Drawn tickets as they were filed, without anything a machine said; the labelled ones are gone."""
    found = backend.learning.samples.waiting(caller.tenant, limit, caller.queues)
    return BlindList(tickets=[BlindView.model_validate(one) for one in found])


@router.put("/learning/sample/{ticket_id:path}", summary="Label a drawn ticket", responses=documented(404, 409))
def label(ticket_id: OwnTicketId, wanted: BlindLabel, backend: GivenBackend, caller: Editor) -> BlindLabel:
    """Say what a drawn ticket is about; its case stays as it is. 409: somebody labelled it before."""
    backend.learning.samples.label(caller.tenant, ticket_id, wanted.category, actor=caller.actor)
    return wanted


@router.get("/learning/drift", summary="Drift", responses=documented())
def drift(backend: GivenBackend, caller: CaseReader, days: Annotated[int, Query(ge=1, le=366)] = 30) -> DriftView:
    """The last days against as many before them: what comes in, what is said, and whether people agree."""
    return DriftView.model_validate(backend.learning.drift.report(caller.tenant, days=days))


@router.get("/models", summary="Models", responses=documented(503))
def models(backend: GivenBackend, caller: CaseReader) -> ModelList:
    """Trained classifiers, which one serves, which one is on trial."""
    registry = backend.learning.models.registry
    return ModelList(
        models=[ModelView.model_validate(one) for one in registry.versions()],
        deployment=DeploymentView.model_validate(registry.deployment()),
    )


@router.post("/models/promote", summary="Let a model serve", openapi_extra=_POST, responses=documented(404, 409, 503))
def promote(wanted: PromotionRequest, backend: GivenBackend, caller: Administrator) -> DeploymentView:
    """Let a model serve from the next ticket on. 409: it does not fit the taxonomy, or is worse on people's labels."""
    found = backend.learning.models.promote(caller.tenant, wanted.model, actor=caller.actor, insist=wanted.insist)
    return DeploymentView.model_validate(found)


@router.post("/models/rollback", summary="Roll back", openapi_extra=_POST, responses=documented(404, 409, 503))
def rollback(backend: GivenBackend, caller: Administrator) -> DeploymentView:
    """Let the model serve that served before. 409: no model was promoted."""
    return DeploymentView.model_validate(backend.learning.models.rollback(caller.tenant, actor=caller.actor))


@router.put("/models/trial", summary="Put a model on trial", responses=documented(404, 409, 503))
def try_out(wanted: TrialRequest, backend: GivenBackend, caller: Administrator) -> DeploymentView:
    """Let a model predict beside the one in force, without any effect; `null` ends the trial."""
    found = backend.learning.models.try_out(caller.tenant, wanted.model or "", actor=caller.actor)
    return DeploymentView.model_validate(found)


@router.get("/models/compare", summary="Compare two models", responses=documented(404, 503))
def compare(first: _Model, second: _Model, backend: GivenBackend, caller: CaseReader) -> ComparisonView:
    """Agreement, coverage and errors on the tickets that both have read."""
    return ComparisonView.model_validate(backend.learning.models.compare(caller.tenant, first, second))
