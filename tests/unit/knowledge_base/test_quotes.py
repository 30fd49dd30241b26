"""Quotes and highlighted words against the same found by comparing every word with every other."""

from __future__ import annotations

import re

import numpy as np
import pytest

import knowledge_base.hybrid.word_places as word_places
from knowledge_base.answer import Quote, SearchFilters
from knowledge_base.dense import unit_rows
from knowledge_base.hybrid import KnowledgeIndex, Query, read_query
from knowledge_base.hybrid.sentences import segment_spans
from knowledge_base.passage import Passage
from knowledge_base.tokenise import codes, key_ids
from tests.fakes.hashing_encoder import HashingEncoder

QUERIES = (
    "ile dni na zwrot pieniędzy po odstąpieniu",
    "pralka E18 nie odpompowuje",
    "coffee machine leaks water",
    "how long do we have to refund",
    "termin odpowiedzi na reklamację 14 dni",
    "gwarancja",
)


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def meets(word: str, language: str, query: Query) -> set[int]:
    [own] = key_ids([word.lower()], "pl" if language == "pl" else "en")
    keys = set(own)
    return {number for number, wanted in enumerate(query.keys) if keys & wanted}


def best_quote(passage: Passage, query: Query, cosines: list[float]) -> Quote:
    heading = passage.section[-1] if passage.section else ""
    said = set().union(*(meets(word, passage.language, query) for word in words_of(heading)))
    asked = set(range(len(query.keys))) - said
    asked_codes = set(query.codes) - set(codes(heading))
    spans = segment_spans(passage.text, passage.prefix) or [(passage.prefix, len(passage.text))]
    scores = []
    for (start, end), cosine in zip(spans, cosines, strict=True):
        sentence = passage.text[start:end]
        met = set().union(*(meets(word, passage.language, query) for word in words_of(sentence))) & asked
        points = len(met) + 2 * len(asked_codes & set(codes(sentence)))
        scores.append(points / max(len(asked) + 2 * len(asked_codes), 1) + 0.5 * cosine)
    start, end = spans[scores.index(max(scores)) if asked or asked_codes else 0]
    shift = passage.start - passage.prefix
    return Quote(passage.text[start:end], start + shift, end + shift)


@pytest.mark.parametrize("query", QUERIES)
def test_quotes_and_terms_are_those_of_comparing_every_word(index: KnowledgeIndex, query: str) -> None:
    asked = read_query(query)
    numbers = {passage.id: number for number, passage in enumerate(index.parts.passages)}
    vector = unit_rows(HashingEncoder().encode_queries([query]))[0]
    hits = index.search(query, SearchFilters(outdated=True), limit=30)
    assert hits
    for hit in hits:
        passage = hit.passage
        cosines = index.parts.segments.sentences(vector, np.array([numbers[passage.id]]))[0]
        assert hit.quote == best_quote(passage, asked, cosines)
        written = dict.fromkeys(words_of(f"{passage.heading}\n{passage.text}"))
        assert hit.terms == tuple(word for word in written if meets(word, passage.language, asked))


def test_words_read_before_and_words_begun_anew_give_the_same(
    index: KnowledgeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [index.search(query, limit=20) for query in QUERIES]
    assert [index.search(query, limit=20) for query in QUERIES] == first
    monkeypatch.setattr(word_places, "_MOST_WORDS", 0)  # forgets between any two queries
    assert [index.search(query, limit=20) for query in QUERIES] == first


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "Zgodnie z art. 27 ust. 1 Konsument może odstąpić. Termin to 14 dni.",
            ["Zgodnie z art. 27 ust. 1 Konsument może odstąpić.", "Termin to 14 dni."],
        ),
        ("Czy działa dobrze? (Tak, działa.) „Nie” zawsze… Wtedy serwis.", ["Czy działa dobrze?", "(Tak, działa.)"]),
        ("# Nagłówek\n| Kod | Opis usterki. Inne |\n|---|---|\nKrótkie", ["| Kod | Opis usterki. Inne |"]),
        ("  Patrz np. Regulamin sklepu, pkt. Pierwszy.  ", ["Patrz np. Regulamin sklepu, pkt. Pierwszy."]),
        ("", []),
    ],
)
def test_sentences_end_before_capitals_but_not_after_abbreviations(text: str, sentences: list[str]) -> None:
    found = [text[start:end] for start, end in segment_spans(text)]
    assert found[: len(sentences)] == sentences
    assert all(sentence == sentence.strip() and len(sentence) >= 12 for sentence in found)


def test_what_stands_before_the_offset_is_in_no_sentence() -> None:
    text = "| Kod | Opis |\n| E18 | Pompa nie działa |"
    assert segment_spans(text, 15) == [(15, len(text))]
