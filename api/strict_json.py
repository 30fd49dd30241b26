"""JSON bodies read strictly: UTF-8, no NaN or infinity, no lone surrogates or NUL, at most 32 levels deep.

Python's parser takes more than RFC 8259 allows, and more than PostgreSQL can store.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from fastapi import Request

from api.problems import Problem

MAX_DEPTH = 32
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def parse_json(body: bytes) -> Json:
    """Parse a JSON text.

    Raises:
        Problem: 400, saying what is wrong and never what was sent.
    """
    try:
        value: Json = json.loads(body.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None
    except json.JSONDecodeError as exc:
        raise _malformed(f"syntax error at line {exc.lineno}, column {exc.colno}") from None
    except RecursionError:
        raise _malformed(f"it is nested more than {MAX_DEPTH} levels deep") from None
    except ValueError as exc:
        raise _malformed(str(exc) if isinstance(exc, _NotFinite) else "a number has too many digits") from None
    _check(value)
    return value


class StrictRequest(Request):
    """A request whose JSON body is read by :func:`parse_json`."""

    async def json(self) -> Json:
        """The parsed body."""
        return parse_json(await self.body())


class _NotFinite(ValueError):
    """A number that JSON does not have."""


def _no_constant(name: str) -> NoReturn:
    raise _NotFinite(f"{name.lstrip('-')} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _NotFinite("a number is too large")
    return number


def _check(value: Json) -> None:
    """Walk the value level by level, so that its depth costs no stack."""
    level: list[Json] = [value]
    for _depth in range(MAX_DEPTH + 1):
        below: list[Json] = []
        for node in level:
            if isinstance(node, str):
                _check_text(node)
            elif isinstance(node, list):
                below.extend(node)
            elif isinstance(node, dict):
                below.extend(node)
                below.extend(node.values())
        if not below:
            return
        level = below
    raise _malformed(f"it is nested more than {MAX_DEPTH} levels deep")


def _check_text(text: str) -> None:
    if _UNSTORABLE.search(text):
        raise _malformed("a string holds U+0000 or half of a surrogate pair")


def _malformed(reason: str) -> Problem:
    return Problem(400, "malformed-json", f"The body is not a JSON text that can be used: {reason}.")
