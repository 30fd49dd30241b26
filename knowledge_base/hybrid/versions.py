"""Which document versions replace which, and from when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class VersionedDocument:
    """What decides about replacement.

    Attributes:
        key: ``id@version``.
        supersedes: keys it says it replaces; an id alone means all other versions of it.
    """

    key: str
    valid_from: date | None
    supersedes: tuple[str, ...]


def superseded_from(documents: Iterable[VersionedDocument]) -> dict[str, date]:
    """First day on which each replaced document is replaced, by its key.

    A document is replaced by one that names it in ``supersedes``, and by a higher version of the same id.
    """
    known = list(documents)
    replaced: dict[str, date] = {}
    for newer in known:
        start = newer.valid_from or date.min
        for older in known:
            if older.key != newer.key and _replaces(newer, older):
                replaced[older.key] = min(start, replaced.get(older.key, date.max))
    return replaced


def _replaces(newer: VersionedDocument, older: VersionedDocument) -> bool:
    newer_id, _, newer_version = newer.key.partition("@")
    older_id, _, older_version = older.key.partition("@")
    if older.key in newer.supersedes or older_id in newer.supersedes:
        return True
    return newer_id == older_id and version_order(newer_version) > version_order(older_version)


def version_order(version: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which "2.10" comes after "2.9"."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.\-_ ]", version))
