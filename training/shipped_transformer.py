"""The shipped Polish-English transformer on disk: 4-bit matrices, tokenizer, card, manifest; unpacked to be taught."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from training.embedding_data import sha256_of
from triage.adapters.models.packed_transformer import FourBitMatrix
from triage.adapters.models.sentence_files import Shape, Tensors, write_sentence_model
from triage.adapters.models.static_encoder import SHIPPED
from triage.errors import ModelTampered, ModelUnavailable

SHIPPED_TRANSFORMER = SHIPPED.parent / "transformer-pl-en"
WEIGHTS, TOKENIZER, SHAPE, MANIFEST = "model.safetensors", "tokenizer.json", "shape.json", "manifest.json"
_NUMBERS, _SCALES = ".numbers", ".scales"


def write_transformer(folder: Path, shape: Shape, tensors: Tensors, tokenizer: Tokenizer) -> None:
    """Write shape, weights and tokenizer; tensors are called as in transformers' ``BertModel``."""
    folder.mkdir(parents=True, exist_ok=True)
    flat: dict[str, NDArray[np.generic]] = {}
    for name, tensor in sorted(tensors.items()):
        if isinstance(tensor, FourBitMatrix):
            flat[name + _NUMBERS] = np.ascontiguousarray(tensor.numbers)
            flat[name + _SCALES] = np.ascontiguousarray(tensor.scales)
        else:
            flat[name] = np.ascontiguousarray(tensor, dtype=np.float16 if tensor.ndim == 2 else np.float32)
    save_file(flat, folder / WEIGHTS)
    (folder / TOKENIZER).write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    (folder / SHAPE).write_text(json.dumps(asdict(shape), indent=2) + "\n", encoding="utf-8")


def write_manifest(folder: Path) -> None:
    """Record the SHA-256 of every file in the folder."""
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    text = json.dumps({"format": "four-bit-transformer/1", "files": files}, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def unpack_transformer(out: Path, folder: Path = SHIPPED_TRANSFORMER) -> Path:
    """Write it as a sentence-transformers model (float32, mean of the sub-words), to be fine-tuned.

    Args:
        out: folder to write.
        folder: as :func:`write_transformer` wrote it; checked against its manifest.

    Returns:
        The folder of the model.

    Raises:
        ModelUnavailable: files are missing.
        ModelTampered: a file differs from the manifest.
    """
    _check(folder)
    shape = Shape(**json.loads((folder / SHAPE).read_text(encoding="utf-8")))
    write_sentence_model(out, shape, _values(folder), Tokenizer.from_file(str(folder / TOKENIZER)))
    return out / "model"


def _values(folder: Path) -> dict[str, NDArray[np.float32]]:
    tensors = load_file(folder / WEIGHTS)
    found = {
        name: values.astype(np.float32) for name, values in tensors.items() if not name.endswith((_NUMBERS, _SCALES))
    }
    for name in (each.removesuffix(_SCALES) for each in tensors if each.endswith(_SCALES)):
        found[name] = FourBitMatrix(tensors[name + _NUMBERS], tensors[name + _SCALES]).values()
    return found


def _check(folder: Path) -> None:
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(f"{folder.name} holds no transformer: install the package again.") from error
    for name, digest in files.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != digest:
            raise ModelTampered(f"{name} of {folder.name} differs from its manifest: install the package again.")
