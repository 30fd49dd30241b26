"""Whether there is an answer, measured on half of a corpus."""

from __future__ import annotations

import pytest

from training.beir_files import RetrievalSet
from training.encoders import open_encoder
from training.evaluate_floor import measure_floor

TEXTS = {
    "pump": "Błąd E18: woda nie jest odpompowywana. Oczyść filtr pompy i sprawdź, czy wąż nie jest zagięty.",
    "gift card": "Saldo karty podarunkowej sprawdzisz na paragonie.",
    "withdrawal": "Od umowy zawartej na odległość konsument może odstąpić w terminie 14 dni bez podania przyczyny.",
    "battery": "Spuchniętą baterię wyłącz i odłóż z dala od rzeczy palnych.",
}
QUERIES = {
    "q1": ("pralka pokazuje E18 i nie odpompowuje wody", "pump"),
    "q2": ("ile dni mam na odstąpienie od umowy zawartej na odległość", "withdrawal"),
    "q3": ("dlaczego spuchła bateria w hulajnodze", "battery"),
}


def asked(*names: str) -> RetrievalSet:
    documents = {name: ("", text) for name, text in TEXTS.items()}
    qrels = {name: {QUERIES[name][1]: 1.0} for name in names}
    return RetrievalSet(documents, {name: QUERIES[name][0] for name in names}, qrels)


def test_queries_whose_document_was_left_out_have_no_answer() -> None:
    # of four documents the first and the third are kept
    figures = measure_floor(asked("q1", "q2", "q3"), open_encoder("shipped"))
    assert (figures.answered.count, figures.answered.n) == (2, 2)
    assert figures.right.count == 2
    assert (figures.wrongly_answered.count, figures.wrongly_answered.n) == (0, 1)
    # both with an answer were found more relevant than the one without
    assert figures.area == 1.0


def test_a_set_without_queries_of_both_kinds_is_refused() -> None:
    with pytest.raises(ValueError, match="every second document"):
        measure_floor(asked("q1", "q2"), open_encoder("shipped"))
