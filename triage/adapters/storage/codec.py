"""Cases to JSON documents and back.

The frozen dataclasses of the domain are the schema; pydantic reads their annotations, so a stored document that no
longer fits raises instead of being guessed at. ``FORMAT`` is written into every document and checked when it is read.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from triage.domain.case import TriageCase
from triage.domain.labels import Field, label_of
from triage.errors import StorageError

FORMAT = 1
FAR_FUTURE = date(9999, 12, 31)
_case = TypeAdapter(TriageCase)


class WrittenJson(str):
    """JSON that is text already."""

    __slots__ = ()


def to_json(value: object) -> str:
    """A value of a JSON column as text."""
    return value if isinstance(value, WrittenJson) else json.dumps(value)


def case_to_row(case: TriageCase) -> dict[str, Any]:
    """Column values of a case; the sortable ones stand beside the whole document."""
    deadline = case.next_deadline
    category, tags = label_of(case.labels, Field.CATEGORY), label_of(case.labels, Field.TAGS)
    return {
        "tenant": case.tenant,
        "ticket_id": case.ticket_id,
        "state": case.state.value,
        "version": case.version,
        "ticket_revision": case.ticket_revision,
        "updated_at": case.updated_at,
        "category": case.classification.code if case.classification else None,
        "category_by": category.set_by.value if category else None,
        "tags": list(tags.value) if tags else [],
        "level": case.urgency.level.value if case.urgency else "P4",
        "safe_due": deadline.safe_due if deadline else FAR_FUTURE,
        "assignee": case.assignee,
        "team": case.team,
        "snoozed_until": case.snoozed_until,
        "document": WrittenJson(f'{{"format":{FORMAT},{_case.dump_json(case)[1:].decode()}'),
    }


def case_from_document(document: dict[str, Any]) -> TriageCase:
    """Rebuild a case.

    Raises:
        StorageError: the document was written by an incompatible version.
    """
    fields = dict(document)
    if fields.pop("format", None) != FORMAT:
        raise StorageError("A stored case has an unknown format: run `triage doctor`.")
    try:
        return _case.validate_python(fields)
    except ValidationError:
        # the cause would carry ticket text
        raise StorageError("A stored case does not fit this version: run `triage doctor`.") from None
