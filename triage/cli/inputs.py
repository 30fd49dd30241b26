"""Tickets from files and standard input: JSON lines, JSON, mails, plain text. One bad entry never stops the others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from triage.domain.ticket import Ticket
from triage.errors import InvalidInput, InvalidTicket
from triage.stages.ingest import ticket_from_mail, ticket_from_record, ticket_from_text

_MAIL_HEADER = re.compile(rb"\A(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2,}")
_MAIL_SUFFIXES = {".eml", ".mail", ".msg822"}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that is no ticket, and what to do about it."""

    id: str
    reason: str


def read_tickets(sources: list[Path], stdin: bytes, now: datetime) -> Iterator[Ticket | Unreadable]:
    """Read every source in order; ``-`` (or none at all) is standard input, a folder is each file in it."""
    for source in sources or [Path("-")]:
        if str(source) == "-":
            yield from parse(stdin, "stdin", now)
            continue
        paths = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
        for path in paths:
            try:
                raw = path.read_bytes()
            except OSError as exc:
                yield Unreadable(str(path), f"cannot be read: {exc.strerror}")
            else:
                yield from parse(raw, str(path), now)


def parse(raw: bytes, name: str, now: datetime) -> Iterator[Ticket | Unreadable]:
    """Tell mails, JSON and plain text apart by suffix and content."""
    if Path(name).suffix.lower() in _MAIL_SUFFIXES or _MAIL_HEADER.match(raw):
        yield _guarded(name, lambda: ticket_from_mail(raw, now=now))
        return
    text = raw.decode("utf-8-sig", "replace")
    if text.lstrip()[:1] in ("{", "[") or _mostly_objects(text):
        yield from _parse_json(text, name, now)
    else:
        yield _guarded(name, lambda: ticket_from_text(text, now=now))


def _mostly_objects(text: str) -> bool:
    """Whether the text is JSON lines whose first line is broken: then one line is lost, not all of them."""
    lines = [line.lstrip() for line in text.splitlines() if line.strip()]
    return 2 * sum(line.startswith("{") for line in lines) >= max(2, len(lines))


def _parse_json(text: str, name: str, now: datetime) -> Iterator[Ticket | Unreadable]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        lines = text.split("\n")
    else:
        entries = whole if isinstance(whole, list) else [whole]
        for number, entry in enumerate(entries, 1):
            yield _guarded(f"{name}:{number}", partial(_from_json, entry, now))
        return
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _guarded(f"{name}:{number}", partial(_from_line, line, now))


def _from_line(line: str, now: datetime) -> Ticket:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise InvalidTicket("The line is not valid JSON.") from None
    return _from_json(entry, now)


def _from_json(entry: object, now: datetime) -> Ticket:
    if isinstance(entry, str):
        return ticket_from_text(entry, now=now)
    if not isinstance(entry, dict):
        raise InvalidTicket("A ticket must be a JSON object.")
    return ticket_from_record(entry, now=now)


def _guarded(name: str, build: Callable[[], Ticket]) -> Ticket | Unreadable:
    try:
        return build()
    except InvalidInput as exc:
        return Unreadable(name, str(exc))
