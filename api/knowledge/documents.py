"""`/v1/knowledge/documents` and `/v1/knowledge/index`: what the knowledge base holds, and how it gets in and out."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from api.auth import Administrator, Searcher
from api.backend import Backend, GivenBackend
from api.idempotency import PARAMETER, Route
from api.knowledge.document_schemas import (
    DocumentChanges,
    DocumentHistory,
    DocumentId,
    DocumentList,
    DocumentText,
    DocumentView,
    FetchRequest,
    IndexView,
    Reason,
    UploadReceived,
    Version,
)
from api.knowledge.upload import BODY, GivenUploads
from api.pagination import Cursor, cursor_after, position_of
from api.problems import Problem, documented
from knowledge_base.hybrid.versions import version_order
from triage.domain.library import DocumentState
from triage.errors import DocumentNotFound
from triage.library.documents import Receipt

router = APIRouter(prefix="/knowledge", tags=["documents"], route_class=Route)
_Limit = Annotated[int, Query(ge=1, le=500, description="the most entries of a page")]
_BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/documents", summary="List documents", responses=documented())
def listing(
    backend: GivenBackend,
    caller: Searcher,
    withdrawn: Annotated[bool, Query(description="withdrawn versions too")] = False,
    limit: _Limit = 200,
    cursor: Cursor = None,
) -> DocumentList:
    """Documents of the folder and the tenant's own, by id and version."""
    after = position_of(cursor) if cursor is not None else ""
    shown = [one for one in _all(backend, caller.tenant) if withdrawn or one.state is DocumentState.LIVE]
    page = [one for one in shown if _key(one) > after][: limit + 1]
    following = cursor_after(_key(page[limit - 1])) if len(page) > limit else None
    generation = backend.library.shelves.of_tenant(caller.tenant).generation
    return DocumentList(generation=generation, documents=page[:limit], next=following)


@router.post(
    "/documents",
    status_code=201,
    summary="Upload documents",
    openapi_extra={"parameters": [PARAMETER], "requestBody": BODY},
    responses=documented(409, 413, 415) | {200: {"model": UploadReceived, "description": "They were already there"}},
)
def upload(backend: GivenBackend, caller: Administrator, uploads: GivenUploads, response: Response) -> UploadReceived:
    """Store files as new versions and index them; one that cannot be read is reported and costs nothing but itself.

    A version never changes: the same file again is answered with 200, another one under the same version is refused.
    """
    receipt = backend.library.librarian.add(caller.tenant, uploads.files, actor=caller.actor)
    receipt = Receipt(receipt.stored, receipt.changed, (*uploads.faults, *receipt.faults))
    return _received(backend, caller.tenant, receipt, response)


@router.post(
    "/documents/fetch",
    summary="Fetch allowed web pages",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(409),
)
def fetch(wanted: FetchRequest, backend: GivenBackend, caller: Administrator) -> UploadReceived:
    """Fetch pages an administrator listed in TRIAGE_DOCUMENT_URLS; one that changed becomes a new version."""
    library = backend.library
    receipt = library.librarian.fetch(caller.tenant, library.web, wanted.urls or library.web.urls, actor=caller.actor)
    if receipt.changed:
        library.shelves.changed(caller.tenant)
    return UploadReceived.of(receipt)


@router.get("/documents/{document_id}", summary="Versions of a document", responses=documented(404))
def history(document_id: DocumentId, backend: GivenBackend, caller: Searcher) -> DocumentHistory:
    """Every version of a document, withdrawn ones too, the newest first."""
    versions = [one for one in _all(backend, caller.tenant) if one.id == document_id]
    if not versions:
        raise DocumentNotFound
    versions.sort(key=lambda one: version_order(one.version), reverse=True)
    return DocumentHistory(id=document_id, versions=versions)


@router.get("/documents/{document_id}/versions/{version}", summary="Read a version", responses=documented(404))
def read(document_id: DocumentId, version: Version, backend: GivenBackend, caller: Searcher) -> DocumentView:
    """What is known of a version."""
    for one in _all(backend, caller.tenant):
        if (one.id, one.version) == (document_id, version):
            return one
    raise DocumentNotFound


