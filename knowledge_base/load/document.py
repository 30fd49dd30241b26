"""One file to one document."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from knowledge_base.errors import DocumentTooLarge, UnreadableDocument, UnsupportedFormat
from knowledge_base.load.front_matter import Fields, front_matter_fields, metadata, parse_fields
from knowledge_base.load.limits import DEFAULT_LIMITS, ParseLimits
from knowledge_base.load.parsed import ParsedText
from knowledge_base.load.sandbox import parse_in_sandbox
from knowledge_base.load.text import TEXT_FORMATS, decode, parse_plain
from knowledge_base.passage import Document

SUPPORTED: Final = frozenset({".md", ".markdown", ".html", ".htm", ".pdf", ".docx", ".txt", ".csv"})
SIDECAR: Final = ".meta.yaml"
_NO_FIELDS: Final[Fields] = {}
_MARKDOWN: Final = frozenset({".md", ".markdown"})
_MACROS: Final = "Save it as CSV (UTF-8) with the columns title and body."
_KNOWN: Final = "Use Markdown, HTML, PDF, DOCX, plain text (.txt) or a macro list (.csv)."
#: Kinds of files that hold documents, too, and what to do with them; others in a folder, such as pictures, do not.
_CONVERT: Final = {
    **dict.fromkeys((".doc", ".odt", ".rtf", ".pages"), "Save it as .docx or .pdf."),
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "Save the sheet as .csv with the columns title and body, or as .pdf."),
    **dict.fromkeys((".ppt", ".pptx", ".odp", ".epub"), "Save it as .pdf."),
    **dict.fromkeys((".eml", ".msg", ".mht", ".mhtml", ".xhtml"), "Save it as .html or .txt."),
    **dict.fromkeys((".rst", ".adoc", ".tex"), "Save it as Markdown (.md) or .html."),
}


def find_files(folder: Path) -> list[Path]:
    """Documents below a folder in a fixed order, also of kinds that cannot be read.

    Hidden files, what Word and LibreOffice lock files with, README files, sidecars and pictures are left out.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUPPORTED | _CONVERT.keys()
        and path.is_file()
        and path.stem.lower() != "readme"
        and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    )


def read_digest(path: Path) -> str:
    """SHA-256 over a file and its sidecar: changes when either does."""
    digest = hashlib.sha256()
    for part in (path, sidecar_of(path)):
        if part.is_file():
            with part.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def sidecar_of(path: Path) -> Path:
    """Where a file's metadata lies if the format has no front matter."""
    return path.with_name(path.name + SIDECAR)


def load_document(
    path: Path,
    *,
    source: str | None = None,
    limits: ParseLimits = DEFAULT_LIMITS,
    given: Fields = _NO_FIELDS,
    isolated: bool = False,
) -> Document:
    """Read a file.

    Args:
        path: the file.
        source: how results should name it; its name by default.
        limits: what it may cost.
        given: metadata that goes before what the file and its sidecar say.
        isolated: parse text formats in a process of their own too, for files of unknown origin.

    Raises:
        LoadError: the one subclass that says what is wrong and what to do.
    """
    suffix = path.suffix.lower()
    if suffix not in SUPPORTED:
        reason = f"files of kind {suffix or 'without suffix'} cannot be read"
        raise UnsupportedFormat(path.name, reason, _CONVERT.get(suffix, _KNOWN))
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise DocumentTooLarge(
                path.name, f"{size:,} bytes, more than {limits.file_bytes:,}", "Split it into smaller files."
            )
        digest = read_digest(path)
        fields, parsed = _parse(path, suffix, limits, isolated=isolated)
    except OSError as error:
        raise UnreadableDocument(
            path.name, "the file cannot be opened", "Check that it exists and may be read."
        ) from error
    if not any(parsed.text[block.start : block.end].strip() for block in parsed.blocks):
        raise UnreadableDocument(path.name, "there is no text in it", "Add text, or leave the file out.")
    found = metadata(path.name, {**fields, **given}, fallback_id=path.stem, fallback_title=parsed.title)
    return Document(found, source or path.name, digest, parsed.text, parsed.blocks, parsed.page_starts)


def _parse(path: Path, suffix: str, limits: ParseLimits, *, isolated: bool) -> tuple[Fields, ParsedText]:
    fields = _sidecar_fields(path)
    if suffix not in TEXT_FORMATS:
        return fields, parse_in_sandbox(path, limits)
    text = _read_text(path, limits)
    if suffix in _MARKDOWN:
        fields = {**fields, **front_matter_fields(path.name, text)}
    if isolated:
        return fields, parse_in_sandbox(path, limits)
    try:
        return fields, parse_plain(text, suffix, limits.text_chars)
    except ValueError as error:
        raise UnreadableDocument(path.name, str(error), _MACROS) from error


def _sidecar_fields(path: Path) -> Fields:
    sidecar = sidecar_of(path)
    if not sidecar.is_file():
        return {}
    try:
        text = decode(sidecar.read_bytes())
    except ValueError as error:
        raise UnreadableDocument(sidecar.name, str(error), "Save it as UTF-8 text.") from error
    return parse_fields(sidecar.name, text)


def _read_text(path: Path, limits: ParseLimits) -> str:
    try:
        text = decode(path.read_bytes())
    except ValueError as error:
        raise UnreadableDocument(path.name, str(error), "Save it as UTF-8 text.") from error
    if len(text) > limits.text_chars:
        raise DocumentTooLarge(
            path.name, f"{len(text):,} characters, more than {limits.text_chars:,}", "Split it into smaller files."
        )
    return text
