"""`/v1/audit`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.audit.schemas import AiUseList, AiUseView, AuditEntryView, AuditPage
from api.auth import Auditor
from api.backend import GivenBackend
from api.idempotency import Route
from api.pagination import Cursor, Limit, counted_after, cursor_after
from api.problems import documented
from triage.domain.ai_use import uses_of
from triage.domain.records import AuditEntry

router = APIRouter(prefix="/audit", tags=["audit"], route_class=Route)
_PAGE = 500
_CaseId = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
_Subject = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]+$", description="id of a case or key")]


@router.get("", summary="Read the audit log", responses=documented())
def read(
    backend: GivenBackend,
    caller: Auditor,
    subject: _Subject = None,
    verify: Annotated[bool, Query(description="also check the chain of digests")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AuditPage:
    """Entries in order, and on request whether none was changed, removed or put in."""
    after = counted_after(cursor)
    entries = backend.trail.entries(caller.tenant, subject=subject, limit=limit + 1, after=after)
    page = entries[:limit]
    broken = backend.trail.first_broken(caller.tenant) if verify else None
    return AuditPage(
        intact=broken is None if verify else None,
        first_broken=broken,
        entries=[AuditEntryView.model_validate(entry) for entry in page],
        next=cursor_after(str(page[-1].position)) if len(entries) > limit else None,
    )


@router.get("/ai-use", summary="Read the register of AI use", responses=documented())
def ai_use(backend: GivenBackend, caller: Auditor, case_id: _CaseId) -> AiUseList:
    """What was suggested for a case by which models, and what was used, edited, approved or rejected."""
    entries: list[AuditEntry] = []
    after = 0
    while page := backend.trail.entries(caller.tenant, subject=case_id, limit=_PAGE, after=after):
        entries += page
        after = page[-1].position
    return AiUseList(uses=[AiUseView.model_validate(use) for use in uses_of(entries)])