@router.get("/documents/{document_id}/versions/{version}/text", summary="Read the text", responses=documented(404))
def text(document_id: DocumentId, version: Version, backend: GivenBackend, caller: Searcher) -> DocumentText:
    """The text of an indexed version: offsets of quotes point into it."""
    found = backend.library.shelves.text(caller.tenant, document_id, version)
    if found is None:
        raise DocumentNotFound
    return DocumentText(id=document_id, version=version, text=found)


@router.get(
    "/documents/{document_id}/versions/{version}/content",
    summary="Download the file",
    response_class=Response,
    responses=documented(404) | _BINARY,
)
def content(document_id: DocumentId, version: Version, backend: GivenBackend, caller: Searcher) -> Response:
    """The uploaded file, byte for byte; for saving, never for showing in the browser."""
    store = backend.library.store
    body = store.content(caller.tenant, document_id, version)
    name = next(
        one.filename
        for one in backend.library.librarian.versions(caller.tenant, document_id)
        if one.metadata.version == version
    )
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@router.patch(
    "/documents/{document_id}/versions/{version}", summary="Change a version's validity", responses=documented(404, 409)
)
def amend(
    document_id: DocumentId, version: Version, wanted: DocumentChanges, backend: GivenBackend, caller: Administrator
) -> DocumentView:
    """Change until when a version applies, who may read it, who owns it and when it is reviewed."""
    changes = wanted.model_dump(mode="json", exclude_unset=True)
    amended = backend.library.librarian.amend(caller.tenant, document_id, version, changes, actor=caller.actor)
    backend.library.shelves.changed(caller.tenant)
    return DocumentView.of_stored(amended, indexed=False)


@router.delete(
    "/documents/{document_id}", status_code=204, summary="Withdraw a document", responses=documented(404, 409)
)
def withdraw(document_id: DocumentId, backend: GivenBackend, caller: Administrator, reason: Reason = "") -> None:
    """Take every version out of the knowledge base; they stay readable here, because replies may have quoted them."""
    backend.library.librarian.withdraw(caller.tenant, document_id, None, actor=caller.actor, reason=reason)
    backend.library.shelves.changed(caller.tenant)


@router.delete(
    "/documents/{document_id}/versions/{version}",
    status_code=204,
    summary="Withdraw a version",
    responses=documented(404, 409),
)
def withdraw_version(
    document_id: DocumentId, version: Version, backend: GivenBackend, caller: Administrator, reason: Reason = ""
) -> None:
    """Take one version out of the knowledge base."""
    backend.library.librarian.withdraw(caller.tenant, document_id, version, actor=caller.actor, reason=reason)
    backend.library.shelves.changed(caller.tenant)


@router.get("/index", summary="State of the index", responses=documented())
def index(backend: GivenBackend, caller: Searcher) -> IndexView:
    """How the index that answers stands."""
    return IndexView.of(backend.library.shelves.status(caller.tenant))


@router.post(
    "/index",
    status_code=202,
    summary="Index again",
    openapi_extra={"parameters": [PARAMETER]},
    responses=documented(409),
)
def rebuild(backend: GivenBackend, caller: Administrator) -> IndexView:
    """Read the folder and the stored documents again; what did not change is taken over, and the old index serves."""
    backend.library.shelves.rebuild(caller.tenant)
    return IndexView.of(backend.library.shelves.status(caller.tenant))


def _received(backend: Backend, tenant: str, receipt: Receipt, response: Response) -> UploadReceived:
    if not receipt.stored:
        conflict = all("another version" in fault.message for fault in receipt.faults)
        message = " ".join(fault.message for fault in receipt.faults[:5])
        raise Problem(409 if conflict else 422, "version-exists" if conflict else "unreadable-document", message)
    if receipt.changed:
        backend.library.shelves.changed(tenant)
    response.status_code = 201 if receipt.changed else 200
    return UploadReceived.of(receipt)


def _all(backend: Backend, tenant: str) -> list[DocumentView]:
    """Documents of the folder and the tenant's own, withdrawn ones too, by key."""
    library = backend.library
    indexed = {about.key: about for about in library.shelves.documents(tenant)}
    stored = {one.key: one for one in library.store.all(tenant)}
    views = [DocumentView.of_stored(one, indexed=key in indexed) for key, one in stored.items()]
    views += [DocumentView.of_folder(about) for key, about in indexed.items() if key not in stored]
    return sorted(views, key=_key)


def _key(document: DocumentView) -> str:
    return f"{document.id}@{document.version}"
