"""``triage models promises``: what a desk may choose between."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.fakes.clock import START
from tests.fakes.hashing_encoder import HashingEncoder
from tests.unit.models.test_linear_classifier import tickets
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.registry import FileModelRegistry
from triage.bootstrap.encoders import ChosenEncoder
from triage.cli import models


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileModelRegistry:
    found = FileModelRegistry(tmp_path / "models", tmp_path / "models" / "seed")
    monkeypatch.setattr(models, "open_registry", lambda settings: found)
    monkeypatch.setattr(models, "load_encoder", lambda settings: ChosenEncoder(HashingEncoder()))
    return found


def test_shares_under_other_limits_are_those_of_models_trained_for_them(
    registry: FileModelRegistry, tmp_path: Path
) -> None:
    texts, labels = tickets(300, seed=6)
    filed = ["fault" if n % 25 == 0 else label for n, label in enumerate(labels)]
    LinearClassifier.train(texts, filed, HashingEncoder(), name="own").save(tmp_path / "own")
    version = registry.add(tmp_path / "own", actor="cli", at=START)
    told = CliRunner().invoke(models.app, ["promises", version.id, "--json"])
    assert told.exit_code == 0, told.output
    shares = {one["max_error"]: one["tagged_share"] for one in json.loads(told.output)}
    for limit in (0.02, 0.1):
        trained_so = LinearClassifier.train(texts, filed, HashingEncoder(), max_error=limit)
        assert shares[limit] == trained_so.held_out.tagged_share
    assert shares[0.1] > shares[0.02]
    assert "10%" in CliRunner().invoke(models.app, ["promises", version.id]).output


def test_an_older_model_says_that_it_must_be_trained_again(registry: FileModelRegistry, tmp_path: Path) -> None:
    texts, labels = tickets(60, seed=6)
    model = LinearClassifier.train(texts, labels, HashingEncoder(), name="old")
    older = LinearClassifier("old", model._extractor, replace(model._parameters, judged=None))
    older.save(tmp_path / "old")
    version = registry.add(tmp_path / "old", actor="cli", at=START)
    told = CliRunner().invoke(models.app, ["promises", version.id])
    assert "train it again" in told.output
