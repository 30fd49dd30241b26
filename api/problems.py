"""Errors as `application/problem+json` (RFC 9457) with stable ``type`` URIs.

A problem never carries what was sent, a stack trace, SQL or a path: only what is wrong, what to do, and an id under
which the log tells more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:triage:problem:"


class FieldFault(BaseModel):
    """A field that was refused and why."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:triage:problem:stale-version",
                    "title": "The case has a newer version than the one you read: read it again.",
                    "status": 412,
                    "detail": "The case has a newer version than the one you read: read it again.",
                    "correlation_id": "5b0c1f7e9d5a4f6c8a55a1b1d7a9c0de",
                }
            ]
        }
    )

    type: str = Field(description="stable identifier of the kind of problem")
    title: str = Field(description="the same for every problem of this type")
    status: int
    detail: str = Field(description="what to do in this case")
    correlation_id: str = Field(description="also in the X-Request-ID header and in the log")
    errors: list[FieldFault] | None = Field(None, description="every field that was refused")


class Problem(HTTPException):
    """A refusal the API itself decides on; the core's errors are mapped in :mod:`api.error_handlers`."""

    def __init__(self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.kind = kind


def problem_response(
    request: Request,
    status: int,
    kind: str,
    title: str,
    detail: str | None = None,
    *,
    errors: list[FieldFault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Render a problem."""
    details = ProblemDetails(
        type=_PREFIX + kind,
        title=title,
        status=status,
        detail=detail or title,
        correlation_id=correlation_id(request),
        errors=errors,
    )
    content = details.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def correlation_id(request: Request) -> str:
    """The id of this request in header, problem and log."""
    return str(request.scope.get("correlation_id", ""))


_DESCRIPTIONS = {
    400: "The request cannot be read",
    401: "No key, or one that is wrong, expired or revoked",
    403: "The key's role does not allow this",
    404: "There is no such object, or it is another tenant's",
    405: "The method is not allowed here",
    409: "The object is in a state that does not allow this, or somebody else is changing it (Retry-After says so)",
    410: "The person this belongs to was erased: it is not taken in again",
    412: "The object changed since it was read",
    413: "The body is too large",
    415: "The media type is not supported",
    422: "A field or the decision was refused",
    428: "The If-Match header is missing",
    429: "Too many requests; see Retry-After",
    500: "An internal error",
    503: "A part the service needs is not available; see Retry-After",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses of an operation: ``statuses`` and those every operation may give."""
    return {status: _documented(status) for status in sorted({*statuses, 400, 401, 403, 413, 422, 429, 500, 503})}


def _documented(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": _DESCRIPTIONS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
