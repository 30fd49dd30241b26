"""Models are kept as they were added, and what serves is changed whole."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.clock import START
from tests.fakes.hashing_encoder import HashingEncoder
from tests.unit.models.test_linear_classifier import tickets
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.registry import FileModelRegistry
from triage.bootstrap.models import ServedClassifier
from triage.config import Settings
from triage.domain.learning import SEED, Deployment
from triage.domain.redaction import RedactedText
from triage.errors import ModelNotFound, ModelTampered, ModelUnavailable

ENCODER = HashingEncoder()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts, labels = tickets(120, seed=3)
    out = tmp_path_factory.mktemp("trained")
    LinearClassifier.train(texts, labels, ENCODER, name="own history/2026").save(out)
    return out


@pytest.fixture
def registry(tmp_path: Path) -> FileModelRegistry:
    return FileModelRegistry(tmp_path / "models", tmp_path / "models" / "seed")


def promoted(registry: FileModelRegistry, model_id: str) -> Deployment:
    return registry.deploy(lambda known: replace(known, served=(*known.served, model_id)))


def test_an_added_model_is_read_back_under_an_id_that_pins_its_files(
    registry: FileModelRegistry, trained: Path
) -> None:
    version = registry.add(trained, actor="cli", at=START)
    assert version.id.startswith("own-history-2026-")
    assert registry.check(version.id) == version == registry.versions()[0]
    assert registry.add(trained, actor="again", at=START) == version
    assert len(registry.versions()) == 1
    text = RedactedText("gdzie moja faktura")
    mine, original = registry.load(version.id, ENCODER), LinearClassifier.load(trained, ENCODER)
    assert mine.name == version.id
    assert mine.predict([text]) == original.predict([text])


@pytest.mark.parametrize("name", ["model.json", "model.safetensors", "manifest.json"])
def test_a_changed_file_is_refused(registry: FileModelRegistry, trained: Path, name: str) -> None:
    version = registry.add(trained, actor="cli", at=START)
    path = registry.folder / version.id / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ModelTampered):
        registry.load(version.id, ENCODER)


def test_a_manifest_forged_together_with_its_file_is_refused(registry: FileModelRegistry, trained: Path) -> None:
    import hashlib

    version = registry.add(trained, actor="cli", at=START)
    folder = registry.folder / version.id
    (folder / "README.md").write_text("forged")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["README.md"] = hashlib.sha256(b"forged").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelTampered, match="not the one that was added"):
        registry.check(version.id)


def test_what_is_not_there_is_named(registry: FileModelRegistry, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="triage models list"):
        registry.check("nothing")
    with pytest.raises(ModelUnavailable, match="triage train"):
        registry.add(tmp_path, actor="cli", at=START)
    registry.folder.mkdir()
    (registry.folder / "registry.json").write_text("{")
    with pytest.raises(ModelUnavailable, match=r"registry\.json cannot be read"):
        registry.deployment()


def test_changes_at_the_same_moment_take_turns(registry: FileModelRegistry) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: promoted(registry, f"m{n}"), range(40)))
    assert sorted(registry.deployment().served) == sorted(f"m{n}" for n in range(40))


def served(registry: FileModelRegistry, trained: Path) -> ServedClassifier:
    """A service whose seed model was made before."""
    LinearClassifier.load(trained, ENCODER).save(registry.seed_dir)
    return _Seeded(Settings(), ENCODER, registry)


class _Seeded(ServedClassifier):
    def _load(self, model_id: str) -> LinearClassifier:
        return self.registry.load(model_id, self.encoder)


def test_a_running_service_follows_a_promotion_and_a_rollback(registry: FileModelRegistry, trained: Path) -> None:
    classifier = served(registry, trained)
    assert classifier.name == "own history/2026"
    version = registry.add(trained, actor="cli", at=START)
    promoted(registry, version.id)
    assert classifier.name == version.id
    registry.deploy(lambda known: replace(known, served=()))
    assert classifier.name == "own history/2026"


def test_a_promoted_model_keeps_the_limit_on_errors_that_is_set_and_else_its_own(
    registry: FileModelRegistry, trained: Path
) -> None:
    promoted(registry, registry.add(trained, actor="cli", at=START).id)
    own = LinearClassifier.load(trained, ENCODER).promise
    assert ServedClassifier(Settings(), ENCODER, registry).current.promise == own
    strict = ServedClassifier(Settings(max_error=0.001), ENCODER, registry).current
    assert strict.promise.max_error == 0.001
    assert strict.promise.tagging_threshold > 1  # so few tickets cannot prove it
    assert strict.promise.coverage == own.coverage


def test_a_tampered_promotion_leaves_the_model_before_it_serving(registry: FileModelRegistry, trained: Path) -> None:
    classifier = served(registry, trained)
    version = registry.add(trained, actor="cli", at=START)
    (registry.folder / version.id / "README.md").write_text("forged")
    promoted(registry, version.id)
    assert classifier.name == "own history/2026"
    with pytest.raises(ModelTampered):
        _Seeded(Settings(), ENCODER, registry)


def test_a_model_on_trial_says_what_it_would_and_never_raises(registry: FileModelRegistry, trained: Path) -> None:
    classifier = served(registry, trained)
    text = RedactedText("gdzie moja faktura")
    assert classifier.try_out(text) is None
    version = registry.add(trained, actor="cli", at=START)
    registry.deploy(lambda known: replace(known, shadow=version.id))
    best = classifier.predict([text])[0].alternatives[0]
    said = classifier.try_out(text)
    assert said is not None
    assert (said.code, said.probability, said.model) == (best.code, best.probability, version.id)
    (registry.folder / version.id / "README.md").write_text("forged")
    registry.deploy(lambda known: replace(known, shadow=version.id, served=known.served))
    assert classifier.current.name == "own history/2026"
    assert classifier.try_out(text) is None
    assert SEED not in registry.deployment().shadow
