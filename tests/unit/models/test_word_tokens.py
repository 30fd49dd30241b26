"""Sub-words of a text, word by word, against its tokenizer on the whole text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from triage.adapters.models import word_tokens
from triage.adapters.models.static_encoder import SHIPPED, TOKENIZER
from triage.adapters.models.word_tokens import WordTokens

SHIPPED_TOKENIZER = Tokenizer.from_file(str(SHIPPED / TOKENIZER))
WORDS = WordTokens(SHIPPED_TOKENIZER)


def of(words: WordTokens, texts: list[str]) -> list[list[int]]:
    ids, ends = words.of(texts)
    return [part.tolist() for part in np.split(ids, ends)[:-1]]


def at_once(text: str) -> list[int]:
    ids: list[int] = SHIPPED_TOKENIZER.encode(text, add_special_tokens=False).ids
    return ids


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
@example(
    ["Łódź nie   odpompowuje\twody: E-18, art. 27a\n", "", "a\u00a0b x\x1cy \u00a8 \u0301x [UNK]a[UNK]", "㎅ Ⅻ Σς İ ﬁ"]
)
def test_the_sub_words_of_a_text_are_those_of_its_words(texts: list[str]) -> None:
    assert of(WORDS, texts) == [at_once(text) for text in texts]


def test_words_that_were_forgotten_are_split_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_tokens, "MOST_WORDS", 2)
    monkeypatch.setattr(word_tokens, "_WORDS_AT_ONCE", 2)
    words = WordTokens(SHIPPED_TOKENIZER)
    texts = ["pralka nie pierze wcale", "the washer does not wash", "pralka nie wash"]
    for _ in range(2):
        assert of(words, texts) == [at_once(text) for text in texts]
        assert [of(words, [text])[0] for text in texts] == [at_once(text) for text in texts]
