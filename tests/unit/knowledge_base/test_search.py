"""Search over the sample company's own documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.answer import ScoredPassage, SearchFilters
from knowledge_base.build import index_passages
from knowledge_base.errors import InvalidSearch
from knowledge_base.hybrid import KnowledgeIndex, PassageVectors, assemble, read_query, search_pieces
from knowledge_base.load import load_document
from knowledge_base.passage import Audience, Background, Passage
from knowledge_base.sparse import LexicalIndex
from tests.fakes.hashing_encoder import HashingEncoder


def documents_found(index: KnowledgeIndex, query: str, limit: int = 3) -> list[str]:
    return [hit.passage.document_id for hit in index.search(query, limit=limit)]


@pytest.mark.parametrize("spelling", ["E18", "e-18", "błąd E 18", "blad e18 pralka", "kod E018"])
def test_a_code_is_found_in_every_spelling(index: KnowledgeIndex, spelling: str) -> None:
    best = index.search(spelling, limit=1)[0]
    assert "E18" in best.passage.codes
    assert best.why.codes == ("E18",)
    assert best.why.reasons[0] == "code"


def test_a_section_about_a_code_comes_before_one_that_mentions_it(index: KnowledgeIndex) -> None:
    for code in ("E18", "W-101", "błąd B09"):
        best = index.search(code, limit=1)[0].passage
        own = best.text[best.prefix :].split("|")[1] if best.prefix else best.section[-1]
        assert code.removeprefix("błąd ") in own


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("pralka wywala e18 i nie odpompowuje wody", "M03"),
        ("ile dni na odpowiedz na reklamacje", "P01"),
        ("bateria roweru dymi", "M07"),
        ("ekspres nie mieli kawy", "M01"),
        ("W-101", "M06"),
        ("odkamienanie ekspresu krok po kroku", "M02"),
    ],
)
def test_a_plain_question_finds_its_document_with_typos_and_without_diacritics(
    index: KnowledgeIndex, query: str, document: str
) -> None:
    assert document in documents_found(index, query)


@pytest.mark.parametrize(("typed", "meant"), [("zwort pieniedzy", "zwrot pieniedzy"), ("gwarnacja", "gwarancja")])
def test_swapped_letters_are_swapped_back_where_nothing_was_found(
    index: KnowledgeIndex, typed: str, meant: str
) -> None:
    found = [hit.passage.id for hit in index.search(meant)]
    assert found
    assert [hit.passage.id for hit in index.search(typed)] == found


def test_only_words_that_no_passage_has_are_mended_and_only_into_those_it_spells() -> None:
    lexical = LexicalIndex.build(["zwrot pieniędzy, rower", "aparaty", "refund"], ["pl", "pl", "en"])
    assert lexical.mended("Zwort za rower, refnud?") == "zwrot za rower, refund?"
    for right in ("zwrot", "aparat", "w Tatrach", "kot", "E-18 AB12", "klimatyzacja"):
        assert lexical.mended(right) == right


def test_other_words_of_a_section_are_indexed_by_their_own_language() -> None:
    passage = Passage("A@1#0", "A", "1", "Zwroty", (), "Termin zwrotu.", 0, 14, asked_as=("when do refunds arrive",))
    [pieces] = search_pieces([passage])
    assert [language for _, language in pieces] == ["pl", "en"]
    lexical = LexicalIndex.of_pieces([pieces, [("zamek drzwi", "pl")]])
    assert lexical.scores("refund").words[0] > 0  # „refunds” has another Polish stem than „refund”


def test_quotes_stand_word_for_word_in_the_source_file(index: KnowledgeIndex, documents: Path) -> None:
    for query in ("zwrot pieniędzy po odstąpieniu", "E18", "leaking coffee machine", "szkoda w transporcie", "hasło"):
        hits = index.search(query, SearchFilters(outdated=True), limit=20)
        assert hits
        for hit in hits:
            text = load_document(documents / hit.passage.source).text
            assert text[hit.quote.start : hit.quote.end] == hit.quote.text
            assert hit.passage.start <= hit.quote.start < hit.quote.end <= hit.passage.end
            assert hit.quote.text.strip()


def test_highlighted_terms_stand_in_the_passage_and_meet_the_query(index: KnowledgeIndex) -> None:
    hit = index.search("reklamację zgłosić", limit=1)[0]
    assert hit.terms
    assert all(term in f"{hit.passage.heading}\n{hit.passage.text}" for term in hit.terms)
    assert any(term.lower().startswith(("reklam", "zgł")) for term in hit.terms)


def test_results_come_with_falling_relevance_between_zero_and_one(index: KnowledgeIndex) -> None:
    shown = [hit.relevance for hit in index.search("zwrot towaru 14 dni", limit=50)]
    assert shown == sorted(shown, reverse=True)
    assert all(0 <= relevance <= 1 for relevance in shown)


def test_cosine_and_bm25_of_a_result_are_those_of_its_rankers(index: KnowledgeIndex) -> None:
    query = "awaria pompy pralki"
    ranking = index.rank(read_query(query))
    lexical = index.parts.lexical.scores(read_query(query).lexical)
    for hit, number in zip(index.search(query), ranking.ids, strict=False):
        assert hit.bm25 == pytest.approx(float(lexical.words[number]))
        assert hit.passage.id == index.parts.passages[int(number)].id
        assert -1 <= hit.cosine <= 1


class Crowded:
    """An encoder that draws all texts to one direction: cosines are ``near + (1 - near) · c`` of another's."""

    def __init__(self, near: float) -> None:
        self._within, self.near = HashingEncoder(), near
        self.name, self.dim = f"crowded-{near}", self._within.dim + 1
        self.background = Background(near, near, near)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        own = self._within.encode(texts)
        known = np.abs(own).sum(axis=1, keepdims=True) > 0
        return np.hstack([known * self.near**0.5, own * (1 - self.near) ** 0.5]).astype(np.float32)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self.encode(texts)


