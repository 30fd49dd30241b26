"""Write a static encoder's files: int8 weights, tokenizer, model card, manifest; export for sentence-transformers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from training.embedding_data import sha256_of
from triage.adapters.models.static_encoder import MANIFEST, TOKENIZER, WEIGHTS, StaticEncoder

METRICS = "metrics.json"
CARD = "README.md"


def quantise_rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round each row to int8 with a scale of its own, so that its largest value is ±127.

    Args:
        table: shape (rows, dim).

    Returns:
        int8 of shape (rows, dim) and float32 scales of shape (rows,); a row of zeros has scale 1.
    """
    largest = np.abs(table).max(axis=1)
    scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(table / scale[:, None]).astype(np.int8), scale


def dequantised(directory: Path) -> NDArray[np.float32]:
    """The float32 table of a written encoder, shape (vocabulary, dim)."""
    tensors = load_file(directory / WEIGHTS)
    table: NDArray[np.float32] = tensors["embedding.quantised"] * tensors["embedding.scale"][:, None]
    return table


def write_encoder(directory: Path, table: NDArray[np.float32], tokenizer: Tokenizer) -> None:
    """Write weights, tokenizer and manifest.

    Args:
        directory: made if needed; its name becomes the first part of the encoder's id.
        table: vectors of the sub-words, shape (vocabulary, dim).
        tokenizer: its ids are the rows of the table.
    """
    directory.mkdir(parents=True, exist_ok=True)
    quantised, scale = quantise_rows(table)
    save_file({"embedding.quantised": quantised, "embedding.scale": scale}, directory / WEIGHTS)
    # Compact JSON: the pretty form is twice as large and slower to read.
    (directory / TOKENIZER).write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    write_manifest(directory)


def write_manifest(directory: Path) -> None:
    """Record the SHA-256 of every file in the directory."""
    files = {path.name: sha256_of(path) for path in sorted(directory.iterdir()) if path.name != MANIFEST}
    text = json.dumps({"format": "static-encoder/1", "files": files}, indent=2) + "\n"
    (directory / MANIFEST).write_text(text, encoding="utf-8")


def export_sentence_transformers(directory: Path, out: Path) -> None:
    """Write the encoder as a sentence-transformers model: ``SentenceTransformer(str(out))`` gives the same vectors.

    Args:
        directory: a written encoder; checked against its manifest first.
        out: directory to write.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    StaticEncoder.load(directory)
    tokenizer = Tokenizer.from_file(str(directory / TOKENIZER))
    modules = [StaticEmbedding(tokenizer, embedding_weights=dequantised(directory)), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(out))


def main() -> None:
    """Export an encoder for sentence-transformers."""
    parser = argparse.ArgumentParser(description="Write a static encoder as a sentence-transformers model.")
    parser.add_argument("--encoder", type=Path, required=True, help="directory of a static encoder")
    parser.add_argument("--out", type=Path, required=True, help="directory to write")
    arguments = parser.parse_args()
    export_sentence_transformers(arguments.encoder, arguments.out)
    print(f"{arguments.out}: load it with SentenceTransformer({str(arguments.out)!r})")


if __name__ == "__main__":
    main()
