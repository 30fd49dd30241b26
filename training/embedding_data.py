"""Sentence pairs for the bilingual encoder: reading, hashing, and keeping measured sentences out."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# One Tatoeba pair in 40, by hash of the English sentence, is never trained on: a bitext measure that is not MASSIVE.
HELD_OUT_SOURCE = "tatoeba_anki"
HELD_OUT_ONE_IN = 40


@dataclass(frozen=True, slots=True)
class SentencePair:
    """One sentence in both languages, and where it is from."""

    english: str
    polish: str
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class PairSplit:
    """Pairs for training, and pairs kept apart for measuring.

    Attributes:
        train: distinct pairs, in file order.
        held_out: pairs of ``HELD_OUT_SOURCE`` that share no English sentence with ``train``.
    """

    train: list[SentencePair]
    held_out: list[SentencePair]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSON-lines file, gzip or plain."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def split_pairs(rows: Iterable[dict[str, Any]], excluded_sources: frozenset[str] = frozenset()) -> PairSplit:
    """Training and held-out pairs.

    A training pair is dropped when either of its sentences also stands in a row of another split, so that
    nothing measured on those rows was seen.

    Args:
        rows: ``source, licence, split (train | …), en, pl``.
        excluded_sources: sources to leave out of training altogether.
    """
    rows = list(rows)
    measured = {_key(row[language]) for row in rows if row["split"] != "train" for language in ("en", "pl")}
    train: dict[tuple[str, str], SentencePair] = {}
    held_out: dict[str, SentencePair] = {}
    for row in rows:
        pair = SentencePair(row["en"], row["pl"], row["source"], row["licence"])
        if row["split"] != "train" or pair.source in excluded_sources:
            continue
        if _key(pair.english) in measured or _key(pair.polish) in measured:
            continue
        if _is_held_out(pair):
            held_out.setdefault(pair.english, pair)
        else:
            train.setdefault((pair.english, pair.polish), pair)
    kept = [pair for pair in train.values() if pair.english not in held_out]
    return PairSplit(train=kept, held_out=list(held_out.values()))


def attribution(pairs: Iterable[SentencePair]) -> list[tuple[str, str, int]]:
    """Source, licence and number of pairs, most pairs first."""
    counts = Counter((pair.source, pair.licence) for pair in pairs)
    return [(source, licence, number) for (source, licence), number in counts.most_common()]


def _is_held_out(pair: SentencePair) -> bool:
    digest = hashlib.sha256(pair.english.encode()).digest()
    return pair.source == HELD_OUT_SOURCE and int.from_bytes(digest[:4]) % HELD_OUT_ONE_IN == 0


def _key(sentence: str) -> str:
    return " ".join(sentence.lower().split())
