"""The shipped bilingual encoder: a table of sub-word vectors, summed. No torch, no network.

A text's vector is the sum of its sub-words' vectors, scaled to length one. The length of a sub-word's vector
is its weight, learnt in training: *the* and *nie wiem* hardly count, *refund* and *lodówka* do. The tokenizer
folds the text itself (lower case, no diacritics, ł → l), so *łódka* and *LODKA* are one word.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from tokenizers import Tokenizer

from knowledge_base import kernels
from triage.adapters.models.word_tokens import WordTokens
from triage.errors import ModelTampered, ModelUnavailable

SHIPPED = Path(__file__).parent / "shipped" / "encoder-pl-en"
MANIFEST = "manifest.json"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
REQUIRED = frozenset({WEIGHTS, TOKENIZER})

TEXTS_AT_ONCE = 2_048
# Texts of one call whose vectors are kept for a moment, and how many are kept at most.
FEW, REMEMBERED = 32, 128
# 1,024 rows of 256 float32 are 1 MiB: they stay in the processor's cache, and the peak is the same for any text.
TOKENS_AT_ONCE = 1_024


class StaticEncoder:
    """Sentence vectors from int8 sub-word vectors.

    Args:
        name: id stored with every index built by this encoder; another id means other vectors.
        tokenizer: folds the text and splits it, at white space first; its ids are row numbers of the table.
        quantised: int8, shape (vocabulary, dim), one row per sub-word.
        scale: float32, shape (vocabulary,), > 0; row i stands for ``quantised[i] * scale[i]``.
        tokenizer_digest: SHA-256 of the tokenizer's file; common words that were split with it are known.
    """

    def __init__(
        self,
        name: str,
        tokenizer: Tokenizer,
        quantised: NDArray[np.int8],
        scale: NDArray[np.float32],
        tokenizer_digest: str = "",
    ) -> None:
        if quantised.shape[0] != scale.shape[0] or quantised.shape[0] < tokenizer.get_vocab_size():
            raise ModelUnavailable(
                f"Encoder {name} does not fit together: {quantised.shape[0]} vectors, {scale.shape[0]} scales,"
                f" {tokenizer.get_vocab_size()} sub-words. Install the model again."
            )
        self.name = name
        self.dim = int(quantised.shape[1])
        self._words = WordTokens(tokenizer, tokenizer_digest)
        self._quantised = quantised
        self._scale = scale.astype(np.float32)
        self._last: dict[str, NDArray[np.float32]] = {}

    @classmethod
    def load(cls, directory: Path | str = SHIPPED) -> Self:
        """Read an encoder from its directory and check every file against the manifest.

        Args:
            directory: holds ``manifest.json`` and the files it names; the shipped encoder by default.

        Raises:
            ModelUnavailable: a file is missing, or is not what it should be.
            ModelTampered: a file's SHA-256 is not the one in the manifest.
        """
        directory = Path(directory)
        manifest = _read_manifest(directory)
        files = {name: _read_checked(directory / name, digest) for name, digest in manifest.items()}
        try:
            tensors = load_tensors(files[WEIGHTS])
            tokenizer = Tokenizer.from_buffer(files[TOKENIZER])
            quantised, scale = tensors["embedding.quantised"], tensors["embedding.scale"]
        except (SafetensorError, KeyError, ValueError) as error:
            raise ModelUnavailable(f"{directory} does not hold a static encoder: {error}") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        content = hashlib.sha256("".join(manifest[name] for name in sorted(REQUIRED)).encode()).hexdigest()
        return cls(f"{directory.name}-{content[:12]}", tokenizer, quantised, scale, manifest[TOKENIZER])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts.

        Args:
            texts: n texts in Polish or English, of any length.

        Returns:
            float32, shape (n, dim): rows of length one; all zeros for a text without a known sub-word.
        """
        if len(texts) == 1:
            return self._remembered(texts[0])
        if not 0 < len(texts) <= FEW:
            return self._encode(texts)
        last = self._last  # the stages of the same tickets ask for the same words
        if new := [text for text in dict.fromkeys(texts) if text not in last]:
            if len(last) + len(new) > REMEMBERED:
                last = {text: last[text] for text in texts if text in last}
            last = self._last = last | dict(zip(new, self._encode(new), strict=True))
        return np.stack([last[text] for text in texts])

    def _remembered(self, text: str) -> NDArray[np.float32]:
        """The vector of one text, of shape (1, dim)."""
        last = self._last
        vector = last.get(text)
        if vector is None:
            if len(last) >= REMEMBERED:
                last = self._last = {}
            vector = last[text] = self._encode_one(text)
        return vector[None].copy()

    def _encode_one(self, text: str) -> NDArray[np.float32]:
        """The vector of one text, of shape (dim,): as ``_encode`` has it, without its arrays for many."""
        tokens = self._words.of_text(text)
        if kernels.COMPILED:
            summed = np.empty(self.dim, np.float32)
            kernels.sum_rows(self._quantised, self._scale, tokens, summed)
            return summed
        vector = np.zeros((1, self.dim), np.float32)
        self._add(vector, tokens)
        length = np.sqrt(np.einsum("nd,nd->n", vector, vector))[0]
        if length > 0:
            vector /= length
        alone: NDArray[np.float32] = vector[0]
        return alone

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            tokens, ends = self._words.of(texts[start : start + TEXTS_AT_ONCE])
            vectors[start : start + TEXTS_AT_ONCE] = self._sums(tokens, ends)
        lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))[:, None]
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    def _sums(self, flat: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.float32]:
        """For each text the sum of its sub-words' vectors; texts of as many at once, each as if it were alone."""
        sums = np.zeros((len(ends), self.dim), dtype=np.float32)
        if len(ends) == 1:
            self._add(sums, flat)
            return sums
        counts = np.diff(ends, prepend=0)
        order = np.argsort(counts, kind="stable")
        counts, ends = counts[order], ends[order]
        begins = np.cumsum(counts) - counts
        flat = flat[np.arange(len(flat)) + (ends - counts - begins).repeat(counts)]
        edges = np.flatnonzero(np.diff(counts)) + 1
        for first, last in pairwise([0, *edges.tolist(), len(ends)]):
            n_tokens, begin = int(counts[first]), int(begins[first])
            at_once = max(1, TOKENS_AT_ONCE // max(n_tokens, 1))
            for row in range(first, last, at_once):
                some = sums[row : min(row + at_once, last)]
                end = begin + len(some) * n_tokens
                self._add(some, flat[begin:end])
                begin = end
        sums[order] = sums.copy()
        return sums

    def _add(self, sums: NDArray[np.float32], flat: NDArray[np.intp]) -> None:
        """Add to the sums of some texts the vectors of their sub-words, of which each has as many."""
        tokens = flat.reshape(len(sums), -1)
        for first in range(0, tokens.shape[1], TOKENS_AT_ONCE):
            part = tokens[:, first : first + TOKENS_AT_ONCE]
            block = self._quantised.take(part, axis=0).astype(np.float32)  # (n_texts, n_tokens, dim)
            sums += (self._scale.take(part)[:, None] @ block)[:, 0]

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries; the model is symmetric, so the same as :meth:`encode`."""
        return self.encode(texts)


def _read_manifest(directory: Path) -> dict[str, str]:
    """SHA-256 of each file, by file name."""
    try:
        files = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["files"]
        digests = {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(f"{directory} holds no readable {MANIFEST}: install the model again.") from error
    if missing := REQUIRED - digests.keys():
        raise ModelTampered(f"The manifest in {directory} does not name {', '.join(sorted(missing))}.")
    if foreign := [name for name in digests if Path(name).name != name]:
        raise ModelTampered(f"The manifest in {directory} names a file elsewhere: {foreign[0]!r}.")
    return digests


def _read_checked(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read: install the model again.") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelTampered(f"{path} is not the file named in {MANIFEST} (SHA-256 differs): install the model again.")
    return content
