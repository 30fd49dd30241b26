"""``Retry-After``: how long a server asks to be left alone (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """Seconds; zero where the server does not say, or says it in no form of the standard.

    A date is counted from the server's own ``Date``, whose clock wrote it; from ``now`` where there is none.

    >>> retry_after_s({"retry-after": "120"})
    120.0
    >>> retry_after_s({"retry-after": "Tue, 17 Nov 2026 12:05:00 GMT", "date": "Tue, 17 Nov 2026 12:00:00 GMT"})
    300.0
    >>> retry_after_s({"retry-after": "soon"})
    0.0
    """
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    at = _moment(told)
    if at is None:
        return 0.0
    return max(0.0, (at - (_moment(headers.get("date", "")) or now or datetime.now(UTC))).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # the last three for some malformed dates
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
