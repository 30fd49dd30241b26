"""Documents over HTTP: in as files, found by search, changed by versions, out by withdrawal; each tenant its own."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.e2e.library import open_library
from tests.e2e.office import Office
from tests.fakes.clock import FakeClock
from triage.adapters.storage.database import Database
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.shelves import Shelves
from triage.domain.access import Role
from triage.domain.library import Upload
from triage.errors import OutgoingRefused

pytestmark = pytest.mark.postgres
PATH = "/v1/knowledge/documents"
PUMP = (
    "---\nid: M77\nversion: '1.0'\ntitle: Pompa\naudience: internal\n---\n## Wymiana\n\nPompę PX-900 mocują trzy śruby."
)


@pytest.fixture
def office(postgres: Database, tmp_path: Path) -> Iterator[Office]:
    clock = FakeClock()
    library = open_library(postgres, tmp_path, clock)
    office = Office(postgres, tmp_path, clock=clock, library=library)
    yield office
    assert isinstance(library.shelves, Shelves)
    for knowledge in (library.shelves.own(office.tenant), library.shelves.shared):
        assert knowledge.wait(20)


def upload(office: Office, files: dict[str, bytes | str], role: Role = Role.ADMIN, **fields: Any) -> Any:
    parts = [("files", (name, body.encode() if isinstance(body, str) else body)) for name, body in files.items()]
    return office.call("POST", PATH, role=role, files=parts, **fields)


def searched(office: Office) -> Any:
    return office.call("POST", "/v1/knowledge/search", json={"q": "pompa PX-900"}).json()


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.02)


def indexed(office: Office) -> None:
    eventually(lambda: office.call("GET", "/v1/knowledge/index").json()["up_to_date"])


def found(office: Office, question: str, **filters: Any) -> list[dict[str, Any]]:
    answer = office.call("POST", "/v1/knowledge/search", json={"q": question, **filters})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["passages"])


def test_an_uploaded_file_is_found_with_a_quote_that_stands_in_its_text(office: Office) -> None:
    assert not [hit for hit in found(office, "pompa PX-900") if hit["document"] == "M77"]
    answer = upload(office, {"pompa.md": PUMP})
    assert answer.status_code == 201, answer.text
    [stored] = answer.json()["documents"]
    assert (stored["id"], stored["version"], stored["audience"], stored["origin"]) == (
        "M77", "1.0", "internal", "upload",
    )  # fmt: skip
    indexed(office)
    hit = found(office, "pompa PX-900")[0]
    assert hit["document"] == "M77"
    text = office.call("GET", f"{PATH}/M77/versions/1.0/text").json()["text"]
    assert text[hit["quote_start"] : hit["quote_end"]] == hit["quote"] == "Pompę PX-900 mocują trzy śruby."
    assert not found(office, "pompa PX-900", audience="customer")
    file = office.call("GET", f"{PATH}/M77/versions/1.0/content")
    assert file.content == PUMP.encode()
    assert file.headers["content-disposition"].startswith("attachment")


def test_one_bad_file_costs_nothing_but_itself(office: Office) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (150 * 1024 * 1024))
    word = io.BytesIO()
    written = docx.Document()
    written.add_heading("Odbiór", 1)
    written.add_paragraph("Kurier zostawia awizo AW-5.")
    written.save(word)
    answer = upload(
        office,
        {
            "pompa.md": PUMP,
            "bomba.docx": bomb.getvalue(),
            "urwany.pdf": b"%PDF-1.7\n1 0 obj\n<<",
            "wirus.exe": b"MZ",
            "Odbiór przesyłek.docx": word.getvalue(),
            "Odbiór przesyłek.docx.meta.yaml": "id: P77\nversion: '2'\nvalid_from: 2026-01-01\naudience: customer\n",
            "zly.md": "---\naudience: wszyscy\n---\ntekst",
        },
    )
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert sorted(one["id"] for one in body["documents"]) == ["M77", "P77"]
    assert sorted(fault["name"] for fault in body["faults"]) == ["bomba.docx", "urwany.pdf", "wirus.exe", "zly.md"]
    assert all(fault["message"].startswith(fault["name"]) for fault in body["faults"])
    indexed(office)
    assert found(office, "awizo AW-5")[0]["document"] == "P77"
    assert found(office, "awizo AW-5", valid_on="2025-12-31") == []


def test_nothing_usable_is_a_problem_that_names_every_file(office: Office) -> None:
    answer = upload(office, {"wirus.exe": b"MZ", "pusty.md": ""})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "wirus.exe" in answer.json()["detail"]
    assert "pusty.md" in answer.json()["detail"]
    assert upload(office, {}).status_code in (415, 422)
    assert upload(office, {"a.md": PUMP}, data={"metadata": "[1]"}).status_code == 422
    assert office.call("POST", PATH, role=Role.ADMIN, json={}).status_code == 415
    too_large = office.call("POST", PATH, role=Role.ADMIN, files=[("files", ("a.md", b"x" * (65 * 1024 * 1024)))])
    assert too_large.status_code == 413


def test_a_version_never_changes_and_a_newer_one_takes_its_place(office: Office) -> None:
    assert upload(office, {"pompa.md": PUMP}).status_code == 201
    assert upload(office, {"pompa.md": PUMP}).status_code == 200
    other = PUMP.replace("trzy", "cztery")
    refused = upload(office, {"pompa.md": other})
    assert refused.status_code == 409
    assert "another version" in refused.json()["detail"]
    assert upload(office, {"pompa.md": other.replace("'1.0'", "'1.1'")}).status_code == 201
    assert upload(office, {"p.md": "---\nid: P01\nversion: '3.0'\n---\n## A\n\ntekst"}).status_code == 409
    indexed(office)
    hits = [hit for hit in found(office, "ile śrub mocuje pompę PX-900") if hit["document"] == "M77"]
    assert [hit["version"] for hit in hits] == ["1.1"]
    outdated = found(office, "ile śrub mocuje pompę PX-900", outdated=True)
    assert {hit["version"] for hit in outdated if hit["document"] == "M77"} == {"1.0", "1.1"}
    history = office.call("GET", f"{PATH}/M77").json()["versions"]
    assert [one["version"] for one in history] == ["1.1", "1.0"]


def test_a_withdrawn_version_answers_no_more_at_once_and_stays_on_record(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(office, {"pompa.md": PUMP})
    indexed(office)
    monkeypatch.setattr(Knowledge, "refresh", lambda self: None)  # an index that stays stale
    assert office.call("DELETE", f"{PATH}/M77?reason=nieaktualna", role=Role.ADMIN).status_code == 204
    assert not [hit for hit in found(office, "pompa PX-900") if hit["document"] == "M77"]
    [version] = office.call("GET", f"{PATH}/M77").json()["versions"]
    assert (version["state"], version["indexed"]) == ("withdrawn", False)
    assert office.call("GET", f"{PATH}/M77/versions/1.0/content").content == PUMP.encode()
    listed = [one["id"] for one in office.call("GET", PATH).json()["documents"]]
    assert listed == ["P01"]
    entries = office.call("GET", "/v1/audit?subject=M77@1.0", role=Role.ADMIN).json()["entries"]
    assert [entry["action"] for entry in entries] == ["document_added", "document_withdrawn"]
    assert entries[1]["detail"] == {"reason": "nieaktualna"}
    assert office.call("DELETE", f"{PATH}/M77", role=Role.ADMIN).status_code == 204
    assert upload(office, {"pompa.md": PUMP}).json()["changed"] == ["M77@1.0"]
    assert office.call("DELETE", f"{PATH}/P01", role=Role.ADMIN).status_code == 409


def test_what_becomes_internal_reaches_no_customer_even_while_the_index_is_stale(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(office, {"pompa.md": PUMP.replace("internal", "customer")})
    indexed(office)
    assert found(office, "pompa PX-900", audience="customer")
    monkeypatch.setattr(Knowledge, "refresh", lambda self: None)
    amended = office.call("PATCH", f"{PATH}/M77/versions/1.0", role=Role.ADMIN, json={"audience": "internal"})
    assert amended.json()["audience"] == "internal"
    assert not [hit for hit in found(office, "pompa PX-900", audience="customer") if hit["document"] == "M77"]


def test_an_end_of_validity_can_be_set_and_must_fit(office: Office) -> None:
    upload(office, {"pompa.md": PUMP.replace("audience:", "valid_from: 2026-01-01\naudience:")})
    version = f"{PATH}/M77/versions/1.0"
    assert office.call("PATCH", version, role=Role.ADMIN, json={"valid_to": "2025-01-01"}).status_code == 422
    assert office.call("PATCH", version, role=Role.ADMIN, json={"valid_to": "2026-02-01"}).status_code == 200
    indexed(office)
    assert not [hit for hit in found(office, "pompa PX-900") if hit["document"] == "M77"]
    assert found(office, "pompa PX-900", valid_on="2026-01-15")[0]["document"] == "M77"


def test_one_tenants_documents_are_unknown_to_another(office: Office, tmp_path: Path) -> None:
    stranger = Office(office.database, tmp_path, clock=office.clock, library=office.backend.library)
    upload(office, {"pompa.md": PUMP})
    indexed(office)
    assert found(office, "pompa PX-900")
    assert not [hit for hit in found(stranger, "pompa PX-900") if hit["document"] == "M77"]
    assert stranger.call("GET", f"{PATH}/M77").status_code == 404
    assert stranger.call("GET", f"{PATH}/M77/versions/1.0/content").status_code == 404
    assert stranger.call("GET", f"{PATH}/M77/versions/1.0/text").status_code == 404
    assert stranger.call("DELETE", f"{PATH}/M77", role=Role.ADMIN).status_code == 404
    assert found(stranger, "termin odpowiedzi na reklamację")[0]["document"] == "P01"
    assert upload(stranger, {"pompa.md": PUMP.replace("trzy", "pięć")}).status_code == 201


def test_another_process_follows_the_database(office: Office, postgres: Database, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    elsewhere = open_library(postgres, tmp_path / "other", office.clock)
    upload(office, {"pompa.md": PUMP})

    def knows() -> bool:
        from knowledge_base.answer import NO_FILTERS

        hits = elsewhere.shelves.of_tenant(office.tenant).search("pompa PX-900", NO_FILTERS)
        return any(hit.passage.document_id == "M77" for hit in hits)

    eventually(knows)


@pytest.mark.parametrize("damage", ["flipped byte", "deleted index", "cut off vectors"])
def test_a_damaged_index_is_rebuilt_from_database_and_folder(
    office: Office, postgres: Database, tmp_path: Path, damage: str
) -> None:
    upload(office, {"pompa.md": PUMP})
    indexed(office)
    [own] = (tmp_path / "data" / "index").glob("*/tenants/*")
    folder = own / "generations" / (own / "CURRENT").read_text().strip()
    match damage:
        case "flipped byte":
            content = (folder / "passages.jsonl").read_bytes()
            (folder / "passages.jsonl").write_bytes(content.replace(b"PX-900", b"PX-901"))
        case "deleted index":
            (own / "CURRENT").unlink()
        case _:
            (folder / "vectors.npy").write_bytes((folder / "vectors.npy").read_bytes()[:-9])
    again = Office(postgres, tmp_path, clock=office.clock, library=open_library(postgres, tmp_path, office.clock))
    again.tenant, again.keys = office.tenant, office.keys
    assert again.call("POST", "/v1/knowledge/search", json={"q": "termin odpowiedzi"}).status_code == 200
    eventually(lambda: any(hit["document"] == "M77" for hit in found(again, "pompa PX-900")))
    indexed(again)
    assert found(again, "pompa PX-900")[0]["quote"] == "Pompę PX-900 mocują trzy śruby."


def test_an_answer_says_when_a_tenants_own_documents_are_missing_because_their_index_is_damaged(
    office: Office, postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(office, {"pompa.md": PUMP})
    indexed(office)
    assert searched(office)["degraded"] == ""
    [own] = (tmp_path / "data" / "index").glob("*/tenants/*")
    (own / "CURRENT").unlink()
    again = Office(postgres, tmp_path, clock=office.clock, library=open_library(postgres, tmp_path, office.clock))
    again.tenant, again.keys = office.tenant, office.keys
    with monkeypatch.context() as held:
        held.setattr(Knowledge, "refresh", lambda self: None)  # while it is being built
        answer = searched(again)
        assert "Your own documents were not searched" in answer["degraded"]
        assert "M77" not in {hit["document"] for hit in answer["passages"]}
        assert again.call("GET", "/v1/knowledge/index").json()["degraded"] == answer["degraded"]
        retriever = again.backend.library.shelves.of_tenant(again.tenant)
        assert retriever.degraded == answer["degraded"]  # a triage has it in its provenance
    eventually(lambda: searched(again)["degraded"] == "")
    assert searched(again)["passages"][0]["document"] == "M77"


def test_an_answer_says_when_a_new_document_is_not_searched_yet(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(office, {"pompa.md": PUMP})
    indexed(office)
    monkeypatch.setattr(Knowledge, "refresh", lambda self: None)  # an index that stays stale
    upload(office, {"filtr.md": PUMP.replace("M77", "M78")})
    assert "what is new is searched once the index is built again" in searched(office)["degraded"]


def test_indexing_again_takes_a_new_file_of_the_folder_in(office: Office, tmp_path: Path) -> None:
    (tmp_path / "documents" / "P02.md").write_text("---\nid: P02\n---\n## Etykieta\n\nEtykietę ET-44 ślemy e-mailem.")
    assert office.call("POST", "/v1/knowledge/index", role=Role.ADMIN).status_code == 202
    eventually(lambda: any(hit["document"] == "P02" for hit in found(office, "etykieta ET-44")))
    status = office.call("GET", "/v1/knowledge/index").json()
    assert (status["documents"], status["encoder"], status["faults"]) == (2, "hashing-64", [])


def test_metadata_for_all_files_gives_way_to_a_files_own_sidecar(office: Office) -> None:
    note = "## Uwaga\n\nTekst uwagi."
    answer = upload(
        office,
        {"a.md": note, "b.md": note, "b.md.meta.yaml": "product: NetBox"},
        data={"metadata": json.dumps({"product": "AquaSpin", "audience": "customer"})},
    )
    assert {one["id"]: one["product"] for one in answer.json()["documents"]} == {"a": "AquaSpin", "b": "NetBox"}
    lonely = upload(office, {"c.md": note, "d.md.meta.yaml": "product: NetBox"}).json()
    assert [fault["name"] for fault in lonely["faults"]] == ["d.md.meta.yaml"]


def test_a_repeated_upload_with_one_key_is_done_once(office: Office) -> None:
    headers = {"Idempotency-Key": "u-1"}
    body = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="p.md"\r\n\r\n' + PUMP.encode() + b"\r\n--x--"
    )
    headers["Content-Type"] = "multipart/form-data; boundary=x"
    first, second = (office.call("POST", PATH, role=Role.ADMIN, content=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replayed"] == "true"
    changed = office.call("POST", PATH, role=Role.ADMIN, content=body.replace(b"trzy", b"dwie"), headers=headers)
    assert changed.status_code == 422


def test_pages_of_the_list_hold_every_document_once(office: Office) -> None:
    for number in range(5):
        upload(office, {f"d{number}.md": f"---\nid: D{number}\n---\n## A\n\ntekst {number}"})
    seen, cursor = [], ""
    while cursor is not None:
        page = office.call("GET", f"{PATH}?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [one["id"] for one in page["documents"]]
        cursor = page["next"]
    assert seen == ["D0", "D1", "D2", "D3", "D4", "P01"]


@dataclass
class Pages:
    """Web pages that change when a test says so."""

    pages: dict[str, bytes]

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(self.pages)

    def fetch(self, url: str) -> Upload:
        if url not in self.pages:
            raise OutgoingRefused("The URL is not on the list.")
        return Upload(f"{url.rpartition('/')[2]}.html", self.pages[url], source_url=url)


def test_a_fetched_page_is_stored_once_and_anew_when_it_changed(postgres: Database, tmp_path: Path) -> None:
    clock, url = FakeClock(), "https://pomoc.example/dostawa"
    web = Pages({url: b"<h1>Dostawa</h1><p>Paczkomat DP-31 czeka 48 godzin.</p>"})
    office = Office(postgres, tmp_path, clock=clock, library=open_library(postgres, tmp_path, clock, web))

    def fetch(*urls: str) -> dict[str, Any]:
        body = {"urls": list(urls)}
        return dict(office.call("POST", f"{PATH}/fetch", role=Role.ADMIN, json=body).json())

    [first] = fetch()["documents"]
    assert (first["origin"], first["source_url"], first["id"]) == ("web", url, "dostawa")
    assert fetch() == {"documents": [], "changed": [], "faults": []}
    clock.advance(days=1)
    web.pages[url] = b"<h1>Dostawa</h1><p>Paczkomat DP-31 czeka 72 godziny.</p>"
    refused = fetch(url, "https://elsewhere.example/")
    assert [fault["name"] for fault in refused["faults"]] == ["https://elsewhere.example/"]
    assert [one["version"] for one in refused["documents"]] > [first["version"]]
    indexed(office)
    assert [hit["quote"] for hit in found(office, "ile czeka paczkomat DP-31")] == ["Paczkomat DP-31 czeka 72 godziny."]
    assert len(office.call("GET", f"{PATH}/dostawa").json()["versions"]) == 2
