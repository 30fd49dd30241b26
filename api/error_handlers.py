"""The status table: every error of the core and of the knowledge base, and the HTTP answer it becomes."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.problems import FieldFault, Problem, correlation_id, problem_response
from knowledge_base import errors as kb
from triage import errors
from triage.errors import default_message

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5
CONTENDED_S = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """Status of an error; ``told`` says whether its own message may be shown to the caller."""

    status: int
    told: bool = True


STATUSES: Mapping[type[Exception], Answer] = {
    errors.TriageError: Answer(500, told=False),
    errors.ConfigurationError: Answer(500, told=False),
    errors.InvalidInput: Answer(422),
    errors.InvalidTicket: Answer(422),
    errors.InvalidLabel: Answer(422),
    errors.UnreadableMail: Answer(422),
    errors.NotFound: Answer(404, told=False),
    errors.TicketNotFound: Answer(404, told=False),
    errors.CaseNotFound: Answer(404, told=False),
    errors.DocumentNotFound: Answer(404, told=False),
    errors.ModelNotFound: Answer(404),
    errors.Conflict: Answer(409),
    errors.StaleVersion: Answer(412),
    errors.DraftChanged: Answer(412),
    errors.AlreadyDecided: Answer(409),
    errors.IllegalTransition: Answer(409),
    errors.PromiseNotHeld: Answer(409),
    errors.ModelRefused: Answer(409),
    errors.IdempotencyMismatch: Answer(422),
    errors.Contended: Answer(409),
    errors.SubjectErased: Answer(410),
    errors.PlanChanged: Answer(412),
    errors.LoginRefused: Answer(401),
    errors.SignOnRefused: Answer(401),
    errors.LoginRests: Answer(429),
    errors.ApprovalRefused: Answer(422),
    errors.DecisionRefused: Answer(422),
    errors.StageFailed: Answer(500, told=False),
    errors.RedactionFailed: Answer(500, told=False),
    errors.ModelError: Answer(503, told=False),
    errors.ModelUnavailable: Answer(503, told=False),
    errors.ModelTampered: Answer(503, told=False),
    errors.DeliveryError: Answer(503, told=False),
    errors.DeliveryRefused: Answer(503, told=False),
    errors.DeliveryDeferred: Answer(503, told=False),
    errors.DeliveryUnknown: Answer(409),
    errors.Overloaded: Answer(503),
    errors.OutgoingError: Answer(503, told=False),
    errors.OutgoingRefused: Answer(422),
    errors.OutgoingUnreachable: Answer(503, told=False),
    errors.OutgoingInterrupted: Answer(503, told=False),
    errors.StorageError: Answer(500, told=False),
    errors.StorageUnavailable: Answer(503, told=False),
    kb.KnowledgeBaseError: Answer(500, told=False),
    kb.LoadError: Answer(422),
    kb.IndexUnavailable: Answer(503, told=False),
    kb.IndexCorrupt: Answer(503, told=False),
    kb.EncoderMismatch: Answer(503, told=False),
    kb.InvalidSearch: Answer(422),
}


def answer_of(error: type[Exception]) -> Answer:
    """The answer of an error's class, or of the nearest class above it."""
    return next(STATUSES[kind] for kind in error.__mro__ if kind in STATUSES)


def kind_of(error: type[Exception]) -> str:
    """The last part of a problem's ``type``: the error's name in words, e.g. ``stale-version``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem."""
    app.add_exception_handler(errors.TriageError, _core_error)
    app.add_exception_handler(kb.KnowledgeBaseError, _core_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


async def _core_error(request: Request, exc: Exception) -> JSONResponse:
    if isinstance(exc, errors.CaseNotFound) and (others := _other_methods(request)):
        not_allowed = HTTPException(405, headers={"Allow": ", ".join(others)})
        return await _http_error(request, not_allowed)
    answer, title = answer_of(type(exc)), default_message(type(exc))
    if answer.status >= 500:
        _log(request, exc)
    wait_s = _wait_s(exc, answer)
    headers = {"Retry-After": str(wait_s)} if wait_s else {}
    detail = str(exc) if answer.told else title
    return problem_response(request, answer.status, kind_of(type(exc)), title, detail, headers=headers)


def _other_methods(request: Request) -> list[str]:
    """What else the path takes, where it ends like a step on a case (``…/labels``) that this method is not for.

    Ids may hold slashes, so such a path was read as a case's first.
    """
    step = "/cases/{case_id:path}/" + str(request.scope["path"]).rpartition("/")[2]
    methods = {method for route in _routes(request.app.router) if route.path == step for method in route.methods or ()}
    return [] if request.method in methods else sorted(methods)


def _routes(router: Any) -> Iterator[Any]:  # noqa: ANN401  (a router of FastAPI's, or one that it included)
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from _routes(route.original_router)
        elif hasattr(route, "methods"):
            yield route


def _wait_s(exc: Exception, answer: Answer) -> int:
    """After how many seconds it is worth coming back; 0: waiting alone mends nothing."""
    if isinstance(exc, errors.LoginRests):
        return math.ceil(exc.rest_s)
    if isinstance(exc, errors.Contended):
        return CONTENDED_S
    return RETRY_AFTER_S if answer.status == 503 else 0


async def _invalid_request(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    # what was sent stays out of the answer: it may be a customer's text
    faults = [
        FieldFault(field=".".join(str(part) for part in error["loc"])[:200], message=error["msg"])
        for error in exc.errors()
    ]
    title = "The request has fields that cannot be used; see errors."
    return problem_response(request, 422, "invalid-request", title, errors=faults[:50])


async def _http_error(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    phrase = HTTPStatus(exc.status_code).phrase
    if isinstance(exc, Problem):
        return problem_response(request, exc.status_code, exc.kind, phrase, exc.detail, headers=exc.headers)
    kind = phrase.lower().replace(" ", "-")
    return problem_response(request, exc.status_code, kind, phrase, headers=exc.headers)


async def _unexpected(request: Request, exc: Exception) -> JSONResponse:
    _log(request, exc)
    return problem_response(
        request, 500, "internal-error", "An internal error; the log has it under its correlation id."
    )


def _log(request: Request, exc: Exception) -> None:
    """Log where an error came from, without its message: a driver's message may hold ticket text."""
    frame = exc.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else "unknown"
    logger.error(
        "request failed",
        extra={
            "action": "request_failed",
            "error": type(exc).__name__,
            "place": place,
            "correlation_id": correlation_id(request),
        },
    )
