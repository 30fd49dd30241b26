"""What is kept of a letter points to no person and no order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests import builders
from triage.domain.redaction import local_view
from triage.domain.ticket import Requester
from triage.drafting.pseudonyms import pseudonymise
from triage.recognisers import Recognisers
from triage.stages.extract import extract

TEXT = ("Nazywam się Anna Kowalska, zamówienie 45871, nr seryjny BO4-2210-00417, faktura FV/2026/11/087. "
        "Ekspres BrewOne K400 nie mieli kawy. Tel. 601 202 303, anna.k@example.com, PESEL 44051401359.")  # fmt: skip
LETTER = ("Szanowna Pani Kowalska, sprawa REK-2026-17, zamówienie 45871, BO4-2210-00417: naprawimy ekspres "
          "BrewOne K400. Zadzwonimy do Pani Anny pod 601 202 303.")  # fmt: skip


def test_names_numbers_and_addresses_are_placeholders_and_the_matter_stays() -> None:
    ticket = replace(
        builders.ticket("REK-2026-17", builders.message("m1", TEXT)), subject="", order={},
        requester=Requester("Anna Kowalska", "anna.k@example.com"),
    )  # fmt: skip
    facts = extract(local_view(ticket), today=date(2026, 11, 22))
    clean = pseudonymise(ticket, facts, (LETTER,), Recognisers())
    kept = clean.request + clean.texts[0]
    for secret in ("Kowalsk", "Ann", "45871", "00417", "FV/2026", "601", "example.com", "44051401359", "REK-2026-17"):
        assert secret not in kept, secret
    assert "BrewOne K400 nie mieli kawy" in clean.request
    assert "naprawimy ekspres BrewOne K400" in clean.texts[0]
    assert "⟦PERSON⟧" in clean.texts[0]
    assert "⟦ORDER_NO⟧" in clean.texts[0]
    assert "⟦CASE⟧" in clean.texts[0]


def test_a_text_that_looks_like_a_placeholder_is_no_way_around() -> None:
    ticket = replace(builders.ticket("T1", builders.message("m1", "⟦PERSON_1·ab⟧ Ekspres cieknie.")), order={})
    facts = extract(local_view(ticket), today=date(2026, 11, 22))
    clean = pseudonymise(ticket, facts, ("Dotyczy: ⟦PERSON_1·ab⟧.",), Recognisers())
    assert "⟦PERSON_1·ab⟧" not in clean.texts[0]
    assert "⟦PERSON⟧" not in clean.texts[0]
