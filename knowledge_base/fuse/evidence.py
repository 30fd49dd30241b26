"""What speaks for a passage, on scales that mean the same for every query.

BM25 is divided by what a passage with all the query's words would score, not by the best score found: a query whose
words occur nowhere together keeps low lexical evidence, so the cosines decide it. That is how the weights follow the
query. The share of the best score found is kept beside it for the order alone.

Whether a passage answers at all is another question than which comes first: it is judged by what means the same for
every query, with the share of the query's words that the passage holds and the number of those words, by how far the
first passage stands out, and by whether the passage lacks what the query demands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray

#: Columns of the evidence matrix.
EVIDENCE: Final = ("words", "grams", "words_share", "grams_share", "cosine", "code", "name", "sentence", "related")
#: Columns of the answer matrix; ``nearest`` is the highest of the three cosines.
ANSWER: Final = ("grams", "nearest", "sentence", "code", "coverage", "length", "other", "lead", "missing")
_COSINES: Final = [EVIDENCE.index(name) for name in ("cosine", "name", "sentence")]
# Beyond so many words, one more says nothing about whether there is an answer: in a letter most are of the story.
_MANY_WORDS: Final = 10
# Questions of fewer words are too rare among those the weights are fitted on.
_FEW_WORDS: Final = 4
# The first passage's score stands out against that of the passage at this place …
_FIELD: Final = 4
# … and by no more than this: beyond, it is told by everything else.
_GREATEST_LEAD: Final = 10.0


class Lexical(NamedTuple):
    """BM25 of the candidates of one query.

    Attributes:
        words: over word keys, shape (n,).
        related: the same where words that mean nearly the same count too, shape (n,).
        grams: over 4-grams, shape (n,).
        words_possible: what a passage with all the query's words would score.
        related_possible: the same with words that mean nearly the same.
        grams_possible: the same for 4-grams.
    """

    words: FloatArray
    related: FloatArray
    grams: FloatArray
    words_possible: float
    related_possible: float
    grams_possible: float


class Semantic(NamedTuple):
    """Cosines of one query with its candidates, each of shape (n,), in [-1, 1].

    Attributes:
        whole: with the whole passage.
        name: with the nearest of its heading and other words for it.
        sentence: with its nearest sentence.
    """

    whole: FloatArray
    name: FloatArray
    sentence: FloatArray

    def above(self, background: FloatArray) -> Semantic:
        """The cosines as shares of the way from that of unrelated texts to 1, so that they mean the same for all.

        Args:
            background: cosine of unrelated texts for each candidate, shape (n,), < 1.
        """
        return Semantic(*(_above(each, background) for each in self))


def evidence_matrix(lexical: Lexical, semantic: Semantic, code_shares: FloatArray) -> NDArray[np.float32]:
    """Evidence for the candidates of one query.

    Args:
        lexical: BM25 of the candidates.
        semantic: their cosines.
        code_shares: share of the query's codes in each, shape (n,).

    Returns:
        float32 of shape (n, 9), columns as in ``EVIDENCE``; all but the cosines in [0, 1].
    """
    found = np.empty((len(EVIDENCE), len(lexical.words)), np.float32)
    _ratio(lexical.words, lexical.words_possible, found[0])
    _ratio(lexical.grams, lexical.grams_possible, found[1])
    _ratio(lexical.words, float(lexical.words.max(initial=0.0)), found[2])
    _ratio(lexical.grams, float(lexical.grams.max(initial=0.0)), found[3])
    for column, values in enumerate((semantic.whole, code_shares, semantic.name, semantic.sentence), 4):
        found[column] = values
    _ratio(lexical.related, lexical.related_possible, found[8])
    np.minimum(found[8], 1, out=found[8])  # neighbours may be rarer than the word
    return found.T  # (n, 9)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one query its candidates hold, and whether they can.

    Attributes:
        codes: share of the query's codes that are no models, shape (n,), in [0, 1].
        words: share of its words in each passage, the rarer the heavier, shape (n,), in [0, 1].
        n_words: how many words of the query say something.
        other: which passages are in another language than the query, and share fewer words with it, shape (n,).
        lead: how far the first passage stands out, in [0, 1].
        missing: which passages lack something that the query demands, shape (n,).
    """

    codes: FloatArray
    words: FloatArray
    n_words: int
    other: NDArray[np.bool_]
    lead: float
    missing: NDArray[np.bool_]

    @property
    def length(self) -> float:
        """The number of words as evidence, in [0, 1]."""
        return min(max(self.n_words, _FEW_WORDS), _MANY_WORDS) / _MANY_WORDS


def lead_of(scores: FloatArray) -> float:
    """How far the first of all candidates stands out by its ranking score, in [0, 1]; 0 for one alone.

    Args:
        scores: falling, shape (n,).
    """
    if len(scores) < 2:
        return 0.0
    return min(float(scores[0] - scores[min(_FIELD, len(scores)) - 1]), _GREATEST_LEAD) / _GREATEST_LEAD


def answer_matrix(evidence: NDArray[np.float32], coverage: Coverage) -> NDArray[np.float32]:
    """What tells whether passages answer a query.

    Args:
        evidence: shape (n, 9), columns as in ``EVIDENCE``.
        coverage: of the same passages.

    Returns:
        float32 of shape (n, 9), columns as in ``ANSWER``.
    """
    grams, sentence = EVIDENCE.index("grams"), EVIDENCE.index("sentence")
    columns = (
        evidence[:, grams],
        # A document without headings must not lose by that it has no name to be near.
        evidence[:, _COSINES].max(axis=1),
        evidence[:, sentence],
        coverage.codes,
        coverage.words,
        coverage.length,
        coverage.other,
        coverage.lead,
        coverage.missing,
    )
    answers = np.empty((len(ANSWER), len(evidence)), np.float32)
    for row, values in zip(answers, columns, strict=True):
        row[:] = values
    return answers.T  # (n, 9)


def _above(cosines: FloatArray, background: FloatArray) -> FloatArray:
    scaled = np.asarray((cosines - background) / (1 - background), np.float32)
    return np.maximum(scaled, np.float32(-1), out=scaled)


def _ratio(scores: FloatArray, whole: float, into: FloatArray) -> None:
    if whole > 0:
        np.divide(scores, np.float32(whole), out=into)
    else:
        into[:] = 0
