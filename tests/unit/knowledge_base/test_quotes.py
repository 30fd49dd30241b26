"""Quotes and highlighted words against the same found by comparing every word with every other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge_base import kernels
from knowledge_base.answer import Quote, SearchFilters
from knowledge_base.build import index_passages
from knowledge_base.dense import unit_rows
from knowledge_base.hybrid import KnowledgeIndex, Query, read_query
from knowledge_base.hybrid.quote import PassageReader, Shown
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


SOME = (
    "İstanbul i ΟΔΟΣ: zwrot pieniędzy. Zwrot przyjmuje serwis w 14 dni.",  # in lower case not letter by letter
    "Zwro\u0301t pienie\u0328dzy przyjmuje serwis. Łódź i łodzi\u0328 są w paśmie.",  # with marks of their own
    "| Kod | Opis |\n|---|---|\n| E18 | pompa nie odpompowuje wody |",
    "zwrot",
    "",
    "\U0001f600 zwrot pieniędzy 日本 ²",
)


def passages_of(texts: Sequence[str]) -> list[Passage]:
    return [
        Passage(f"A@1#{n}", "A", "1", "Zwroty", ("Pompa", "Zwrot")[: n % 3], text, 7, 7 + len(text), language=language)
        for n, (text, language) in enumerate(product(texts, ("pl", "en", "de")))
    ]


def shown_of(texts: Sequence[str], questions: Sequence[str]) -> list[list[Shown]]:
    """What is shown of passages with these texts, those of each text read together."""
    passages = passages_of(texts)
    parts = index_passages(passages, HashingEncoder())
    unit = unit_rows(HashingEncoder().encode_queries(questions))
    of_one = len(passages) // len(texts)
    runs = [np.arange(first, first + of_one) for first in range(0, len(passages), of_one)]
    readers = [PassageReader(read_query(question), parts) for question in questions]
    return [
        [shown for run in runs for shown in reader.read([passages[n] for n in run], run, row)]
        for reader, row in zip(readers, unit, strict=True)
    ]


def test_texts_whose_letters_are_unusual_are_quoted_and_highlighted() -> None:
    passages = passages_of(SOME)
    [shown] = shown_of(SOME, ["zwroty pieniędzy i pralki"])
    for passage, one in zip(passages, shown, strict=True):
        asked = read_query("zwroty pieniędzy i pralki")
        every = words_of(f"{passage.heading}\n{passage.text}")
        assert one.terms == tuple(dict.fromkeys(word for word in every if meets(word, passage.language, asked)))
        assert passage.text[one.quote.start - 7 : one.quote.end - 7] == one.quote.text
    assert ("Zwroty", "zwrot") in {(one.terms[0], one.terms[-1]) for one in shown}


@pytest.mark.skipif(not kernels.COMPILED, reason="needs the compiled functions: pip install -e .")
@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(st.sampled_from("abEłóŁIİΣ1.!? \n|#-„”\u0328日\U0001f600")), min_size=1, max_size=4))
def test_without_a_compiler_the_same_is_quoted_and_highlighted(texts: list[str]) -> None:
    numbers = " ".join(f"słowo{number} inne{number}" for number in range(70))  # more than the bits of a machine word
    questions = [*QUERIES, "ab łó b1", f"{numbers} zwrot pieniędzy E18 ab"]
    texts = [*SOME, *texts, f"{numbers}. Zwrot pieniędzy E18. Inne 69 ab."]
    found = shown_of(texts, questions)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kernels, "COMPILED", False)
        assert shown_of(texts, questions) == found


@pytest.mark.skipif(not kernels.COMPILED, reason="needs the compiled functions: pip install -e .")
@given(st.text(st.sampled_from('aAłŁ.!?…artuspknjmiz \n\t\u2028|#:-*()"„”1\ud800')), st.integers(0, 5))
@example("Zgodnie z art. 27 ust. 1 Konsument może odstąpić. Termin to 14 dni.", 0)
@example("Naciśnij start. Potem „Stop.” (Koniec.) Dalej… Nic\n# Nagłówek dłuższy\n| a | b. Cde fghijk |", 0)
def test_the_compiled_function_cuts_texts_as_the_pattern_does(text: str, start: int) -> None:
    found = segment_spans(text, min(start, len(text)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kernels, "COMPILED", False)
        assert segment_spans(text, min(start, len(text))) == found


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
