"""A transformer encoder on ONNX Runtime with 8-bit weights: three to four times PyTorch's speed, and no torch.

Reads what :mod:`triage.adapters.models.onnx_export` wrote: ``model.onnx`` (tokens in, sentence vectors out),
``tokenizer.json`` and a manifest with the SHA-256 of both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.errors import ModelTampered, ModelUnavailable

MANIFEST: Final = "manifest.json"
MODEL: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
FORMAT: Final = 1
#: Sub-words of one computation: few enough for what lies between two layers to stay in the processor's cache.
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class OnnxManifest:
    """What belongs to an exported encoder.

    Attributes:
        name: id stored with every index; another id means other vectors.
        inputs: names of the graph's inputs, of ``input_ids``, ``attention_mask`` and ``token_type_ids``.
        max_tokens: longer texts are cut, as the model was trained.
        query_prefix: put before a question; passage_prefix: before a passage.
        files: SHA-256 of each file by its name.
    """

    name: str
    dim: int
    inputs: tuple[str, ...]
    max_tokens: int
    pad_id: int
    query_prefix: str
    passage_prefix: str
    files: dict[str, str]
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write the manifest."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From JSON; another shape is a TypeError or a KeyError."""
        return cls(**{**data, "inputs": tuple(data["inputs"])})

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest and check every file against it.

        Raises:
            ModelUnavailable: there is none, or another version wrote it.
            ModelTampered: a file differs.
        """
        try:
            manifest = cls.of(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelUnavailable(f"{folder.name} holds no exported encoder: remove it, it is made again.") from error
        if manifest.format != FORMAT or manifest.files.keys() != {MODEL, TOKENIZER}:
            raise ModelUnavailable(f"{folder.name} was exported by another version: remove it, it is made again.")
        for name, digest in manifest.files.items():
            if digest_of(folder / name) != digest:
                raise ModelTampered(f"{name} of {folder.name} differs from its manifest: remove the folder.")
        return manifest


@dataclass(frozen=True, slots=True)
class OnnxFiles:
    """An exported encoder in memory: its manifest, graph and tokenizer."""

    manifest: OnnxManifest
    model: bytes
    tokenizer: bytes

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read an export and check every file against its manifest.

        Raises:
            ModelUnavailable: nothing usable is there.
            ModelTampered: a file differs from its manifest.
        """
        manifest = OnnxManifest.read(folder)
        return cls(manifest, (folder / MODEL).read_bytes(), (folder / TOKENIZER).read_bytes())


class OnnxEncoder:
    """Sentence vectors from an exported transformer."""

    def __init__(self, source: Path | OnnxFiles, *, threads: int = 0) -> None:
        """Load an export.

        Args:
            source: folder as the exporter wrote it, or what was read from one.
            threads: of one computation; 0: as many as there are processor cores.

        Raises:
            ModelUnavailable: nothing usable is there.
            ModelTampered: a file differs from its manifest.
        """
        import onnxruntime

        files = OnnxFiles.read(source) if isinstance(source, Path) else source
        self._manifest = files.manifest
        self.name, self.dim = self._manifest.name, self._manifest.dim
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that wait by spinning cost the processor time of two and are no sooner done.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(files.model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_buffer(files.tokenizer)
        self._tokenizer.enable_truncation(self._manifest.max_tokens)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages: float32, shape (n, dim), rows of length one; zeros for a blank text."""
        return self._encode(texts, self._manifest.passage_prefix)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries: float32, shape (n, dim), rows of length one; zeros for a blank text."""
        return self._encode(texts, self._manifest.query_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> NDArray[np.float32]:
        distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}  # sections share their other words
        vectors = self._encode_distinct(list(distinct), prefix)
        return vectors if len(distinct) == len(texts) else vectors[[distinct[text] for text in texts]]

    def _encode_distinct(self, texts: Sequence[str], prefix: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        written = [row for row, text in enumerate(texts) if text.strip()]
        encodings = self._tokenizer.encode_batch_fast([prefix + texts[row] for row in written])
        ids = {row: encoding.ids for row, encoding in zip(written, encodings, strict=True)}
        # texts of like length together: a batch is as wide as its longest
        written.sort(key=lambda row: -len(ids[row]))
        start = 0
        while start < len(written):
            rows = written[start : start + max(1, _AT_ONCE // max(len(ids[written[start]]), 1))]
            vectors[rows] = self._run([ids[row] for row in rows])
            start += len(rows)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    def _run(self, batch: Sequence[list[int]]) -> NDArray[np.float32]:
        width = max(len(ids) for ids in batch)
        tokens = np.full((len(batch), width), self._manifest.pad_id, dtype=np.int64)
        mask = np.zeros((len(batch), width), dtype=np.int64)
        for row, ids in enumerate(batch):
            tokens[row, : len(ids)], mask[row, : len(ids)] = ids, 1
        known = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        found: NDArray[np.float32] = self._session.run(None, {name: known[name] for name in self._manifest.inputs})[0]
        return found


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        ModelUnavailable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"{path.name} cannot be read: remove the folder, it is made again.") from error
