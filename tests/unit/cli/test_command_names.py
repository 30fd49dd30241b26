"""The list of commands names every command, the groups among them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from knowledge_base.errors import InvalidSearch
from triage import cli
from triage.cli import app

GROUPS = ("privacy", "safety", "models", "learning", "taxonomy", "users", "jobs")


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_listed_by_its_name(name: str) -> None:
    listed = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).stdout
    assert any(line.split()[1:2] == [name] for line in listed.splitlines())


def test_a_search_that_cannot_be_made_is_one_plain_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        raise InvalidSearch("The query is empty.")

    monkeypatch.setattr(cli, "app", refused)
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert capsys.readouterr().err.strip() == "triage: The query is empty."
