"""What can go wrong, in one tree.

::

    ApiError
    ├── NoAnswer             no connection, or it broke; a write may have been done
    ├── Unauthorized         401: no key in force
    ├── Forbidden            403: the key's role does not allow it
    ├── NotFound             404, 410: not there, or not yours to see; or erased
    ├── Conflict             409: the object is in a state that does not allow it
    │   └── AlreadyDecided   somebody approved, rejected or sent it before
    ├── StaleVersion         412, 428: it changed since it was read; read it again
    ├── Refused              every other 4xx: what was sent cannot be used
    ├── TooManyRequests      429
    └── ServiceUnavailable   5xx

The texts are the service's own and hold nothing of what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

_PREFIX = "urn:triage:problem:"


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that was refused, and why."""

    field: str
    message: str


class ApiError(Exception):
    """The service did not do what was asked.

    Attributes:
        status: the HTTP status; 0 without an answer.
        kind: the last part of the problem's ``type``, e.g. ``stale-version``.
        correlation_id: under which the service's log tells more.
        retry_after_s: when the service says it is worth coming back, in seconds.
        faults: fields that were refused.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        kind: str = "",
        correlation_id: str = "",
        retry_after_s: float | None = None,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.correlation_id = correlation_id
        self.retry_after_s = retry_after_s
        self.faults = faults


class NoAnswer(ApiError):
    """No answer came: what was asked may or may not have been done."""


class Unauthorized(ApiError):
    """There is no key in force."""


class Forbidden(ApiError):
    """The key's role does not allow this."""


class NotFound(ApiError):
    """It is not there, or not yours to see."""


class Conflict(ApiError):
    """Its state does not allow this."""


class AlreadyDecided(Conflict):
    """Somebody decided before."""


class StaleVersion(ApiError):
    """It changed since it was read."""


class Refused(ApiError):
    """What was sent cannot be used."""


class TooManyRequests(ApiError):
    """Too much was asked in too short a time."""


class ServiceUnavailable(ApiError):
    """A part of the service does not work."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    412: StaleVersion,
    428: StaleVersion,
    429: TooManyRequests,
}
_BY_KIND: Mapping[str, type[ApiError]] = {"already-decided": AlreadyDecided}


def error_of(response: httpx2.Response) -> ApiError:
    """The error that an answer stands for; also where something between us and the service gave it."""
    problem = _problem(response)
    kind = str(problem.get("type", "")).removeprefix(_PREFIX)
    fallback = ServiceUnavailable if response.status_code >= 500 else Refused
    chosen = _BY_KIND.get(kind) or _BY_STATUS.get(response.status_code, fallback)
    listed = problem.get("errors")
    faults = listed if isinstance(listed, list) else []
    return chosen(
        str(problem.get("detail") or problem.get("title") or f"The service answered {response.status_code}."),
        status=response.status_code,
        kind=kind,
        correlation_id=str(problem.get("correlation_id") or response.headers.get("x-request-id", "")),
        retry_after_s=_seconds(response.headers.get("retry-after")),
        faults=tuple(Fault(str(one.get("field")), str(one.get("message"))) for one in faults if isinstance(one, dict)),
    )


def _problem(response: httpx2.Response) -> Mapping[str, object]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None
