"""Whatever is logged beside a message is a field that is written: others would be lost without a word."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from triage.bootstrap.logs import FIELDS

ROOT = Path(__file__).parents[2]


def logged_fields(source: str) -> Iterator[str]:
    """Keys of every dictionary that a logger is given as ``extra``, directly or by the name ``extra``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict):
            yield from _keys(node.value)
        named = isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["extra"]
        if named and isinstance(node.value, ast.Dict):
            yield from _keys(node.value)


def _keys(literal: ast.Dict) -> Iterator[str]:
    yield from (key.value for key in literal.keys if isinstance(key, ast.Constant))


def test_every_field_that_is_logged_is_one_that_is_written() -> None:
    sources = [path for room in ("api", "triage", "knowledge_base") for path in (ROOT / room).rglob("*.py")]
    logged = {field for path in sources for field in logged_fields(path.read_text(encoding="utf-8"))}
    assert {"action", "error", "job_id", "endpoint"} <= logged
    assert logged <= FIELDS
