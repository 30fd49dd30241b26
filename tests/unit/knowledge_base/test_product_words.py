"""Short questions that name a product and ask for what holds for every product."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.answer import SearchFilters
from knowledge_base.build import index_passages
from knowledge_base.hybrid import Facets, KnowledgeIndex, read_query
from knowledge_base.hybrid.product_words import ProductWords, in_heading, product_words
from knowledge_base.passage import Passage
from tests.fakes.hashing_encoder import HashingEncoder

PRODUCTS = ProductWords(["pralka", "aquaspin", "w7", "washing", "machine", "rower"])


def a_passage(title: str, product: str | None = None, model: str | None = None, section: str = "") -> Passage:
    return Passage(f"{title}#0", title, "1", title, (section,), "Tekst.", 0, 6, product=product, model=model)


def left(query: str) -> tuple[str, ...] | None:
    asked = PRODUCTS.without(read_query(query))
    return asked and asked.words


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("zwrot pralki", "P02"),
        ("chcę zwrócić pralkę", "P02"),
        ("ile mam czasu na zwrot pralki", "F01"),
        ("spóźniona dostawa pralki", "P07"),
        ("kiedy pieniądze za pralkę", "F01"),
        ("bike lost in post", "P06"),
    ],
)
def test_a_short_question_that_names_a_product_finds_the_procedure_for_all_products_first(
    index: KnowledgeIndex, query: str, document: str
) -> None:
    assert index.search(query, limit=1)[0].passage.document_id == document


@pytest.mark.parametrize(
    ("query", "document"),
    [("reset routera", "M06"), ("błąd E18 pralka AquaSpin", "M03"), ("gdzie jest filtr pralki", "M03")],
)
def test_what_is_asked_of_the_product_itself_is_still_found_in_its_manual(
    index: KnowledgeIndex, query: str, document: str
) -> None:
    assert document in [hit.passage.document_id for hit in index.search(query, limit=2)]


@pytest.mark.parametrize("query", ["w jakich kolorach jest pralka AquaSpin", "router vpn", "leasing roweru"])
def test_what_no_document_says_of_a_product_stays_without_an_answer(index: KnowledgeIndex, query: str) -> None:
    assert index.search(query) == ()


def test_each_passage_is_found_once_and_the_likeliest_first(index: KnowledgeIndex) -> None:
    ranking = index.rank(read_query("wymiana ekspresu na nowy"), limit=30)
    assert len(set(ranking.ids.tolist())) == len(ranking.ids) == 30
    assert (np.diff(ranking.relevance) <= 0).all()
    assert len(ranking.evidence) == len(ranking.answers) == len(ranking.named) == len(ranking.bm25) == 30


def test_the_evidence_that_weights_are_fitted_on_is_that_of_the_query_as_it_stands(index: KnowledgeIndex) -> None:
    query = read_query("zwrot pralki")
    passages = index.parts.passages
    assert passages[index.rank(query).ids[0]].document_id == "P02"
    assert passages[index.order(query).ids[0]].product is not None


def test_filters_hold_for_passages_that_are_found_without_the_product(index: KnowledgeIndex) -> None:
    hits = index.search("zwrot pralki", SearchFilters(languages=("en",), products=("aquaspin",)))
    assert all(hit.passage.language == "en" for hit in hits)
    assert {hit.passage.product for hit in hits} <= {None, "aquaspin"}


def test_the_words_of_products_are_those_of_titles_beside_their_names() -> None:
    passages = [
        a_passage("Pralka AquaSpin W7 1400 — instrukcja serwisowa", "aquaspin", "W7 1400"),
        a_passage("VoltRide C5: hamulce, koła", "voltride", "C5"),
        a_passage("Router dla firm — umowa"),
    ]
    assert product_words(passages) == ("1400", "aquaspin", "c5", "pralka", "voltride", "w7")
    assert Facets.of(passages).general.tolist() == [False, False, True]


def test_a_short_query_loses_the_names_of_products_and_of_what_means_the_same() -> None:
    assert left("zwrot pralki AquaSpin") == ("zwrot",)
    assert left("zwróciłem washer, kiedy pieniądze") == ("zwróciłem", "pieniądze")
    assert left("ile dni na zwrot roweru") == ("dni", "zwrot")


@pytest.mark.parametrize(
    "query",
    [
        "zwrot pieniędzy",  # no product
        "pralka AquaSpin",  # nothing else
        "ile kosztuje pralka",  # an amount of the product's own
        "pralka po praniu zostawia plamy proszku białe ręczniki koszule",  # tells what it is about
    ],
)
def test_other_queries_are_read_once(query: str) -> None:
    assert left(query) is None


def test_an_index_without_products_reads_every_query_once() -> None:
    texts = ["Zwrot pralki w 14 dni.", "Pralka nie wiruje."]
    passages = [Passage(f"{n}@1#0", str(n), "1", "", (), text, 0, len(text)) for n, text in enumerate(texts)]
    index = KnowledgeIndex(index_passages(passages, HashingEncoder()), HashingEncoder())
    assert index.parts.facets.product_words == ()
    assert ProductWords(index.parts.facets.product_words).without(read_query("zwrot pralki")) is None


def test_a_section_is_about_a_word_of_its_headings_in_any_form_and_language() -> None:
    passage = a_passage("Procedura zwrotów", section="Jak odesłać towar")
    assert in_heading(read_query("zwrot"), passage)
    assert in_heading(read_query("refund"), passage)
    assert not in_heading(read_query("kolory"), passage)
