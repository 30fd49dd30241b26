"""Which document versions replace which, and from when."""

from __future__ import annotations

import re
from collections import defaultdict
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
    called: dict[str, list[VersionedDocument]] = defaultdict(list)
    for document in known:
        called[document.key].append(document)
        called[_id_of(document)].append(document)
    replaced: dict[str, date] = {}
    for newer in known:
        start = newer.valid_from or date.min
        named = [older for name in newer.supersedes for older in called.get(name, ())]
        lower = [older for older in called[_id_of(newer)] if _version_of(newer) > _version_of(older)]
        for older in named + lower:
            if older.key != newer.key:
                replaced[older.key] = min(start, replaced.get(older.key, date.max))
    return replaced


def _id_of(document: VersionedDocument) -> str:
    return document.key.partition("@")[0]


def _version_of(document: VersionedDocument) -> tuple[tuple[int, str], ...]:
    return version_order(document.key.partition("@")[2])


def version_order(version: str) -> tuple[tuple[int, str], ...]:
    """Sort key under which "2.10" comes after "2.9"."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.\-_ ]", version))
