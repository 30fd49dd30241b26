"""Make ``knowledge_base/tokenise/translations.txt``: which Polish stems an English one is translated by.

    python -m training.learn_translations --pairs en_pl_pairs.jsonl.gz

Stems of the sentence pairs of split "train" are aligned by IBM model 1 in both directions. Two stems are translations
of each other when the geometric mean of both probabilities reaches ``LEAST`` and each is among the likeliest of the
other. A line of the file holds an English stem and its Polish ones.

Source: Brown et al. 1993, "The Mathematics of Statistical Machine Translation: Parameter Estimation".
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.tokenise import split_words, word_keys
from training.embedding_data import SentencePair, read_rows, sha256_of, split_pairs

OUT = Path(__file__).parent.parent / "knowledge_base" / "tokenise" / "translations.txt"
ROUNDS = 6
LEAST = 0.15
LIKELIEST = 4
# Expected pairs of sentences in which the two stems translate each other.
LEAST_PAIRS = 2.0
# Longer sentences align too much with too much.
MOST_CHARS = 200
HEADER = """\
# English stems and the Polish ones they are translated by.
# Made by training/learn_translations.py of {pairs} sentence pairs; sources and licences: model card of
# triage/adapters/models/shipped/encoder-pl-en. SHA-256 of en_pl_pairs.jsonl.gz:
# {digest}
"""

Numbers = NDArray[np.int64]
Chances = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Side:
    """One language of the sentence pairs.

    Attributes:
        stems: distinct ones; a number below is an index into it.
        sentences: numbers of the stems of each sentence, each once.
    """

    stems: tuple[str, ...]
    sentences: tuple[Numbers, ...]

    @classmethod
    def of(cls, sentences: Sequence[str], language: str) -> Self:
        """Stems of sentences; words with a digit are left out."""
        numbers: dict[str, int] = {}
        rows = []
        for sentence in sentences:
            words = filter(str.isalpha, split_words(sentence))
            stems = dict.fromkeys(stem for word in words for stem in word_keys(word, language)[-1:])
            rows.append(np.array([numbers.setdefault(stem, len(numbers)) for stem in stems], np.int64))
        return cls(tuple(numbers), tuple(rows))


def aligned(of: Numbers, places: Numbers, pairs: Numbers, n_pairs: int) -> tuple[Chances, Chances]:
    """P(translation | stem) and expected number of translations by IBM model 1 for each pair of stems.

    Args:
        of: the stem that is given, for each pair, shape (n_pairs,).
        places: the place in a sentence of the other language that each cell explains, shape (n_cells,).
        pairs: the pair of stems in each cell, shape (n_cells,).
        n_pairs: how many there are.
    """
    chances: Chances = np.ones(n_pairs)
    counts = chances
    for _ in range(ROUNDS):
        of_cells = chances[pairs]
        shares = of_cells / np.bincount(places, of_cells)[places]
        counts = np.bincount(pairs, shares, n_pairs).astype(float)
        chances = counts / np.bincount(of, counts)[of]
    return chances, counts


def translations(english: Side, polish: Side) -> dict[str, list[str]]:
    """English stem to its Polish ones, the likeliest first."""
    sizes = [(len(en), len(pl)) for en, pl in zip(english.sentences, polish.sentences, strict=True)]
    en_places, pl_places = (np.cumsum([0, *(size[side] for size in sizes)]) for side in (0, 1))
    cells = np.concatenate(
        [
            np.repeat(en, len(pl)) * len(polish.stems) + np.tile(pl, len(en))
            for en, pl in zip(english.sentences, polish.sentences, strict=True)
        ]
    )
    explained_polish = np.concatenate(
        [np.tile(np.arange(n_pl), n_en) + first for (n_en, n_pl), first in zip(sizes, pl_places, strict=False)]
    )
    explained_english = np.concatenate(
        [np.repeat(np.arange(n_en), n_pl) + first for (n_en, n_pl), first in zip(sizes, en_places, strict=False)]
    )
    keys, pairs = np.unique(cells, return_inverse=True)
    of_english, of_polish = keys // len(polish.stems), keys % len(polish.stems)
    to_polish, there = aligned(of_english, explained_polish, pairs, len(keys))
    to_english, back = aligned(of_polish, explained_english, pairs, len(keys))
    likely = np.sqrt(to_polish * to_english)
    kept = np.flatnonzero((likely >= LEAST) & (np.minimum(there, back) >= LEAST_PAIRS))
    kept = kept[np.argsort(-likely[kept], kind="stable")]
    kept = kept[_first_few(of_english[kept]) & _first_few(of_polish[kept])]
    found: dict[str, list[str]] = {}
    for english_stem, polish_stem in zip(of_english[kept].tolist(), of_polish[kept].tolist(), strict=True):
        if english.stems[english_stem] != polish.stems[polish_stem]:
            found.setdefault(english.stems[english_stem], []).append(polish.stems[polish_stem])
    return found


def _first_few(numbers: Numbers) -> NDArray[np.bool_]:
    """Which places hold a number for the first ``LIKELIEST`` times."""
    order = np.argsort(numbers, kind="stable")
    _, firsts, counts = np.unique(numbers[order], return_index=True, return_counts=True)
    ranks = np.empty(len(numbers), np.int64)
    ranks[order] = np.arange(len(numbers)) - np.repeat(firsts, counts)
    return ranks < LIKELIEST


def short(pairs: Sequence[SentencePair]) -> list[SentencePair]:
    """Pairs of sentences that align well."""
    return [pair for pair in pairs if max(len(pair.english), len(pair.polish)) < MOST_CHARS]


def main() -> None:
    """Align and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    arguments = parser.parse_args()
    pairs = short(split_pairs(read_rows(arguments.pairs)).train)
    found = translations(
        Side.of([pair.english for pair in pairs], "en"), Side.of([pair.polish for pair in pairs], "pl")
    )
    header = HEADER.format(pairs=len(pairs), digest=sha256_of(arguments.pairs))
    lines = [f"{english} {' '.join(polish)}" for english, polish in sorted(found.items())]
    OUT.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(pairs)} pairs, {len(found)} English stems, {sum(map(len, found.values()))} translations")


if __name__ == "__main__":
    main()
