"""Second opinions on labelled tickets: a fine-tuned transformer, and what one said about tickets it was not taught.

What it says about those is what its 8-bit export says, as later in service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from training.teach_transformer import USUAL, Teaching, computes_in_16_bits, teach
from triage.adapters.models.linear.grouping import spread_over_folds
from triage.adapters.models.linear.opinion import SecondOpinion

FOLDS = 5
LEAST_OF_EACH, LEAST = 20, 5_000  # tickets; 1,500 said too little to the transformer
#: Letters that are read in some ten minutes by two cores; of each text only the first are read.
MOST_LETTERS, LETTERS_READ = 1_000_000, 450


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
    teaching: Teaching = USUAL

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
    teaching: Teaching = USUAL,
    base: Path | None = None,
) -> SecondOpinion:
    """A reader taught all tickets, judged by a twin that was taught four fifths of them.

    Args:
        groups: tickets with the same number stay together; each is a group of its own when None.
        base: a sentence-transformers folder; the shipped transformer when None.
    """
    truth = np.unique(np.asarray(labels), return_inverse=True)[1]
    together = np.arange(len(truth)) if groups is None else np.asarray(groups)
    fold_of = spread_over_folds(truth, together, FOLDS, teaching.seed)
    taught, judged = np.flatnonzero(fold_of != 0).tolist(), np.flatnonzero(fold_of == 0).tolist()
    twin = teach([texts[row] for row in taught], [labels[row] for row in taught], teaching, base, shown_as="twin")
    said = twin.margins([texts[row] for row in judged], _names(labels))
    return SecondOpinion(teach(texts, labels, teaching, base), tuple(judged), said)


def taught_further(
    earlier: SecondOpinion,
    texts: Sequence[str],
    labels: Sequence[str],
    n_taught: int,
    teaching: Teaching = USUAL,
    base: Path | None = None,
) -> SecondOpinion:
    """A reader taught all tickets; what the earlier reader, taught the first of them, says about the others judges it.

    Args:
        n_taught: how many of the first tickets ``earlier`` was taught.
    """
    said = earlier.reader.margins(list(texts[n_taught:]), _names(labels))
    return SecondOpinion(teach(texts, labels, teaching, base), tuple(range(n_taught, len(texts))), said)


def is_worth_it(texts: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether there are enough tickets for a second opinion, and so few letters that it takes minutes."""
    enough = len(texts) >= max(LEAST, LEAST_OF_EACH * len(set(labels)))
    letters = sum(min(len(text), LETTERS_READ) for text in texts)
    return enough and letters <= MOST_LETTERS and computes_in_16_bits()


def _names(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(labels)))