def test_an_encoder_that_holds_all_texts_near_answers_and_withholds_as_one_that_does_not(index: KnowledgeIndex) -> None:
    passages = index.parts.passages[:150]
    plain, crowded = (
        KnowledgeIndex(index_passages(passages, each), each, today=lambda: date(2026, 11, 22))
        for each in (Crowded(0.0), Crowded(0.8))
    )
    answered = 0
    for query in ("awaria pompy pralki", "zwrot towaru 14 dni", "jak ugotować makaron?", "how long is the warranty?"):
        wanted, found = plain.search(query), crowded.search(query)
        answered += bool(wanted)
        assert [hit.passage.id for hit in found] == [hit.passage.id for hit in wanted]
        for one, other in zip(found, wanted, strict=True):
            assert one.relevance == pytest.approx(other.relevance, abs=0.02)
            assert one.cosine == pytest.approx(0.8 + 0.2 * other.cosine, abs=1e-5)
            assert one.why.semantic == pytest.approx(other.why.semantic, abs=0.02)
    assert 0 < answered < 4


def every_hit(index: KnowledgeIndex, filters: SearchFilters) -> list[ScoredPassage]:
    queries = (
        "reklamacja",
        "termin odpowiedzi 30 dni",
        "platforma ODR",
        "szkoda protokół kuriera",
        "limit decyzji",
        "E18",
    )
    return [hit for query in queries for hit in index.search(query, filters, limit=200)]


def test_internal_passages_never_reach_a_customer(index: KnowledgeIndex) -> None:
    hits = every_hit(index, SearchFilters(audience=Audience.CUSTOMER))
    assert hits
    assert {hit.passage.audience for hit in hits} == {Audience.CUSTOMER}
    assert {hit.passage.audience for hit in every_hit(index, SearchFilters())} == set(Audience)


def test_outdated_documents_are_hidden_unless_asked_for(index: KnowledgeIndex) -> None:
    outdated = {("P01", "2.0"), ("P06", "1.2"), ("P12", "1.4")}

    def keys(filters: SearchFilters) -> set[tuple[str, str]]:
        return {(hit.passage.document_id, hit.passage.document_version) for hit in every_hit(index, filters)}

    assert not outdated & keys(SearchFilters())
    assert outdated <= keys(SearchFilters(outdated=True))
    assert ("P01", "2.0") in keys(SearchFilters(valid_on=date(2021, 5, 1)))
    assert ("P01", "3.1") not in keys(SearchFilters(valid_on=date(2021, 5, 1)))


def test_filters_by_language_type_and_product_hold(index: KnowledgeIndex) -> None:
    assert {hit.passage.language for hit in every_hit(index, SearchFilters(languages=("en",)))} == {"en"}
    assert {hit.passage.doc_type for hit in every_hit(index, SearchFilters(document_types=("manual",)))} == {"manual"}
    products = {hit.passage.product for hit in every_hit(index, SearchFilters(products=("aquaspin",)))}
    assert "aquaspin" in products
    assert products <= {"aquaspin", None}


@pytest.mark.parametrize("query", ["", "   ", "\u200b\x00"])
def test_an_empty_query_is_refused(index: KnowledgeIndex, query: str) -> None:
    with pytest.raises(InvalidSearch, match="empty"):
        index.search(query)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_range_is_refused(index: KnowledgeIndex, limit: int) -> None:
    with pytest.raises(InvalidSearch, match="limit"):
        index.search("zwrot", limit=limit)


def test_a_string_where_a_tuple_is_meant_is_refused() -> None:
    with pytest.raises(InvalidSearch, match="products"):
        SearchFilters(products="aquaspin")  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["qqqq zzzz xxxx", "?!…", "'; DROP TABLE passages; --", "🤷" * 50, "a" * 10_000])
