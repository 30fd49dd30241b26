"""Pages by cursor: an opaque word that says where the next page begins; its cost does not grow with the page number."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from api.problems import Problem

Limit = Annotated[int, Query(ge=1, le=200, description="the most entries of a page")]
Cursor = Annotated[
    str | None, Query(max_length=1000, description="`next` of the page before; leave it out for the first page")
]


class Page(BaseModel):
    """What every page has."""

    next: str | None = Field(description="cursor of the next page; null on the last one")


def cursor_after(position: str) -> str:
    """The cursor of the page that follows ``position``.

    >>> position_of(cursor_after("RMA/2026/łódź"))
    'RMA/2026/łódź'
    """
    return base64.urlsafe_b64encode(position.encode("utf-8")).decode("ascii").rstrip("=")


def position_of(cursor: str) -> str:
    """The position a cursor stands for.

    Raises:
        Problem: 422, not one of ours.
    """
    try:
        position = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise invalid_cursor() from None
    if "\x00" in position:
        raise invalid_cursor()
    return position


def counted_after(cursor: str | None, most: int = 2**63 - 1) -> int:
    """The position of a page whose items are counted from 1; 0 for the first page.

    Raises:
        Problem: 422, not one of ours.
    """
    text = position_of(cursor) if cursor is not None else "0"
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > most:
        raise invalid_cursor()
    return int(text)


def invalid_cursor() -> Problem:
    """The refusal of a cursor that leads nowhere."""
    return Problem(422, "invalid-cursor", "The cursor is not one this service gave: begin with the first page.")
