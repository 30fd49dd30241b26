"""Sub-words of a text, word by word, against its tokenizer on the whole text."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from triage.adapters.models import piece_tokens, word_tokens
from triage.adapters.models.static_encoder import SHIPPED, TOKENIZER
from triage.adapters.models.text_pieces import TextPieces, pieces_of
from triage.adapters.models.unigram import Unigram
from triage.adapters.models.word_tokens import WordTokens

SHIPPED_TOKENIZER = Tokenizer.from_file(str(SHIPPED / TOKENIZER))
WORDS = WordTokens(SHIPPED_TOKENIZER)

COMMON_TEXT = "Pralka nie pierze Łódź the washer does not wash odpompowuje"


def of(words: WordTokens, texts: list[str]) -> list[list[int]]:
    ids, ends = words.of(texts)
    return [part.tolist() for part in np.split(ids, ends)[:-1]]


def at_once(text: str) -> list[int]:
    ids: list[int] = SHIPPED_TOKENIZER.encode(text, add_special_tokens=False).ids
    return ids


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4)
ODD = [
    "Łódź nie   odpompowuje\twody: E-18, art. 27a\n",
    "",
    "a\u00a0b x\x1cy \u00a8 \u0301x [UNK]a[UNK]",
    "㎅ Ⅻ Σς İ ﬁ",
]


@given(TEXTS)
@example(ODD)
def test_the_sub_words_of_a_text_are_those_of_its_words(texts: list[str]) -> None:
    assert of(WORDS, texts) == [at_once(text) for text in texts]


@given(TEXTS)
@example([ODD[0], "", "„Zażółć”–12°C… caf\u00e9 x\u00a0y", "㎅ Ⅻ Σς İ ﬁ", "", "łódź"])
@example([" ", ""])
@example(["a" * 3000 + "1" * 50, "\u2028 \U0001f600x \U0001f600x"])
def test_many_texts_have_the_sub_words_of_each(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_tokens, "MANY_CHARACTERS", 0)
        assert of(WORDS, texts) == [at_once(text) for text in texts]


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example(ODD[0])
@example(ODD[2])
@example("„Zażółć”–12°C… café x\u00a0y rybonukleotydów Szczyrze 1990")
@example("a" * 3000 + "1" * 50)
@example("")
def test_one_text_has_the_sub_words_that_its_tokenizer_gives_it(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_tokens, "FEW_TEXTS", 0)
        assert WORDS.of_text(text).tolist() == at_once(text)


def test_pieces_of_common_words_are_split_as_the_tokenizer_split_them() -> None:
    unigram = Unigram.of(SHIPPED_TOKENIZER)
    if unigram is None:
        pytest.skip("needs the compiled functions: pip install -e .")
    words = sorted({word for word in stems_text().split() if word.isalpha()})[::20]
    assert len(words) > 500
    for word in words:
        found = unigram.split(word)
        assert found is not None
        assert found.tolist() == at_once(word)


def stems_text() -> str:
    return files("knowledge_base.tokenise").joinpath("word_counts.txt").read_text("utf-8")


@given(st.lists(st.text("abcdez019ł!-„", min_size=1, max_size=20), min_size=1))
def test_many_new_pieces_have_the_sub_words_of_each(words: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_tokens, "MANY_PIECES", 1)
        fresh = WordTokens(SHIPPED_TOKENIZER)
        assert of(fresh, words) == [at_once(word) for word in words]


def test_texts_are_cut_in_arrays_where_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[int] = []

    def watched(texts: list[str]) -> TextPieces:
        cut.append(len(texts))
        return pieces_of(texts)

    monkeypatch.setattr(word_tokens, "pieces_of", watched)
    texts = ["Pralka nie odpompowuje wody: E-18."] * 600
    assert of(WordTokens(SHIPPED_TOKENIZER), texts) == [at_once(texts[0])] * 600
    assert of(WORDS, [*texts, "[UNK]"])[-1] == at_once("[UNK]")  # a token of the tokenizer's own is no piece
    assert of(WORDS, texts[:3]) == [at_once(texts[0])] * 3
    assert cut == [600]


def test_common_pieces_of_the_shipped_tokenizer_are_known_and_those_of_another_are_not() -> None:
    path = SHIPPED / TOKENIZER
    common = piece_tokens.common_pieces(hashlib.sha256(path.read_bytes()).hexdigest())
    pieces = pieces_of([COMMON_TEXT])
    places = common.places(pieces.hashes)
    assert (places >= 0).all()
    spelt = pieces.spelt(np.arange(len(places)))
    assert piece_tokens.of_each(common.take(places)) == [tuple(at_once(piece)) for piece in spelt]
    assert not len(piece_tokens.common_pieces("of another"))


def test_texts_have_the_same_sub_words_with_common_pieces_and_without() -> None:
    texts = [f"{COMMON_TEXT}, {word} E-18 łódź…" for word in ("zmywarkosuszarka", "Ęą", "x1y")] * 300
    shipped = WordTokens(SHIPPED_TOKENIZER, hashlib.sha256((SHIPPED / TOKENIZER).read_bytes()).hexdigest())
    assert of(shipped, texts) == of(WordTokens(SHIPPED_TOKENIZER), texts) == [at_once(text) for text in texts]


@pytest.mark.parametrize("many", [0, word_tokens.MANY_CHARACTERS])
def test_words_that_were_forgotten_are_split_again(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(word_tokens, "MANY_CHARACTERS", many)
    monkeypatch.setattr(word_tokens, "MOST_WORDS", 2)
    monkeypatch.setattr(word_tokens, "MOST_PIECES", 2)
    monkeypatch.setattr(piece_tokens, "_WORDS_AT_ONCE", 2)
    words = WordTokens(SHIPPED_TOKENIZER)
    texts = ["pralka nie pierze wcale", "the washer does not wash", "pralka nie wash"]
    for _ in range(2):
        assert of(words, texts) == [at_once(text) for text in texts]
        assert [of(words, [text])[0] for text in texts] == [at_once(text) for text in texts]
