"""The unigram model of a tokenizer in arrays, by which compiled functions split a text of few words at once.

The ids are those that the tokenizer itself gives; a text with characters whose folding is not known here is left to it.

Source: Kudo 2018, "Subword Regularization", arXiv:1804.10959; ties and sums are those of ``tokenizers``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge_base import kernels
from knowledge_base.tokenise import term_ids
from knowledge_base.tokenise.term_ids import FACTOR
from triage.adapters.models.text_pieces import FOLDED, KINDS

# Slots of the table for each sub-word, at least.
_SLOTS: Final = 2


@dataclass(frozen=True, slots=True)
class Unigram:
    """Sub-words and their scores, found by ids.

    Attributes:
        ids: of the sub-words as terms, uint64 of shape (n,).
        scores: log probabilities, float64 of shape (n,).
        slots: where each is, 1 + its number, int32; 0 for an empty one.
        longest: characters of the longest sub-word.
    """

    ids: NDArray[np.uint64]
    scores: NDArray[np.float64]
    slots: NDArray[np.int32]
    longest: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self | None:
        """That of a tokenizer; None without compiled functions, and of another kind of model."""
        model = json.loads(tokenizer.to_str())["model"] if kernels.COMPILED else {}
        if model.get("type") != "Unigram":
            return None
        pieces = [piece for piece, _ in model["vocab"]]
        ids = term_ids(pieces)
        slots = np.zeros(1 << (_SLOTS * len(ids)).bit_length(), np.int32)
        kernels.fill_slots(ids, slots)
        scores = np.array([score for _, score in model["vocab"]], np.float64)
        return cls(ids, scores, slots, max(map(len, pieces)))

    def split(self, text: str) -> NDArray[np.int64] | None:
        """Ids of the sub-words of a text, int64 of shape (n_tokens,); None of one that is left to the tokenizer."""
        points = text.encode("utf-32-le", "surrogatepass")
        tokens = np.empty(2 * len(text), np.int64)
        n_tokens = kernels.cut_pieces(
            points, FOLDED, KINDS, self.ids, self.scores, self.slots, self.longest, FACTOR, tokens
        )
        return tokens[:n_tokens] if n_tokens >= 0 else None
