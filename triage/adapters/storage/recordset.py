"""Rows sent as one JSON text.

A statement with a parameter for each value of each row is another statement for each number of rows, which driver and
database read anew each time. With all rows in one parameter it is always the same one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSON, JSONB

from triage.adapters.storage.codec import WrittenJson, to_json

_PARAMETER = "given_rows"


def given_rows(table: Table, *names: str) -> tuple[list[str], Select[Any]]:
    """Names of columns, and a query of what :func:`as_parameter` sends for them: what an insert takes.

    Make the insert once: what a statement is made from costs more than to run it.
    """
    columns = [table.c[name] for name in names or table.columns.keys()]
    # JSON within the JSON is text: a document that is written already need not be read for it
    typed = [column(one.name, Text() if isinstance(one.type, JSONB) else one.type) for one in columns]
    rows = func.json_to_recordset(bindparam(_PARAMETER, type_=JSON)).table_valued(*typed, name="given")
    given = rows.render_derived(with_types=True)
    named = [(one, given.c[one.name]) for one in columns]
    values = (cast(value, one.type) if isinstance(one.type, JSONB) else value for one, value in named)
    return [one.name for one in columns], select(*values)


def as_parameter(table: Table, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The parameter of a statement over :func:`given_rows`."""
    nested = {one.name for one in table.columns if isinstance(one.type, JSONB)}
    plain = [{name: to_json(value) if name in nested else value for name, value in row.items()} for row in rows]
    return {_PARAMETER: WrittenJson(json.dumps(plain, ensure_ascii=False, default=_iso))}


def _iso(moment: date | datetime) -> str:
    return moment.isoformat()
