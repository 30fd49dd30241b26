"""Files of tickets: what is taken, how it is given back, who may, and that it goes with its ticket."""

from __future__ import annotations

import hashlib
import os

import pytest

from tests.e2e.office import Office
from triage.adapters.storage import attachments
from triage.adapters.storage.database import Database
from triage.domain.access import Role

pytestmark = pytest.mark.postgres
PNG = b"\x89PNG\r\n\x1a\n" + os.urandom(700_000)


def upload(office: Office, content: bytes, name: str = "zdjęcie.png", **options: object) -> dict[str, object]:
    answer = office.call("POST", "/v1/tickets/T1/files", content=content, params={"name": name}, **options)
    return dict(answer.json()) | {"http": answer.status_code}


def test_a_file_comes_back_byte_for_byte_to_be_saved_and_never_shown(office: Office) -> None:
    office.receive()
    stored = upload(office, PNG, name="../zdję\u202ecie<1>.png")
    assert (stored["http"], stored["media_type"], stored["size_bytes"]) == (201, "image/png", len(PNG))
    assert stored["name"] == "_zdjęcie_1_.png"
    assert stored["sha256"] == hashlib.sha256(PNG).hexdigest()
    got = office.call("GET", f"/v1/files/{stored['id']}")
    assert got.content == PNG
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''_zdj%C4%99cie_1_.png"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    [listed] = office.call("GET", "/v1/tickets/T1/files").json()["files"]
    assert listed["id"] == stored["id"]


def test_a_ticket_has_a_bounded_number_of_files_and_the_same_file_again_is_none_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_PER_TICKET", 2)
    office.receive()
    files = [PNG + bytes([number]) for number in range(3)]
    assert [upload(office, content)["http"] for content in files] == [201, 201, 409]
    assert upload(office, files[0])["http"] in (200, 201)
    assert len(office.call("GET", "/v1/tickets/T1/files").json()["files"]) == 2


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"%PDF-1.7 ...", 201),
        ("Opis usterki, zażółć".encode(), 201),
        (b"\xff\xd8\xff\xe0 JFIF", 201),
        (b"", 422),
        (b"MZ\x90\x00 a program", 422),
        (b"\x7fELF\x02", 422),
        (b"  <html><script>alert(1)</script>", 422),
        (b"<svg onload=alert(1)>", 422),
        (b"\x00" * 100, 422),
    ],
)
def test_what_a_file_is_is_told_by_its_bytes(office: Office, content: bytes, status: int) -> None:
    office.receive()
    assert upload(office, content, name="faktura.pdf")["http"] == status


def test_a_file_over_25_mebibytes_is_refused_and_leaves_nothing(office: Office) -> None:
    office.receive()
    assert upload(office, PNG + bytes(25 * 1024 * 1024))["http"] == 413
    assert office.call("GET", "/v1/tickets/T1/files").json()["files"] == []


def test_the_same_file_again_is_the_same_file(office: Office) -> None:
    office.receive()
    assert upload(office, PNG)["id"] == upload(office, PNG, name="inna.png")["id"]


def test_only_deciders_delete_a_file_and_it_is_gone_with_every_piece(office: Office, postgres: Database) -> None:
    office.receive()
    path = f"/v1/files/{upload(office, PNG)['id']}"
    assert office.call("DELETE", path, role=Role.AGENT).status_code == 403
    assert office.call("DELETE", path).status_code == 204
    assert office.call("GET", path).status_code == 404
    with postgres.engine.connect() as connection:
        left = "SELECT count(*) FROM attachment_chunks WHERE tenant = %s"
        assert connection.exec_driver_sql(left, (office.tenant,)).scalar_one() == 0
    log = office.call("GET", "/v1/audit?subject=T1", role=Role.ADMIN).json()["entries"]
    assert [entry["action"] for entry in log] == ["attachment_added", "attachment_removed"]


def test_a_file_goes_with_its_ticket(office: Office, postgres: Database) -> None:
    office.receive()
    upload(office, PNG)
    with postgres.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM tickets WHERE tenant = %s", (office.tenant,))
        for table in ("attachments", "attachment_chunks"):
            left = f"SELECT count(*) FROM {table} WHERE tenant = %s"
            assert connection.exec_driver_sql(left, (office.tenant,)).scalar_one() == 0
