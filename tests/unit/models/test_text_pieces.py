"""Pieces of many texts, cut in arrays, against a regular expression on each."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from triage.adapters.models.text_pieces import MARKS, pieces_of

FOLDED = str.maketrans("ąćęłńóśźż", "acelnoszz")
# Characters that fold, marks, space of several kinds; „é” and „…” are folded by the tokenizer only.
ALPHABET = "aAłŁżb1 2-.,„”\n\u00a0é…"


def cut(texts: list[str]) -> list[list[str]]:
    pieces = pieces_of(texts)
    begins = [0, *pieces.ends.tolist()[:-1]]
    numbers = pieces.numbers.tolist()
    spelt = zip(begins, pieces.ends.tolist(), strict=True)
    distinct = pieces.spelt(np.arange(len(pieces.hashes)))
    assert len(set(distinct)) == len(distinct)
    return [[distinct[number] for number in numbers[begin:end]] for begin, end in spelt]


def by_expression(text: str) -> list[str]:
    found: list[str] = []
    for word in re.findall(r"[^ \n\u00a0]+", text):
        if re.search("[é…]", word):
            found.append(word)
        else:
            found += re.findall(r"[a-z]+|[0-9]+|[^a-z0-9]", word.lower().translate(FOLDED))
    return found


@given(st.lists(st.text(ALPHABET), min_size=1, max_size=5))
def test_pieces_are_runs_of_letters_runs_of_digits_and_single_marks(texts: list[str]) -> None:
    assert cut(texts) == [by_expression(text) for text in texts]


def test_every_mark_is_a_piece_of_its_own() -> None:
    assert cut([f"a{MARKS}b"]) == [["a", *MARKS, "b"]]


def test_texts_of_many_thousand_words_are_told_apart() -> None:
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676 % 26)} {n}" for n in range(30_000)]
    text = " ".join(words)
    assert cut([text, "", text]) == [text.split(), [], text.split()]
