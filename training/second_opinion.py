"""Second opinions on labelled tickets: a fine-tuned transformer, and what one said about tickets it was not taught.

What it says about those is what its 8-bit export says, as later in service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from training.sixteen_bits import computes_in_16_bits
from training.teach_transformer import USUAL_LETTERS, Teaching, letters_read, teach
from triage.adapters.models.linear.grouping import spread_over_folds
from triage.adapters.models.linear.opinion import SecondOpinion

FOLDS = 10
SEED = 0
LEAST_OF_EACH, LEAST = 20, 5_000  # tickets; 1,500 said too little to the transformer
MOST_LETTERS = 8_000_000  # which are read once in some ten minutes of one core


class Second(Protocol):
    """Makes the second opinion on tickets: a transformer fine-tuned on them."""

    def __call__(self, texts: Sequence[str], labels: Sequence[str], groups: Sequence[int] | None, /) -> SecondOpinion:
        """Of a reader taught all but the tickets that judge it."""

    def further(
        self, earlier: SecondOpinion, texts: Sequence[str], labels: Sequence[str], n_earlier: int, /
    ) -> SecondOpinion:
        """Of a reader taught all, judged by an earlier one, which was made from the first ``n_earlier`` texts."""


@dataclass(frozen=True, slots=True)
class Tutor:
    """Makes second opinions from a sentence-transformers folder; from the shipped transformer when None.

    Attributes:
        teaching: by the length of the history when None.
    """

    base: Path | None = None
    teaching: Teaching | None = None

    def __call__(
        self, texts: Sequence[str], labels: Sequence[str], groups: Sequence[int] | None = None, /
    ) -> SecondOpinion:
        """A reader taught nine tenths of the tickets, judged by the others.

        Args:
            groups: tickets with the same number stay together; each is a group of its own when None.
        """
        truth = np.unique(np.asarray(labels), return_inverse=True)[1]
        together = np.arange(len(truth)) if groups is None else np.asarray(groups)
        fold_of = spread_over_folds(truth, together, FOLDS, SEED)
        taught, judged = np.flatnonzero(fold_of != 0).tolist(), np.flatnonzero(fold_of == 0).tolist()
        part = [texts[row] for row in taught], [labels[row] for row in taught]
        reader = teach(*part, self.teaching, self.base)
        return SecondOpinion(reader, tuple(judged), reader.margins([texts[row] for row in judged], _names(labels)))

    def further(
        self, earlier: SecondOpinion, texts: Sequence[str], labels: Sequence[str], n_earlier: int, /
    ) -> SecondOpinion:
        """A reader taught all tickets, judged by what an earlier one says about those that it was not taught.

        Of a long history the earlier reader stays: the last tenth would teach it little, and it would take as long.

        Args:
            n_earlier: how many of the first tickets ``earlier`` was made from.
        """
        judged = (*earlier.judged, *range(n_earlier, len(texts)))
        said = earlier.reader.margins([texts[row] for row in judged], _names(labels))
        reader = earlier.reader if is_long(texts) else teach(texts, labels, self.teaching, self.base)
        return SecondOpinion(reader, judged, said)


def is_long(texts: Sequence[str]) -> bool:
    """Whether there is so much to read that it is read once or a few times only, by one reader."""
    return letters_read(texts) > USUAL_LETTERS


def is_worth_it(texts: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether there are enough tickets for a second opinion, and so few letters that it takes minutes."""
    enough = len(texts) >= max(LEAST, LEAST_OF_EACH * len(set(labels)))
    return enough and letters_read(texts) <= MOST_LETTERS and computes_in_16_bits()


def _names(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(labels)))
