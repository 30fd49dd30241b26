"""The retention schedule: dated data, counted before anything goes, and carried out to the day."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import builders
from tests.fakes.clock import START, FakeClock
from tests.integration.test_erasure import Shop
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database
from triage.adapters.storage.tombstones import FileJournal
from triage.errors import ConfigurationError, SubjectErased
from triage.privacy.retention import delete_aged, plan_retention
from triage.privacy.schedule import SHIPPED, RetentionSchedule

SCHEDULE = RetentionSchedule.load()


@pytest.fixture
def shop(database: Database, tmp_path: Path, clock: FakeClock) -> Shop:
    return Shop(tmp_path, replace(database, journal=FileJournal(tmp_path / "tombstones.jsonl")), clock)


# Worked by hand. KC art. 118: six (three) years, then to 31 December; policy: twelve months.
@pytest.mark.parametrize(
    ("category", "buyer", "start", "ends"),
    [
        ("C01", "consumer", date(2026, 11, 17), date(2032, 12, 31)),
        ("C01", "unknown", date(2026, 1, 1), date(2032, 12, 31)),
        ("C02", "sole_trader", date(2026, 12, 31), date(2032, 12, 31)),
        ("C12", "business", date(2026, 11, 17), date(2029, 12, 31)),
        ("C15", "business", date(2026, 11, 17), date(2029, 12, 31)),
        (None, "unknown", date(2026, 11, 17), date(2032, 12, 31)),
        ("C09", "consumer", date(2026, 11, 17), date(2027, 11, 17)),
        ("C18", "business", date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_a_case_is_kept_until(category: str | None, buyer: str, start: date, ends: date) -> None:
    assert SCHEDULE.of_case(category, buyer, start).ends(start) == ends


def test_every_category_and_buyer_falls_into_a_class_that_names_its_source() -> None:
    for number in range(1, 19):
        for buyer in ("consumer", "sole_trader", "business", "unknown"):
            found = SCHEDULE.of_case(f"C{number:02}", buyer, date(2026, 11, 22))
            assert "art." in found.source
            assert found.what_pl != found.what


def test_changed_data_change_the_end_without_code(tmp_path: Path) -> None:
    data = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    data["classes"][0]["n"] = 10
    path = tmp_path / "retention.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    changed = RetentionSchedule.load(path)
    assert changed.of_case("C01", "consumer", START.date()).ends(START.date()) == date(2036, 12, 31)


def test_a_schedule_that_leaves_cases_without_a_class_is_refused(tmp_path: Path) -> None:
    data = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    data["classes"] = [one for one in data["classes"] if one["id"] != "CASE-OTHER"]
    data["classes"][0]["unit"] = "weeks"
    path = tmp_path / "retention.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        RetentionSchedule.load(path)
    assert len(refused.value.faults) >= 2


class Dated:
    """A store of records by their moments."""

    name = "searches"

    def __init__(self, *moments: datetime) -> None:
        self.moments = list(moments)

    def count_before(self, moment: datetime) -> int:
        return sum(at < moment for at in self.moments)

    def delete_before(self, moment: datetime) -> int:
        before = len(self.moments)
        self.moments = [at for at in self.moments if at >= moment]
        return before - len(self.moments)


@pytest.mark.postgres
def test_of_two_versions_of_a_class_only_the_newest_in_force_deletes(shop: Shop, tmp_path: Path) -> None:
    data = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    (twelve,) = (one for one in data["classes"] if one["id"] == "SEARCHES")
    data["classes"].append({**twelve, "n": 24, "valid_from": date(2026, 1, 1)})
    data["classes"].append({**twelve, "n": 1, "valid_from": date(2030, 1, 1)})  # not yet
    (tmp_path / "retention.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    schedule = RetentionSchedule.load(tmp_path / "retention.yaml")
    young, old = datetime(2025, 6, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)
    searches, today = Dated(young, old), date(2026, 11, 17)
    with shop.privacy.unit_of_work("default") as uow:
        plan = plan_retention(uow, [searches], schedule, today)
        assert [(one.id, one.overdue) for one in plan.classes if one.id == "SEARCHES"] == [("SEARCHES", 1)]
        assert delete_aged(uow, [searches], schedule, today)["searches"] == 1
    assert searches.moments == [young]


def counts(shop: Shop) -> dict[str, tuple[int | None, int, int]]:
    plan = shop.privacy.plan_retention("default")
    return {
        one.id: (one.kept, one.overdue, one.waiting) for one in plan.classes if one.kept or one.overdue or one.waiting
    }


@pytest.mark.postgres
def test_a_dry_run_counts_and_changes_nothing_and_the_last_day_is_still_kept(shop: Shop) -> None:
    shop.plant("T-claim")
    shop.plant("T-question", "Jak odkamienić?")
    shop.plant("T-open", "Jak wyłączyć?", send=False)
    assert counts(shop) == {"CASE-CLAIM-CONSUMER": (1, 0, 0), "CASE-OTHER": (2, 0, 0)}
    copies = {"OUTBOX": (None, 2, 0)}  # of the two replies that were sent
    shop.clock.advance(days=365)  # 17 November 2027, the last day of twelve months
    assert counts(shop) == {"CASE-CLAIM-CONSUMER": (1, 0, 0), "CASE-OTHER": (2, 0, 0)} | copies
    shop.clock.advance(days=1)
    assert counts(shop) == {"CASE-CLAIM-CONSUMER": (1, 0, 0), "CASE-OTHER": (0, 1, 1)} | copies
    assert shop.ticket("T-question")


@pytest.mark.postgres
def test_what_is_overdue_goes_everywhere_and_stays_away_and_the_rest_stays(shop: Shop) -> None:
    shop.plant("T-claim")
    shop.plant("T-question", "Jak odkamienić?")
    shop.plant("T-open", "Jak wyłączyć?", send=False)
    shop.clock.advance(days=366)
    done = shop.privacy.apply_retention("default", actor="key:iod")
    assert done.cases == ("T-question",)
    with shop.units("default") as uow:
        left = [case.ticket_id for case in uow.case_ages.all()]
    assert left == ["T-claim", "T-open"]
    assert list(shop.outbox.folder.glob("*.eml")) == []
    with pytest.raises(SubjectErased):
        shop.casework.receive(builders.ticket("T-question"))
    shop.plant("T-new", "Jak odkamienić?", send=False)  # the same person, a new matter
    with shop.database.sessions() as session:
        assert verify(session, "default") is None


@pytest.mark.postgres
def test_copies_of_sent_replies_go_after_ninety_days(shop: Shop) -> None:
    shop.plant("T-claim")
    written = next(shop.outbox.folder.glob("*.eml"))
    sent = datetime(2026, 11, 17, 8, tzinfo=UTC).timestamp()
    os.utime(written, (sent, sent))
    shop.clock.advance(days=90)
    shop.privacy.apply_retention("default", actor="key:iod")
    assert written.exists()
    shop.clock.advance(days=1)
    assert counts(shop)["OUTBOX"] == (None, 1, 0)
    shop.privacy.apply_retention("default", actor="key:iod")
    assert not written.exists()
    assert shop.case("T-claim").draft


@pytest.mark.postgres
def test_the_safety_register_lets_nothing_be_changed_or_removed_before_its_term(shop: Shop) -> None:
    values = (
        "('default', 1, 'T1', '2026-11-17', '2026-11-17', '{fire}', 'ekspres', 'K400', 'B7', '', 'a', '2031-11-17', '')"
    )
    with shop.database.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO safety_register VALUES {values}"))
    for statement in ("DELETE FROM safety_register", "UPDATE safety_register SET model = 'X'"):
        with pytest.raises(DBAPIError, match="append-only"), shop.database.engine.begin() as connection:
            connection.execute(text(statement))
    shop.clock.advance(days=(date(2031, 11, 17) - START.date()).days)
    assert "SAFETY-REGISTER" not in counts(shop)
    shop.clock.advance(days=1)
    assert counts(shop)["SAFETY-REGISTER"] == (None, 1, 0)
    shop.privacy.apply_retention("default", actor="key:iod")
    assert "SAFETY-REGISTER" not in counts(shop)
