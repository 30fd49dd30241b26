"""Trained models in a folder, which of them are in force, and the promise that none was changed since.

``<folder>/<model id>/`` holds a model as :mod:`triage.adapters.models.linear` writes it; ``registry.json`` names each
with the digest of its manifest, and what serves. It is replaced whole, by rename, under a lock: a reader sees the old
state or the new one, and two writers take turns.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from knowledge_base.passage import Encoder
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.files import MANIFEST, MODEL, verified_files
from triage.domain.learning import SEED, Deployment, ModelVersion
from triage.errors import ModelNotFound, ModelTampered, ModelUnavailable

_STATE, _LOCK = "registry.json", ".lock"
_NAME = re.compile(r"[^a-zA-Z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _Registry:
    """What ``registry.json`` holds."""

    models: tuple[ModelVersion, ...] = ()
    deployment: Deployment = field(default_factory=Deployment)


_registry = TypeAdapter(_Registry)


@dataclass(frozen=True, slots=True)
class FileModelRegistry:
    """The registry of one data directory; ``seed_dir`` holds the model made from the company's seed tickets."""

    folder: Path
    seed_dir: Path

    def versions(self) -> tuple[ModelVersion, ...]:
        """Every model, oldest first, the seed model before all."""
        seed = (_described(self.seed_dir, SEED, ""),) if (self.seed_dir / MODEL).exists() else ()
        return (*seed, *self._read().models)

    def deployment(self) -> Deployment:
        """What serves and what is on trial."""
        return self._read().deployment

    @property
    def stamp(self) -> int:
        """Changes whenever the registry does; 0 while there is none."""
        try:
            return (self.folder / _STATE).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def add(self, source: Path, *, actor: str, at: datetime) -> ModelVersion:
        """Copy a trained model into the registry; adding the same one again changes nothing.

        Raises:
            ModelUnavailable: no model there.
            ModelTampered: a file differs from its manifest.
        """
        digest = hashlib.sha256(_manifest(source)).hexdigest()
        files = verified_files(source)
        name = _NAME.sub("-", str(json.loads(files[MODEL])["name"])).strip("-.") or "model"
        version = _described(source, f"{name}-{digest[:8]}", digest, actor, at)
        with self._locked():
            state = self._read()
            known = next((one for one in state.models if one.id == version.id), None)
            if known is not None:
                return known
            self._copy(source, (*files, MANIFEST, *_papers(source)), self.folder / version.id)
            self._write(_Registry((*state.models, version), state.deployment))
        return version

    def deploy(self, change: Callable[[Deployment], Deployment]) -> Deployment:
        """Change what is in force; changes of two processes take turns."""
        with self._locked():
            state = self._read()
            changed = change(state.deployment)
            self._write(_Registry(state.models, changed))
        return changed

    def check(self, model_id: str) -> ModelVersion:
        """The model, if every one of its files is as it was added.

        Raises:
            ModelNotFound: no such model.
            ModelTampered: a file differs from what was added.
        """
        if model_id == SEED:
            verified_files(self.seed_dir)
            return _described(self.seed_dir, SEED, "")
        version = next((one for one in self._read().models if one.id == model_id), None)
        if version is None:
            raise ModelNotFound(f"There is no model {model_id!r}: `triage models list` names those there are.")
        directory = self.folder / version.id
        if hashlib.sha256(_manifest(directory)).hexdigest() != version.manifest_sha256:
            raise ModelTampered(f"The manifest in {directory} is not the one that was added: add the model again.")
        verified_files(directory)
        return version

    def load(self, model_id: str, encoder: Encoder) -> LinearClassifier:
        """The classifier of this id, checked as by :meth:`check`, under its id as name.

        Raises:
            ModelNotFound: no such model.
            ModelTampered: a file differs from what was added.
            ModelUnavailable: it was trained with another encoder.
        """
        version = self.check(model_id)
        classifier = LinearClassifier.load(self.seed_dir if model_id == SEED else self.folder / version.id, encoder)
        if model_id != SEED:
            classifier.name = version.id
        return classifier

    def _read(self) -> _Registry:
        try:
            return _registry.validate_json((self.folder / _STATE).read_bytes())
        except FileNotFoundError:
            return _Registry()
        except ValidationError:
            raise ModelUnavailable(
                f"{self.folder / _STATE} cannot be read: put its last copy back, or delete it and add the models again."
            ) from None

    def _write(self, state: _Registry) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            file.write(_registry.dump_json(state, indent=2))
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, self.folder / _STATE)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _copy(self, source: Path, names: tuple[str, ...], target: Path) -> None:
        """Copy to a folder beside the target, then rename: a half-copied model is never found."""
        staging = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            for name in names:
                shutil.copyfile(source / name, staging / name)
            shutil.rmtree(target, ignore_errors=True)
            os.replace(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _described(
    directory: Path, model_id: str, digest: str, actor: str = "", at: datetime | None = None
) -> ModelVersion:
    model = json.loads((directory / MODEL).read_bytes())
    held_out = {key: float(value) for key, value in model["held_out"].items()}
    held_out |= {"max_error": float(model["promise"]["max_error"]), "coverage": float(model["promise"]["coverage"])}
    name = str(model["name"]) if model_id == SEED else model_id
    return ModelVersion(model_id, name, digest, str(model["encoder"]), tuple(model["labels"]), held_out, at, actor)


def _manifest(directory: Path) -> bytes:
    try:
        return (directory / MANIFEST).read_bytes()
    except OSError as exc:
        raise ModelUnavailable(f"{directory} holds no {MANIFEST}: give a directory `triage train` wrote.") from exc


def _papers(source: Path) -> tuple[str, ...]:
    """What `triage train` wrote beside the model and a person may want to read again."""
    return tuple(path.name for path in source.glob("*.png")) + tuple(
        name for name in ("metrics.json",) if (source / name).exists()
    )
