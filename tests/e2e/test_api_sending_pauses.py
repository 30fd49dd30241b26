"""A way out that rests is seen by all, and ended by a lead for their own tenant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.office import Office
from triage.adapters.storage.database import Database
from triage.domain.access import Role

pytestmark = pytest.mark.postgres


def closed(office: Office) -> None:
    """An outbox that cannot be written."""
    (office.folder / "outbox").write_text("not a folder")


def opened(office: Office) -> None:
    (office.folder / "outbox").unlink()


def test_a_pause_is_shown_with_its_reason_and_a_lead_ends_it(office: Office) -> None:
    assert office.call("GET", "/v1/sending-pauses").json() == {"pauses": []}
    closed(office)
    office.approve(office.pending())
    office.work()
    (shown,) = office.call("GET", "/v1/sending-pauses", role=Role.AGENT).json()["pauses"]
    assert (shown["way"], "disk space" in shown["because"], shown["since"] < shown["until"]) == ("outbox", True, True)
    opened(office)
    office.work()  # not before its time
    assert (office.outbox, office.case().json()["state"]) == ([], "approved")
    assert office.call("DELETE", "/v1/sending-pauses", role=Role.LEAD).json() == {"resumed": 1}
    assert office.call("GET", "/v1/sending-pauses").json() == {"pauses": []}
    office.work()
    assert (len(office.outbox), office.case().json()["state"]) == (1, "sent")
    (step,) = office.call("GET", "/v1/audit?subject=service", role=Role.ADMIN).json()["entries"]
    assert (step["action"], step["actor"]) == ("sending_pause_lifted", f"key:{office.keys[Role.LEAD].split('_')[1]}")
    assert step["detail"] == {"ways": "outbox", "replies": "1"}


def test_a_pause_of_one_tenant_neither_holds_nor_is_shown_to_another(office: Office, postgres: Database) -> None:
    (office.folder / "other").mkdir()
    other = Office(postgres, office.folder / "other")
    closed(office)
    office.approve(office.pending())
    office.work()
    other.approve(other.pending())
    other.work()
    assert (office.case().json()["state"], other.case().json()["state"]) == ("approved", "sent")
    assert other.call("GET", "/v1/sending-pauses").json() == {"pauses": []}
    assert other.call("DELETE", "/v1/sending-pauses", role=Role.ADMIN).json() == {"resumed": 0}
    assert len(office.call("GET", "/v1/sending-pauses").json()["pauses"]) == 1


def test_metrics_count_ways_out_that_rest(postgres: Database, tmp_path: Path) -> None:
    office = Office(postgres, tmp_path, metrics_token="m" * 32)

    def resting() -> float:
        told = office.http.get("/metrics", headers={"Authorization": f"Bearer {'m' * 32}"}).text
        (line,) = [line for line in told.splitlines() if line.startswith("triage_sending_pauses ")]
        return float(line.split()[1])

    before = resting()
    closed(office)
    office.approve(office.pending())
    office.work()
    assert resting() == before + 1
