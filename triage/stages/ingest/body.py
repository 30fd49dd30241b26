r"""What an author wrote now: text made safe to read, without quoted history, signatures and disclaimers.

Raw text is kept in ``Message.text``; only the derived ``Message.body`` is shortened and normalised: nothing is lost.

>>> newest_part("Ekspres cieknie.\n\nJan\n\nW dniu 3.11.2026 o 10:00 Serwis pisze:\n> Prosimy o zdjęcie")
'Ekspres cieknie.\n\nJan'
>>> newest_part("> tylko cytat")
'> tylko cytat'
"""

from __future__ import annotations

import re
import unicodedata

from triage.stages.ingest.markup import seen_text

MAX_BODY_CHARS = 32_768

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f"
    "\ufeff\ufffe\uffff\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_BLANK_LINES = re.compile(r"\n{3,}")

_REPLY_HEADER = re.compile(
    r"""^(
      \s*>*\s*(w\ dniu|dnia)\b.{0,120}(napisa[łl](\(?a\)?)?|pisze)\s*:?\s*$    # Polish mail clients
    | \s*>*\s*.{0,80}\b(napisa[łl]\(?a?\)?|pisze)\s*:\s*$                      # "Serwis <x@y> napisał:"
    | \s*>*\s*on\b.{6,120}\bwrote\s*:\s*$                                      # English mail clients
    | \s*>*\s*am\b.{6,120}\bschrieb\b.{0,60}:\s*$                              # German mail clients
    | \s*-{2,}\s*(original\ message|oryginalna\ wiadomo[śs][ćc]|wiadomo[śs][ćc]\ oryginalna)\s*-{2,}\s*$
    | \s*-{2,}\s*urspr[üu]ngliche\ nachricht\s*-{2,}\s*$
    | \s*_{20,}\s*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_FORWARD_HEADER = re.compile(
    r"^\s*-*\s*(forwarded message|przekazana wiadomo[śs][ćc]|wiadomo[śs][ćc] (przekazana|przesłana dalej)|fwd:)\s*-*",
    re.IGNORECASE,
)
_HEADER_FIELD = re.compile(
    r"^\s*\*?(od|from|von|do|to|an|wysłano|sent|gesendet|data|date|temat|subject|betreff|dw|cc)\s*:\*?", re.I
)
_SIGNATURE = re.compile(
    r"^(-- ?|—\s*|_{2,5})$|^\s*(wysłane z|sent from|gesendet von|wysłano z|get outlook for)\b", re.IGNORECASE
)
_DISCLAIMER = re.compile(
    r"^\s*(ta wiadomo[śs][ćc]( e-?mail)? (jest|może|oraz|wraz)|niniejsza wiadomo[śs][ćc]|"
    r"this (e-?mail|message) (is|and any|may|contains)|"
    r"informujemy, (że|iż) administratorem|administratorem (pani|państwa|twoich)|the information (contained )?in this|"
    r"treść tej wiadomości|uwaga: ta wiadomość)",
    re.IGNORECASE,
)


def clean_text(text: str) -> str:
    """Make received text storable: no NUL, control or invisible characters, no lone surrogates, uniform line ends."""
    text = _SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def newest_part(text: str) -> str:
    """Return what the author wrote now, as a reader sees it; of a message that is but a quotation, all."""
    text = seen_text(clean_text(_shorten(text, 4 * MAX_BODY_CHARS)))
    lines = unicodedata.normalize("NFKC", text).split("\n")
    kept = _without_disclaimer(_without_signature(_without_quotation(lines)))
    body = _BLANK_LINES.sub("\n\n", "\n".join(_SPACES.sub(" ", line).rstrip() for line in kept)).strip()
    return _shorten(body or _SPACES.sub(" ", "\n".join(lines)).strip(), MAX_BODY_CHARS)


def _without_quotation(lines: list[str]) -> list[str]:
    """Cut at a reply header, unless the text above it is only a cover note of a forwarded message."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _FORWARD_HEADER.match(line):
            # what was forwarded is the matter itself: keep it, drop the copied header lines
            return kept + [rest for rest in lines[number + 1 :] if not _HEADER_FIELD.match(rest)]
        if _starts_quotation(lines, number):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return kept


def _starts_quotation(lines: list[str], number: int) -> bool:
    if _REPLY_HEADER.match(lines[number]):
        return True
    block = lines[number : number + 4]
    return number > 0 and len(block) == 4 and sum(bool(_HEADER_FIELD.match(line)) for line in block) >= 3


def _without_signature(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if number > 0 and _SIGNATURE.match(line):
            return lines[:number]
    return lines


def _without_disclaimer(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if number > 0 and _DISCLAIMER.match(line):
            return lines[:number]
    return lines


def _shorten(body: str, limit: int) -> str:
    """Keep the beginning and the end of an overlong text: the matter stands first, the demand often last."""
    if len(body) <= limit:
        return body
    head, tail = body[: limit * 3 // 4], body[-limit // 4 + 8 :]
    return f"{head}\n[…]\n{tail}"
