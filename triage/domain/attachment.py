"""Files that belong to a ticket: which kinds are taken, told by their first bytes and not by their name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from triage.errors import InvalidInput

MAX_PER_TICKET = 50
MAX_NAME = 150
HEAD_BYTES = 4096
"""How much of a file tells its kind."""

_ISO_MEDIA = re.compile(rb"....ftyp(heic|heix|mif1|msf1|avif)", re.DOTALL)
_VIDEO = re.compile(rb"....ftyp(isom|iso2|mp41|mp42|avc1|qt  |M4V |3gp)", re.DOTALL)
_SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (_ISO_MEDIA, "image/heic"),
    (_VIDEO, "video/mp4"),
    (re.compile(rb"%PDF-1\.|%PDF-2\."), "application/pdf"),
    (re.compile(rb"PK\x03\x04"), "application/zip"),
)
_NEVER_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file of a ticket, without its content; ``media_type`` is what its bytes are, whatever it was called."""

    tenant: str
    id: str
    ticket_id: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    uploaded_by: str
    created_at: datetime


def kind_of(head: bytes) -> str:
    """Media type of a file by its first :data:`HEAD_BYTES` bytes.

    >>> kind_of(b"%PDF-1.7 ..."), kind_of("Zażółć".encode())
    ('application/pdf', 'text/plain')

    Raises:
        InvalidInput: it is empty, or of a kind that is not taken (programs, scripts, HTML, SVG and the unknown).
    """
    if not head:
        raise InvalidInput("The file is empty.")
    for signature, media_type in _SIGNATURES:
        if signature.match(head):
            return media_type
    if _is_text(head):
        return "text/plain"
    raise InvalidInput("This kind of file is not taken: send a picture, a video (MP4), a PDF, plain text or a ZIP.")


def safe_name(name: str) -> str:
    r"""A file name without path, control and direction characters, for showing and for saving.

    >>> safe_name("../../etc/pass\u202ewd"), safe_name("  ")
    ('_.._etc_passwd', 'unnamed')
    """
    readable = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Cf", "Cs"))
    return _NEVER_IN_NAMES.sub("_", readable).strip(". ")[:MAX_NAME] or "unnamed"


def _is_text(head: bytes) -> bool:
    if re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", head) or re.match(rb"(\xef\xbb\xbf)?\s*<", head):
        return False
    for cut in range(4):  # the last character may be cut in two
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False
