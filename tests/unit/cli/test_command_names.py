"""The list of commands names every command, the groups among them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from triage.cli import app

GROUPS = ("privacy", "safety", "models", "learning", "taxonomy", "users", "jobs")


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_listed_by_its_name(name: str) -> None:
    listed = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).stdout
    assert any(line.split()[1:2] == [name] for line in listed.splitlines())
