"""Encoders that come with a package, so that they need no model hub: MiniLM and multilingual-e5-small.

``packaged_encoders.toml`` names them. A package is looked for, never imported: it only carries the model's files.
"""

from __future__ import annotations

import functools
import tempfile
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from triage.adapters.models.packed_transformer import read_packed
from triage.adapters.models.sentence_encoder import EncoderSource, SentenceTransformerEncoder, is_cached, model_identity
from triage.errors import InvalidInput, ModelUnavailable

_DISTRIBUTION: Final = "after-sales-triage"


@dataclass(frozen=True, slots=True)
class PackagedEncoder:
    """One entry of the table: ``names`` that the setting may say, the hub's last; a ``folder`` or a ``packed`` file."""

    names: tuple[str, ...]
    extra: str
    module: str
    folder: str = ""
    packed: str = ""

    def path(self) -> Path | None:
        """The model's folder or file in the installed package; None where that is not installed."""
        found = find_spec(self.module)
        if found is None or not found.origin:
            return None
        path = Path(found.origin).parent / (self.folder or self.packed)
        return path if path.exists() else None

    def source(self, path: Path) -> EncoderSource:
        """The encoder in the package."""
        name = self.names[0]
        if self.folder:
            return EncoderSource(model_identity(str(path), name), lambda: SentenceTransformerEncoder(path, called=name))
        return EncoderSource(model_identity(str(path), name), lambda: _unpacked(path, name))


@functools.cache
def packaged_encoders() -> tuple[PackagedEncoder, ...]:
    """All that are known."""
    table = tomllib.loads(files(__package__).joinpath("packaged_encoders.toml").read_text("utf-8"))
    return tuple(PackagedEncoder(**{**each, "names": tuple(each["names"])}) for each in table["encoder"])


def find_encoder(setting: str) -> EncoderSource:
    """The encoder that a setting names: a directory, one in the hub's local cache, one in a package, one on the hub.

    Raises:
        ModelUnavailable: it is nowhere, and the hub does not answer; says what to install or copy.
    """
    packaged = next((each for each in packaged_encoders() if setting in each.names), None)
    if packaged is None or Path(setting).is_dir():
        return EncoderSource(model_identity(setting), lambda: SentenceTransformerEncoder(setting))
    hub_name = packaged.names[-1]
    path = packaged.path()
    if path is not None and not is_cached(hub_name):
        return packaged.source(path)
    try:
        return EncoderSource(model_identity(hub_name), lambda: SentenceTransformerEncoder(hub_name))
    except ModelUnavailable as error:
        install = f"pip install '{_DISTRIBUTION}[{packaged.extra}]'"
        raise ModelUnavailable(f"{error} Or install it with a package: {install}") from error


def _unpacked(path: Path, name: str) -> SentenceTransformerEncoder:
    """A packed model in PyTorch; the half gigabyte it is written to on the way is removed again.

    Raises:
        ModelUnavailable: the file is another than expected.
    """
    from triage.adapters.models.sentence_files import unpack_packed

    with tempfile.TemporaryDirectory(prefix="triage-encoder-") as folder:
        try:
            unpack_packed(read_packed(path), Path(folder))
        except (InvalidInput, KeyError, ValueError, OSError) as error:
            raise ModelUnavailable(f"{path.name} of {name} cannot be read: install its package again.") from error
        return SentenceTransformerEncoder(Path(folder) / "model", called=name)
