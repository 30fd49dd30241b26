"""Which passages have a word for which things in their texts and the headings above them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.hybrid.word_forms import AskedKeys, WordForms, is_flipped
from knowledge_base.hybrid.word_places import lowered_by_characters, word_places
from knowledge_base.passage import Passage
from knowledge_base.tokenise.runs import INVERSE
from knowledge_base.tokenise.term_ids import flat_points


def held_by(passages: Sequence[Passage], forms: WordForms, asked: AskedKeys) -> NDArray[np.bool_]:
    """Whether passages have a word with a key of each of some groups: bool of shape (n_passages, asked.n_groups).

    Args:
        forms: of the index that has the passages.
    """
    held = np.zeros((len(passages), asked.n_groups), bool)
    texts = ["\n".join((passage.title, *passage.section, passage.text)) for passage in passages]
    if kernels.COMPILED and all(map(lowered_by_characters, texts)):
        flipped = bytes([is_flipped(passage.language) for passage in passages])
        points, lengths = flat_points(texts)
        kernels.hold(points, lengths, flipped, asked.keys, asked.numbers, asked.n_groups, *forms.arrays, INVERSE, held)
        return held
    met_by = forms.met(asked)
    for row, passage in zip(held, passages, strict=True):
        for bits in {met_by.get(word.hash, 0) for word in word_places(passage).words}:
            row |= [bool(bits >> number & 1) for number in range(asked.n_groups)]
    return held
