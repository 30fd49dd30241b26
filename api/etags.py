"""ETags of cases: the version, and the beginning of the draft's digest. Every decision names the one it was made on."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from api.problems import Problem
from triage.domain.case import TriageCase
from triage.errors import StaleVersion

_ETAG = re.compile(r'"(\d{1,9})-([0-9a-f]{16}|none)"')


def etag_of(case: TriageCase) -> str:
    """The ETag of a case.

    >>> from datetime import UTC, datetime
    >>> from triage.domain.case import CaseState
    >>> etag_of(TriageCase("T1", "default", CaseState.RECEIVED, 3, 1, datetime.now(UTC)))
    '"3-none"'
    """
    return f'"{case.version}-{case.draft.digest[:16] if case.draft else "none"}"'


def _version_read(
    if_match: Annotated[
        str | None, Header(description="the ETag of the case as it was read", examples=['"3-none"'])
    ] = None,
) -> int:
    """Version of the case the caller read.

    Raises:
        Problem: 428 without an If-Match header.
        StaleVersion: the header is no ETag of a case; ``*`` does not say what was read, so it does not pass either.
    """
    if if_match is None:
        raise Problem(428, "precondition-required", "Send the ETag of the case you read as If-Match.")
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise StaleVersion("If-Match must be the ETag of the case exactly as GET /v1/cases/{id} gave it.")
    return int(match[1])


VersionRead = Annotated[int, Depends(_version_read)]

Known = Annotated[
    str | None,
    Header(alias="If-None-Match", description="ETags the caller has: 304 without a body where one is the newest"),
]


def is_known(etag: str, known: str | None) -> bool:
    """Whether the caller has this version already (RFC 9110, section 13.1.2).

    >>> is_known('"3-none"', 'W/"2-none", W/"3-none"'), is_known('"3-none"', "*"), is_known('"3-none"', None)
    (True, True, False)
    """
    listed = {one.strip().removeprefix("W/") for one in (known or "").split(",")}
    return etag in listed or "*" in listed
