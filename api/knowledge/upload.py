"""Uploads: files of a multipart form, each with metadata from a part beside it, as sidecars lie beside files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from api.problems import Problem
from api.strict_json import parse_json
from knowledge_base.errors import InvalidFrontMatter
from knowledge_base.load.document import SIDECAR
from knowledge_base.load.front_matter import parse_fields
from triage.domain.library import Upload
from triage.library.documents import Fault

FORM = "multipart/form-data"
MAX_FILES = 20
_FILES, _METADATA = "files", "metadata"

BODY: Mapping[str, Any] = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "required": [_FILES],
                "properties": {
                    _FILES: {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "minItems": 1,
                        "maxItems": 2 * MAX_FILES,
                        "description": (
                            "Markdown, HTML, PDF, DOCX, text or CSV, up to 25 MiB each; a part named "
                            f"`<file>{SIDECAR}` is the metadata of `<file>`"
                        ),
                    },
                    _METADATA: {
                        "type": "string",
                        "description": "a JSON object of metadata for every file; a file's own sidecar goes before it",
                        "examples": ['{"audience": "customer", "product": "AquaSpin", "valid_from": "2026-12-01"}'],
                    },
                },
            },
            "encoding": {_FILES: {"contentType": "application/octet-stream"}},
        }
    },
}


@dataclass(frozen=True, slots=True)
class Uploads:
    """What came in: files that can be read on, and those whose metadata cannot."""

    files: tuple[Upload, ...]
    faults: tuple[Fault, ...]


async def _uploads(request: Request) -> Uploads:
    """Read the form.

    Raises:
        Problem: 415 for another media type, 400 for a form that cannot be read, 422 without a file or with too many.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem(415, "unsupported-media-type", f"Send {FORM}.")
    await request.body()  # kept, so that a repetition under one Idempotency-Key can be told from another request
    async with request.form(max_files=2 * MAX_FILES, max_fields=4) as form:
        parts = [part for part in form.getlist(_FILES) if isinstance(part, UploadFile)]
        contents = {part.filename or "": await part.read() for part in parts}
        for_all = _for_all(form.get(_METADATA))
    if len(contents) < len(parts):
        raise Problem(422, "same-name-twice", "Two files of an upload may not have the same name.")
    sidecars = {name: content for name, content in contents.items() if name.endswith(SIDECAR)}
    files = {name: content for name, content in contents.items() if name not in sidecars}
    if not 1 <= len(files) <= MAX_FILES:
        raise Problem(422, "no-files", f"Send 1 to {MAX_FILES} documents as parts named {_FILES!r}.")
    return _paired(files, sidecars, for_all)


GivenUploads = Annotated[Uploads, Depends(_uploads)]


def _paired(files: Mapping[str, bytes], sidecars: Mapping[str, bytes], for_all: Mapping[str, object]) -> Uploads:
    ready, faults = [], []
    for name, content in files.items():
        try:
            own = _fields(name + SIDECAR, sidecars.get(name + SIDECAR))
            ready.append(Upload(name, content, {**for_all, **own}))
        except InvalidFrontMatter as error:
            faults.append(Fault(name, str(error)))
    faults += [
        Fault(name, f"{name}: there is no such file beside it. Send both in one upload.")
        for name in sidecars
        if name.removesuffix(SIDECAR) not in files
    ]
    return Uploads(tuple(ready), tuple(faults))


def _fields(name: str, sidecar: bytes | None) -> dict[str, object]:
    """Metadata of a sidecar as JSON values."""
    if sidecar is None:
        return {}
    try:
        fields = parse_fields(name, sidecar.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidFrontMatter(name, "it is not UTF-8 text", "Save it as UTF-8.") from None
    return {str(key): value.isoformat() if isinstance(value, date) else value for key, value in fields.items()}


def _for_all(given: object) -> Mapping[str, object]:
    if given is None:
        return {}
    fields = parse_json(given.encode("utf-8")) if isinstance(given, str) else None
    if not isinstance(fields, dict):
        raise Problem(422, "invalid-metadata", "The part 'metadata' must be a JSON object of metadata fields.")
    return dict(fields)
