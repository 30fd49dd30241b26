"""Two halves of a development set, by the hash of each id: one to learn from, one to report on and never to look at."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

HALVES = ("development", "report")


def half_of(identity: str) -> str:
    """Which half an id belongs to, whatever else the file holds.

    >>> half_of("dev2-pl-C01-01")
    'development'
    """
    return HALVES[int(hashlib.sha256(identity.encode()).hexdigest(), 16) % 2]


def read_half(path: Path, half: str | None = None) -> list[dict[str, Any]]:
    """Rows of JSON lines with an ``id``, in their order.

    Args:
        half: one of ``HALVES``; every row when None.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if half is None or half_of(row["id"]) == half]
