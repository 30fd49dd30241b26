"""Public classification sets as lists of labelled texts, split for measuring.

Each file is gzip JSON lines; official test parts are not used here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

OOS = "oos"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and their labels, of equal length."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def take(self, rows: Sequence[int]) -> Labelled:
        """Some of them, in the given order."""
        return Labelled(tuple(self.texts[row] for row in rows), tuple(self.labels[row] for row in rows))


@dataclass(frozen=True, slots=True)
class Task:
    """A set to measure on.

    Attributes:
        split: how it was split, for the report.
        oos_label: label of the out-of-scope texts in ``dev``, if it has any.
    """

    name: str
    split: str
    train: Labelled
    dev: Labelled
    oos_label: str | None = None


def banking77(folder: Path) -> Task:
    """Banking77: 77 intents of bank customers. Source: Casanueva et al. 2020 (CC BY 4.0)."""
    return _cut("banking77", _labelled(_rows(folder / "banking77_train.jsonl.gz"), "text", "label"), 0.15)


def it_tickets(folder: Path) -> Task:
    """IT service tickets: 8 topics (CC0)."""
    return _cut("it_tickets", _labelled(_rows(folder / "it_tickets_train.jsonl.gz"), "text", "label"), 0.1)


def massive_polish(folder: Path) -> Task:
    """MASSIVE, Polish: 60 intents, official train and dev. Source: FitzGerald et al. 2022 (CC BY 4.0)."""
    rows = list(_rows(folder / "massive_pl_en_train_dev.jsonl.gz"))
    train, dev = (
        _labelled((row for row in rows if row["partition"] == part), "utt_pl", "intent") for part in ("train", "dev")
    )
    return Task("massive_pl", "official train / dev", train, dev)


def clinc150(folder: Path) -> Task:
    """CLINC150: 150 intents and texts of none; official train / val. Source: Larson et al. 2019 (CC BY 3.0).

    Texts out of scope are never trained on.
    """
    rows = list(_rows(folder / "clinc150_train_val.jsonl.gz"))
    train = _labelled((row for row in rows if row["split"] == "train"), "text", "label")
    inside = _labelled((row for row in rows if row["split"] == "val"), "text", "label")
    outside = tuple(row["text"] for row in rows if row["split"] in ("oos_train", "oos_val"))
    dev = Labelled(inside.texts + outside, inside.labels + (OOS,) * len(outside))
    return Task("clinc150", "official train / val; 200 out-of-scope texts, none trained on", train, dev, OOS)


def few_shot(task: Task, shots: int, seed: int) -> Task:
    """The same dev part, with so many training texts per label, drawn by chance."""
    rng = np.random.default_rng(seed)
    labels = np.array(task.train.labels)
    rows = [
        row
        for label in sorted(set(task.train.labels))
        for row in rng.permutation(np.flatnonzero(labels == label))[:shots]
    ]
    return Task(f"{task.name}/{shots}-shot", f"{task.split}; draw {seed}", task.train.take(rows), task.dev)


TASKS = {"banking77": banking77, "clinc150": clinc150, "massive_pl": massive_polish, "it_tickets": it_tickets}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _labelled(rows: Iterator[dict[str, str]], text: str, label: str) -> Labelled:
    texts, labels = zip(*((row[text], row[label]) for row in rows), strict=True)
    return Labelled(texts, labels)


def _cut(name: str, every: Labelled, dev_share: float) -> Task:
    """Split by distinct text, so that copies stay together; drawn by chance with seed 0."""
    texts = sorted(set(every.texts))
    chosen = np.random.default_rng(0).permutation(len(texts))[: round(dev_share * len(texts))]
    held_back = {texts[row] for row in chosen}
    dev = [row for row, text in enumerate(every.texts) if text in held_back]
    train = [row for row, text in enumerate(every.texts) if text not in held_back]
    return Task(name, f"{dev_share:.0%} of train held back, seed 0", every.take(train), every.take(dev))
