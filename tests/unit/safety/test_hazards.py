"""What a dangerous product did is read off the customer's words; no danger that was flagged is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from tests import builders
from triage.calendars.rules import RuleTable
from triage.domain.classification import Fact, Facts, Flag
from triage.errors import ConfigurationError
from triage.privacy.schedule import RetentionSchedule
from triage.safety.hazards import SHIPPED, DangerRegister, HazardTable

HAZARDS = HazardTable.load()
REGISTER = DangerRegister(HAZARDS, RuleTable.load(), "SAFETY")


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("Ekspres zaczął dymić i kopnął mnie prądem, mam poparzoną dłoń.", {"smoke_heat", "electric_shock", "burn"}),
        ("Pralka stanęła w płomieniach.", {"fire"}),
        ("Bateria hulajnogi spuchła i cieknie.", {"battery"}),
        ("Wybuchła szklana pokrywa, rozciąłem palec.", {"explosion", "cut_or_injury"}),
        ("Hamulec puścił na zjeździe, złamałem nadgarstek.", {"brakes_or_steering", "cut_or_injury"}),
        ("Córka połknęła magnes.", {"choking_or_poison"}),
        ("Piec gazowy: zapach gazu w kuchni.", {"gas"}),
        ("The charger caught fire and burned my hand.", {"fire", "burn"}),
        ("The battery is swollen.", {"battery"}),
        ("The brakes failed and I cut my knee.", {"brakes_or_steering", "cut_or_injury"}),
        ("Coś jest nie tak, boję się go włączyć.", {"other"}),
    ],
)
def test_the_event_is_named(text: str, events: set[str]) -> None:
    assert set(HAZARDS.events(text)) == events


def case(*flags: str, **facts: str):  # noqa: ANN201 (two builders)
    ticket = builders.ticket("T1", builders.message("m1", "Ekspres dymi."))
    done = builders.triaged(ticket, builders.received())
    found = Facts(tuple(Fact(kind, value, value, "m1", 0, 1) for kind, value in facts.items()))
    assert done.classification
    raised = tuple(Flag(flag, "dymi") for flag in flags)
    return ticket, replace(done, facts=found, classification=replace(done.classification, flags=raised))


def test_an_entry_names_product_and_law_and_no_person() -> None:
    entry = REGISTER.entry(*case("SAFETY", product="ekspres", model="K400", batch="2609", serial="W7-2604-118842"))
    assert entry
    assert (entry.product, entry.model, entry.batch, entry.serial) == ("ekspres", "K400", "2609", "W7-2604-118842")
    assert "2023/988" in entry.article
    assert entry.events == ("smoke_heat",)
    # five years from the day it came in, 17 November 2026 (GPSR art. 9(11))
    assert (entry.received_on, entry.erase_after) == (date(2026, 11, 17), date(2031, 11, 17))
    assert "example.pl" not in str(entry)


def test_what_the_shop_knows_of_the_product_goes_before_the_text_and_must_be_a_products() -> None:
    ticket, done = case("SAFETY", model="K400", batch="2609")
    told = replace(ticket, order={"model": "K500", "batch": "anna@example.com"})
    entry = REGISTER.entry(told, done)
    assert entry
    assert (entry.model, entry.batch) == ("K500", "")


def test_without_danger_or_before_the_regulation_applied_nothing_is_registered() -> None:
    assert REGISTER.entry(*case("REPEAT")) is None
    ticket, done = case("SAFETY")
    assert REGISTER.entry(replace(ticket, received_at=datetime(2024, 12, 12, 12, tzinfo=UTC)), done) is None
    assert REGISTER.entry(replace(ticket, received_at=datetime(2024, 12, 13, 12, tzinfo=UTC)), done)


def test_the_registers_term_is_the_retention_schedules() -> None:
    entry = REGISTER.entry(*case("SAFETY"))
    (kept,) = RetentionSchedule.load().of_store("safety_register", date(2026, 11, 22))
    assert entry
    assert kept.ends(entry.received_on) == entry.erase_after


def test_a_faulty_table_names_every_fault(tmp_path: Path) -> None:
    data = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    data["hazards"][0]["pattern"] = "("
    del data["article"]
    path = tmp_path / "hazards.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        HazardTable.load(path)
    assert len(refused.value.faults) == 2