def test_queries_that_mean_nothing_do_no_harm(index: KnowledgeIndex, query: str) -> None:
    assert len(index.search(query, limit=1000)) <= len(index)


def test_asking_for_more_than_there_is_gives_each_passage_once(index: KnowledgeIndex) -> None:
    ranking = index.rank(read_query("pralka"), SearchFilters(outdated=True), 1000)
    assert len(np.unique(ranking.ids)) == len(ranking.ids) <= len(index)
    assert (ranking.ids >= 0).all()


def test_other_words_find_a_section_that_does_not_use_them_and_are_never_quoted(index: KnowledgeIndex) -> None:
    hit = index.search("akwizytor, domokrążca", limit=1)[0]
    assert (hit.passage.document_id, hit.passage.section) == ("P02", ("Kto może zwrócić towar bez podania przyczyny",))
    assert "akwizytor" not in f"{hit.passage.text} {hit.quote.text} {hit.terms}"
    assert hit.why.semantic > hit.cosine  # the other words are nearer than the passage as a whole


def test_what_may_be_found_follows_the_day_and_the_filters() -> None:
    texts = {"A": "Pompa odpływu stoi.", "B": "Pompa odpływu huczy."}
    passages = [
        Passage(name, name, "1", "Pompa", (), text, 0, len(text), audience=Audience.CUSTOMER)
        for name, text in texts.items()
    ]
    passages[1] = replace(passages[1], valid_from=date(2026, 11, 23), audience=Audience.INTERNAL)
    today = date(2026, 11, 22)
    index = KnowledgeIndex(index_passages(passages, HashingEncoder()), HashingEncoder(), today=lambda: today)

    def found(**filters: object) -> set[str]:
        ranking = index.rank(read_query("pompa odpływu"), SearchFilters(**filters))  # type: ignore[arg-type]
        return {passages[number].id for number in ranking.ids.tolist()}

    assert found() == {"A"}
    assert found(outdated=True) == {"A", "B"}
    today = date(2026, 11, 23)
    assert found() == {"A", "B"}
    assert found(audience=Audience.CUSTOMER) == {"A"}


def test_a_passage_is_found_on_the_first_and_the_last_day_it_is_in_force_and_not_before_or_after() -> None:
    first, last = date(2026, 3, 1), date(2026, 11, 30)
    text = "Pompa odpływu stoi."
    passage = Passage("A", "A", "1", "Pompa", (), text, 0, len(text), valid_from=first, valid_to=last)
    replaced = replace(passage, id="B", valid_to=None, superseded_from=date(2026, 7, 1))
    index = KnowledgeIndex(index_passages([passage, replaced], HashingEncoder()), HashingEncoder())

    def found(day: date) -> list[int]:
        return sorted(index.rank(read_query("pompa odpływu"), SearchFilters(valid_on=day)).ids.tolist())

    assert [found(day) for day in (date(2026, 2, 28), first, last, date(2026, 12, 1))] == [[], [0, 1], [0], []]
    assert [found(day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == [[0, 1], [0]]


def test_a_filter_for_a_product_keeps_what_is_about_it_by_line_or_model_and_what_is_about_none() -> None:
    text = "Pompa odpływu stoi."
    general = Passage("G", "G", "1", "Pompa", (), text, 0, len(text))
    about = {"L": ("AquaSpin", None), "M": ("AquaSpin", "W7"), "O": ("BrewOne", "K400")}
    passages = [general, *(replace(general, id=name, product=line, model=one) for name, (line, one) in about.items())]
    index = KnowledgeIndex(index_passages(passages, HashingEncoder()), HashingEncoder())

    def found(*products: str) -> set[str]:
        ranking = index.rank(read_query("pompa odpływu"), SearchFilters(products=products))
        return {passages[number].id for number in ranking.ids.tolist()}

    assert found() == {"G", "L", "M", "O"}
    assert found("aquaspin") == {"G", "L", "M"}
    assert found("w7") == {"G", "M"}
    assert found("nothing of ours") == {"G"}


def test_passages_indexed_with_their_vectors_rank_as_with_vectors_made_before(index: KnowledgeIndex) -> None:
    passages = list(index.parts.passages)[:120]
    vectors = PassageVectors.encode(passages, HashingEncoder())
    before = KnowledgeIndex(assemble(passages, lambda: vectors), HashingEncoder())
    beside = KnowledgeIndex(index_passages(passages, HashingEncoder()), HashingEncoder())
    for query in ("zwrot pieniędzy", "E18", "refund deadline"):
        one, other = (each.rank(read_query(query), SearchFilters(outdated=True)) for each in (before, beside))
        assert one.ids.tolist() == other.ids.tolist()
        assert np.array_equal(one.evidence, other.evidence)
