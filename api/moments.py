"""Days and times as ISO 8601 text only: pydantic alone would take the number 0 for 1 January 1970."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def _text(value: object) -> object:
    if isinstance(value, str) and _ISO.match(value):
        return value
    if isinstance(value, date | None):
        return value
    raise ValueError("write it as ISO 8601 text, e.g. 2026-11-17 or 2026-11-17T08:12:00+01:00")


Day = Annotated[date, BeforeValidator(_text, json_schema_input_type=date)]
"""A day, ``2026-11-17``."""

Moment = Annotated[AwareDatetime, BeforeValidator(_text, json_schema_input_type=datetime)]
"""A time with its zone, ``2026-11-17T08:12:00+01:00``."""
