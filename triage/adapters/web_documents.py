"""Documents from web pages: only those an administrator listed, only from public servers, never by a redirect away."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from knowledge_base.load import DEFAULT_LIMITS, SUPPORTED
from triage.adapters.outgoing import OutgoingClient, OutgoingLimits
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
        if answer.status != 200:
            raise OutgoingInterrupted(f"The server answered {answer.status} and no document.")
        suffix = _suffix(url, answer.headers.get("content-type", ""))
        return Upload(f"{_name(url)}{suffix}", answer.body, source_url=url)


def _suffix(url: str, content_type: str) -> str:
    """What kind of file an answer is, by its media type, else by its URL."""
    known = _SUFFIX_OF.get(content_type.partition(";")[0].strip().lower())
    in_url = PurePosixPath(urlsplit(url).path).suffix.lower()
    if in_url in SUPPORTED and known in (None, ".txt"):  # servers call Markdown and CSV plain text
        return in_url
    return known or in_url


def _name(url: str) -> str:
    """A name made of host, path and query, with a digest of the whole: two pages are never one document."""
    parts = urlsplit(url)
    path = PurePosixPath(unquote(parts.path))
    whole = f"{parts.hostname}{path.with_suffix('') if path.suffix.lower() in SUPPORTED else path} {parts.query}"
    readable = _NOT_IN_NAMES.sub("-", whole.lower()).strip("-")[:_MAX_NAME]
    return f"{readable}-{hashlib.sha256(url.encode('utf-8')).hexdigest()[:6]}"
