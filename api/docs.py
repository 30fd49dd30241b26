"""The OpenAPI document, and Swagger UI from the package's own files, so that `/docs` needs no network."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from pydantic.json_schema import models_json_schema

from api.problems import ProblemDetails, documented
from api.tickets.endpoints import SCHEMAS

_STATIC = Path(__file__).parent / "static"
_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript", "docs.js": "text/javascript"}
# Swagger UI sets style attributes and shows its icons from data: URLs
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def install(app: FastAPI) -> None:
    """Serve `/docs` and its files; whoever opens `/` is led there."""
    app.add_api_route("/", lambda: RedirectResponse("/docs", 303), include_in_schema=False)
    app.add_api_route("/docs", _page, include_in_schema=False)
    for name, media_type in _FILES.items():
        app.add_api_route(f"/docs/{name}", partial(_file, name, media_type), include_in_schema=False)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, with the schemas that FastAPI cannot see in the endpoints' signatures."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        models = [(model, "validation") for model in (ProblemDetails, *SCHEMAS)]
        _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
        schemas = document["components"]["schemas"]
        for name, schema in definitions["$defs"].items():
            schemas.setdefault(name, schema)
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _document_conflicts(document["paths"])
        app.openapi_schema = document
    return app.openapi_schema


def _document_conflicts(paths: dict[str, Any]) -> None:
    """Whatever writes may meet somebody who writes the same at that moment, or repeat what belonged to the erased."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            common = {"get": (), "post": (409, 410)}.get(method, (409,)) if path.startswith("/v1") else ()
            for status in common:
                operation["responses"].setdefault(str(status), documented(status)[status])


def _page() -> HTMLResponse:
    return HTMLResponse(
        (_STATIC / "docs.html").read_text("utf-8"), headers={"Content-Security-Policy": _CONTENT_POLICY}
    )


def _file(name: str, media_type: str) -> FileResponse:
    return FileResponse(_STATIC / name, media_type=media_type, headers={"Cache-Control": "max-age=3600"})
