"""What is kept beside the cases: audit entries as they are read back, and answers to requests that may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit log; ``position`` counts from 1 without gaps, ``digest`` is hexadecimal SHA-256."""

    position: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str]
    digest: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer a request got, given again when the same request is repeated with the same Idempotency-Key.

    Attributes:
        body_sha256: digest of the request's body, 32 bytes.
        headers: the answer's headers worth repeating (``location``, ``etag``, ``content-type``).
    """

    body_sha256: bytes
    status: int
    headers: Mapping[str, str]
    body: str
