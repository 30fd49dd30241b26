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

FOLDS = 5
LONG_FOLDS = 10  # of a long history
SEED = 0
LEAST_OF_EACH, LEAST = 20, 5_000  # tickets; 1,500 said too little to the transformer
MOST_LETTERS = 8_000_000  # which are read once in some ten minutes of one core


class Second(Protocol):
    """Makes the second opinion on tickets: a transformer fine-tuned on them."""

    def __call__(self, texts: Sequence[str], labels: Sequence[str], groups: Sequence[int] | None, /) -> SecondOpinion:
        """With a twin that judges it."""

    def further(
        self, earlier: SecondOpinion, texts: Sequence[str], labels: Sequence[str], n_taught: int, /
    ) -> SecondOpinion:
        """Judged by an earlier one, which was taught the first ``n_taught`` texts."""


@dataclass(frozen=True, slots=True)
class Tutor:
    """Makes second opinions from a sentence-transformers folder; from the shipped transformer when None."""

    base: Path | None = None
    teaching: Teaching | None = None

    def __call__(
        self, texts: Sequence[str], labels: Sequence[str], groups: Sequence[int] | None = None, /
    ) -> SecondOpinion:
        """A reader taught all tickets, judged by a twin."""
        return second_opinion(texts, labels, groups, self.teaching, self.base)

    def further(
        self, earlier: SecondOpinion, texts: Sequence[str], labels: Sequence[str], n_taught: int, /
    ) -> SecondOpinion:
        """A reader taught all tickets, judged by an earlier one."""
        return taught_further(earlier, texts, labels, n_taught, self.teaching, self.base)


def second_opinion(
    texts: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[int] | None = None,
    teaching: Teaching | None = None,
    base: Path | None = None,
) -> SecondOpinion:
    """A reader taught all tickets, judged by a twin that was taught four fifths of them.

    Of a long history nine tenths are enough to teach the reader itself, and the others judge it: that saves half.

    Args:
        groups: tickets with the same number stay together; each is a group of its own when None.
        teaching: by the length of the history when None.
        base: a sentence-transformers folder; the shipped transformer when None.
    """
    long = is_long(texts)
    truth = np.unique(np.asarray(labels), return_inverse=True)[1]
    together = np.arange(len(truth)) if groups is None else np.asarray(groups)
    fold_of = spread_over_folds(truth, together, LONG_FOLDS if long else FOLDS, SEED)
    taught, judged = np.flatnonzero(fold_of != 0).tolist(), np.flatnonzero(fold_of == 0).tolist()
    part = [texts[row] for row in taught], [labels[row] for row in taught]
    twin = teach(*part, teaching, base, shown_as="transformer" if long else "twin")
    said = twin.margins([texts[row] for row in judged], _names(labels))
    return SecondOpinion(twin if long else teach(texts, labels, teaching, base), tuple(judged), said)


def taught_further(
    earlier: SecondOpinion,
    texts: Sequence[str],
    labels: Sequence[str],
    n_taught: int,
    teaching: Teaching | None = None,
    base: Path | None = None,
) -> SecondOpinion:
    """A reader taught all tickets; what the earlier reader, taught the first of them, says about the others judges it.

    Of a long history the earlier reader stays.

    Args:
        n_taught: how many of the first tickets ``earlier`` was taught.
    """
    said = earlier.reader.margins(list(texts[n_taught:]), _names(labels))
    reader = earlier.reader if is_long(texts) else teach(texts, labels, teaching, base)
    return SecondOpinion(reader, tuple(range(n_taught, len(texts))), said)


def is_long(texts: Sequence[str]) -> bool:
    """Whether there is so much to read that it is read once or a few times only, by one reader."""
    return letters_read(texts) > USUAL_LETTERS


def is_worth_it(texts: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether there are enough tickets for a second opinion, and so few letters that it takes minutes."""
    enough = len(texts) >= max(LEAST, LEAST_OF_EACH * len(set(labels)))
    return enough and letters_read(texts) <= MOST_LETTERS and computes_in_16_bits()


def _names(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(labels)))
