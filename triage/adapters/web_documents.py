"""Documents from web pages: only those an administrator listed, only from public servers, never by a redirect away."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from knowledge_base.load import DEFAULT_LIMITS, SUPPORTED
from triage.adapters.outgoing import REDIRECTS, OutgoingClient, OutgoingLimits
from triage.domain.library import Upload
from triage.errors import OutgoingInterrupted, OutgoingRefused

#: How long a page may take and how large it may be; the size is that of an upload.
LIMITS: Final = OutgoingLimits(total_s=30.0, connect_s=5.0, answer_bytes=DEFAULT_LIMITS.file_bytes)
_REDIRECTS: Final = 3
_SUFFIX_OF: Final[Mapping[str, str]] = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/plain": ".txt",
}
_TEXTS: Final = frozenset({".html", ".htm", ".md", ".markdown", ".csv", ".txt"})
_CHARSET: Final = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")
_MAX_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class AllowedPages:
    """A :class:`triage.ports.library.DocumentWeb` over a list of URLs."""

    urls: tuple[str, ...]
    client: OutgoingClient

    def fetch(self, url: str) -> Upload:
        """Fetch a listed page; redirects are followed within its own server only."""
        if url not in self.urls:
            raise OutgoingRefused("The URL is not on the list of allowed documents (TRIAGE_DOCUMENT_URLS).")
        answer = self.client.get(url, redirects=_REDIRECTS)
        if answer.status in REDIRECTS:
            raise OutgoingInterrupted("The page redirects again and again: put its final URL on the list.")
        if answer.status != 200:
            raise OutgoingInterrupted(
                f"The server answered {answer.status} and no document: check that the URL is right."
            )
        media_type, _, parameters = answer.headers.get("content-type", "").partition(";")
        suffix = _suffix(url, media_type)
        if suffix not in SUPPORTED:
            kind = media_type.strip() or "without a media type"
            raise OutgoingInterrupted(f"The server answered {kind}, which is no document that can be read.")
        body = _in_utf_8(answer.body, parameters) if suffix in _TEXTS else answer.body
        return Upload(f"{_name(url)}{suffix}", body, source_url=url)


def _suffix(url: str, media_type: str) -> str:
    """What kind of file an answer is, by its media type, else by its URL."""
    known = _SUFFIX_OF.get(media_type.strip().lower())
    in_url = PurePosixPath(urlsplit(url).path).suffix.lower()
    if in_url in SUPPORTED and known in (None, ".txt"):  # servers call Markdown and CSV plain text
        return in_url
    return known or in_url


def _in_utf_8(body: bytes, parameters: str) -> bytes:
    """A text in UTF-8 with its mark, where the server names another encoding: it knows better than the page.

    Source: WHATWG HTML, 13.2.3.2, determining the character encoding: a mark, then the transport layer, then ``meta``.
    """
    named = _CHARSET.search(parameters)
    if named is None or body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body
    try:
        encoding = codecs.lookup(named[1]).name
        return body if encoding == "utf-8" else body.decode(encoding).encode("utf-8-sig")
    except (LookupError, UnicodeError):
        return body


def _name(url: str) -> str:
    """A name made of host, path and query, with a digest of the whole: two pages are never one document."""
    parts = urlsplit(url)
    path = PurePosixPath(unquote(parts.path))
    whole = f"{parts.hostname}{path.with_suffix('') if path.suffix.lower() in SUPPORTED else path} {parts.query}"
    readable = _NOT_IN_NAMES.sub("-", whole.lower()).strip("-")[:_MAX_NAME]
    return f"{readable}-{hashlib.sha256(url.encode('utf-8')).hexdigest()[:6]}"
