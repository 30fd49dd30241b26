"""Query parameters that an operation does not know are refused: a filter that is misspelt would show everything."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

ANY = "x-any-query"
"""OpenAPI extension of an operation that others call with parameters of their own."""


def known_parameters(dependant: Dependant) -> frozenset[str]:
    """Names of the query parameters of an operation and of everything it depends on."""
    return frozenset(_names(dependant))


def _names(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        form = parameter.field_info.annotation
        yield from form.model_fields if isinstance(form, type) and issubclass(form, BaseModel) else (parameter.alias,)
    for needed in dependant.dependencies:
        yield from _names(needed)


def refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """Let a request pass whose query parameters are all known.

    Raises:
        RequestValidationError: names those that are not, and those there are.
    """
    if not request.scope["query_string"]:
        return
    there = f"there are {', '.join(sorted(known))}" if known else "there are none"
    faults = [
        {"loc": ("query", name), "msg": f"There is no such parameter: {there}."}
        for name in dict.fromkeys(request.query_params)
        if name not in known
    ]
    if faults:
        raise RequestValidationError(faults)
