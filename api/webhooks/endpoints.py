"""`/v1/webhooks`."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path

from api.auth import Administrator
from api.backend import GivenBackend
from api.idempotency import PARAMETER, SHOWN_ONCE, Route
from api.pagination import Cursor, Limit, cursor_after, invalid_cursor, position_of
from api.problems import documented
from api.webhooks.schemas import (
    AttemptList,
    AttemptView,
    DeliveryPage,
    DeliveryView,
    EndpointChange,
    EndpointList,
    EndpointRequest,
    EndpointSecret,
    EndpointView,
)
from triage.domain.outbound import DeliveryStatus, EndpointStatus, WebhookEndpoint
from triage.errors import NotFound

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=Route)
EndpointId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["whe_0123456789abcdef0123456789abcdef"])]
DeliveryId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["msg_0123456789abcdef0123456789abcdef"])]
_SECRET = {"parameters": [PARAMETER], SHOWN_ONCE: ["secret"]}


@router.post("", status_code=201, summary="Add an endpoint", openapi_extra=_SECRET, responses=documented(409))
def add(wanted: EndpointRequest, backend: GivenBackend, caller: Administrator) -> EndpointSecret:
    """Tell a URL of every change of a case: signed by the Standard Webhooks specification, without ticket text.

    Verify `webhook-signature` with the secret in this answer; answer 2xx within 15 seconds. Repetitions of a message
    carry the same `webhook-id`. After ten failed attempts over three days a message waits for a replay.
    """
    outbound, now = backend.outbound, backend.clock.now()
    outbound.courier.check(wanted.url)
    endpoint = WebhookEndpoint(
        caller.tenant, f"whe_{uuid.uuid4().hex}", wanted.url, wanted.description, frozenset(wanted.states),
        EndpointStatus.ACTIVE, generation=1, rotated_at=now, created_at=now,
    )  # fmt: skip
    outbound.webhooks.add(endpoint, actor=caller.actor)
    return _with_secret(backend, endpoint)


@router.get("", summary="List endpoints", responses=documented())
def listing(backend: GivenBackend, caller: Administrator) -> EndpointList:
    """The tenant's endpoints, oldest first."""
    found = backend.outbound.webhooks.of_tenant(caller.tenant)
    return EndpointList(endpoints=[EndpointView.model_validate(one) for one in found])


@router.patch("/{endpoint_id}", summary="Pause or resume an endpoint", responses=documented(404))
def change(
    endpoint_id: EndpointId, wanted: EndpointChange, backend: GivenBackend, caller: Administrator
) -> EndpointView:
    """Nothing is sent to a paused endpoint; resuming one that answered 410 Gone takes it up again."""
    status = EndpointStatus.PAUSED if wanted.paused else EndpointStatus.ACTIVE
    backend.outbound.webhooks.set_status(caller.tenant, endpoint_id, status, actor=caller.actor)
    return EndpointView.model_validate(backend.outbound.webhooks.get(caller.tenant, endpoint_id))


@router.delete("/{endpoint_id}", status_code=204, summary="Remove an endpoint", responses=documented(404))
def remove(endpoint_id: EndpointId, backend: GivenBackend, caller: Administrator) -> None:
    """Delete an endpoint with its deliveries."""
    backend.outbound.webhooks.remove(caller.tenant, endpoint_id, actor=caller.actor)


@router.post("/{endpoint_id}/secret", summary="Make a new secret", openapi_extra=_SECRET, responses=documented(404))
def rotate(endpoint_id: EndpointId, backend: GivenBackend, caller: Administrator) -> EndpointSecret:
    """Begin the next secret; for 24 hours messages carry signatures of both."""
    return _with_secret(backend, backend.outbound.webhooks.rotate(caller.tenant, endpoint_id, actor=caller.actor))


@router.get("/{endpoint_id}/deliveries", summary="Read the delivery log", responses=documented(404))
def deliveries(
    endpoint_id: EndpointId,
    backend: GivenBackend,
    caller: Administrator,
    status: DeliveryStatus | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryPage:
    """Deliveries of an endpoint, newest first; kept for 30 days after they ended."""
    after = position_of(cursor) if cursor is not None else None
    webhooks = backend.outbound.webhooks
    webhooks.get(caller.tenant, endpoint_id)
    try:
        found = webhooks.deliveries(caller.tenant, endpoint_id, status=status, limit=limit + 1, after=after)
    except NotFound:
        raise invalid_cursor() from None
    page = [DeliveryView.model_validate(one) for one in found[:limit]]
    return DeliveryPage(deliveries=page, next=cursor_after(page[-1].id) if len(found) > limit else None)


# not below the endpoint: a delivery's id says it all
deliveries_router = APIRouter(prefix="/webhook-deliveries", tags=["webhooks"], route_class=Route)


@deliveries_router.get("/{delivery_id}/attempts", summary="Read a delivery's attempts", responses=documented(404))
def attempts(delivery_id: DeliveryId, backend: GivenBackend, caller: Administrator) -> AttemptList:
    """What the receiver answered each time."""
    found = backend.outbound.webhooks.attempts(caller.tenant, delivery_id)
    return AttemptList(attempts=[AttemptView.model_validate(one) for one in found])


@deliveries_router.post(
    "/{delivery_id}/replay",
    status_code=202,
    summary="Send a message again",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(404),
)
def replay(delivery_id: DeliveryId, backend: GivenBackend, caller: Administrator) -> AttemptList:
    """Send a message once more under its old id, whatever became of it before."""
    backend.outbound.webhooks.replay(caller.tenant, delivery_id, actor=caller.actor)
    return attempts(delivery_id, backend, caller)


def _with_secret(backend: GivenBackend, endpoint: WebhookEndpoint) -> EndpointSecret:
    view = EndpointView.model_validate(endpoint)
    return EndpointSecret(**view.model_dump(), secret=backend.outbound.key.secret_of(endpoint))
