"""Sub-words for Polish and English in one vocabulary."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

UNKNOWN = "[UNK]"
WORD_START = "▁"
WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
# Words enter with the square root of their count: with plain counts the frequent words take the whole
# vocabulary and a rare one falls apart into letters (odpompowuje → od p o m p ow uje).
COUNT_POWER = 0.5
LONGEST_PIECE = 16
RARE_LETTER = 20
LETTER_SCORE = -6.0


def untrained_tokenizer() -> Tokenizer:
    """Folding and splitting, without a vocabulary yet: lower case, no diacritics, ł → l, digits apart."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Lowercase(), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Replace("ł", "l")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation(),
            pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.Metaspace(replacement=WORD_START),
        ]
    )
    return tokenizer


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Learn a Unigram vocabulary (Kudo 2018, "Subword Regularization").

    Args:
        texts: sentences of both languages.
        vocabulary: number of sub-words, give or take the single letters added at the end.
    """
    tokenizer = untrained_tokenizer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(WORD.findall(text.lower()))
    folded: Counter[str] = Counter()
    for word, count in counts.items():
        if fold := tokenizer.normalizer.normalize_str(word):
            folded[fold] += count
    trainer = trainers.UnigramTrainer(
        vocab_size=vocabulary,
        special_tokens=[UNKNOWN],
        unk_token=UNKNOWN,
        max_piece_length=LONGEST_PIECE,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_damped(folded), trainer)
    return _with_whole_letters(tokenizer, folded)


def _damped(counts: Counter[str]) -> Iterator[str]:
    for word, count in counts.items():
        yield " ".join([word] * math.ceil(count**COUNT_POWER))


def _with_whole_letters(tokenizer: Tokenizer, counts: Counter[str]) -> Tokenizer:
    """Let one-letter words and signs (*i*, *z*, *?*) be one sub-word; the trainer leaves them as two."""
    state = json.loads(tokenizer.to_str())
    scores = dict(state["model"]["vocab"])
    for word, count in sorted(counts.items()):
        if len(word) == 1 and count > RARE_LETTER:
            whole, two_pieces = WORD_START + word, scores[WORD_START] + scores.get(word, LETTER_SCORE)
            scores[whole] = max(scores.get(whole, LETTER_SCORE), LETTER_SCORE, two_pieces + 0.1)
    state["model"]["vocab"] = [[piece, score] for piece, score in scores.items()]
    return Tokenizer.from_str(json.dumps(state))
