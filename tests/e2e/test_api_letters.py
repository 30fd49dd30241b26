"""Letters over HTTP: a picked decision, style, edits kept, suggestions, similar cases."""

from __future__ import annotations

import pytest

from tests.e2e.office import Office
from triage.adapters.storage.database import Database
from triage.domain.access import Role

pytestmark = pytest.mark.postgres
GAPS = {"pickup_on": "2026-11-26", "repair_by": "2026-12-09", "findings": "pęknięte koło zębate",
        "examined_on": "2026-11-20", "examined_by": "serwis Domex", "evidence_ids": "zdjęcia 1-3"}  # fmt: skip


def redraft(office: Office, read: object, role: Role = Role.AGENT, **wanted: object) -> object:
    etag = read.headers["etag"]  # type: ignore[attr-defined]
    return office.call("POST", "/v1/cases/T1/draft", role=role, json=wanted, headers={"If-Match": etag})


def test_a_picked_decision_becomes_the_draft_and_waits_for_approval(office: Office) -> None:
    read = office.pending()
    answer = redraft(office, read, decision="ACCEPT_REPAIR", facts=GAPS)
    case = answer.json()
    assert answer.status_code == 200
    assert (case["state"], case["version"]) == ("pending_approval", read.json()["version"] + 1)
    assert case["draft"]["kind"] == "ACCEPT_REPAIR"
    assert "Uwzględniamy reklamację. Towar naprawimy bezpłatnie." in case["draft"]["body"]
    assert "Kurier odbierze towar 26.11.2026" in case["draft"]["body"]
    assert "___" not in case["draft"]["body"]
    assert answer.headers["etag"] == office.case().headers["etag"] != read.headers["etag"]
    assert office.outbox == []


def test_gaps_nobody_fills_stay_gaps(office: Office) -> None:
    body = redraft(office, office.pending(), decision="ACCEPT_REPAIR").json()["draft"]["body"]
    assert "___ (data odbioru)" in body


@pytest.mark.parametrize(
    "wanted",
    [{"decision": "GIVE_EVERYTHING"}, {"decision": "ACK"}, {"facts": {"pickup_on": "jutro"}},
     {"decision": "ACCEPT_REPAIR", "facts": {"salary": "5"}}, {"decision": "ACCEPT_REPAIR", "tone": "rude"},
     {"decision": "accept repair"}, {"decision": "ACCEPT_REPAIR", "facts": {"pickup_on": "{{ x }}"}}],
)  # fmt: skip
def test_what_is_not_on_offer_is_refused_and_changes_nothing(office: Office, wanted: dict[str, object]) -> None:
    read = office.pending()
    assert redraft(office, read, **wanted).status_code == 422
    assert office.case().json() == read.json()


def test_a_case_that_reports_danger_gets_the_warning_first_whatever_is_decided(office: Office) -> None:
    read = office.pending(text="Ekspres dymi i parzy.")
    answer = redraft(office, read, decision="ACCEPT_REPAIR")
    assert answer.status_code == 422
    assert "SAFETY_STOP_USE" in answer.json()["detail"]
    assert office.case().json() == read.json()


def test_another_version_than_the_one_read_is_refused(office: Office) -> None:
    read = office.pending()
    assert redraft(office, read, decision="ACCEPT_REPAIR").status_code == 200
    assert redraft(office, read, decision="ACCEPT_REPLACE").status_code == 412
    assert office.call("POST", "/v1/cases/T1/draft", json={"decision": "ACCEPT_REPAIR"}).status_code == 428
    assert office.case().json()["draft"]["kind"] == "ACCEPT_REPAIR"


def test_an_approved_letter_is_not_replaced(office: Office) -> None:
    read = office.pending()
    office.approve(read)
    assert redraft(office, office.case(), decision="ACCEPT_REPAIR").status_code == 409


def test_tone_and_length_are_the_agents_choice(office: Office) -> None:
    body = redraft(office, office.pending(), tone="neutral", length="short").json()["draft"]["body"]
    assert "\nDzień dobry,\n" in body
    assert "Z pozdrowieniami" in body
    assert "Szanowni" not in body


def test_the_letters_on_offer_say_which_decide_and_what_they_need(office: Office) -> None:
    offers = {one["kind"]: one for one in office.call("GET", "/v1/replies").json()["replies"]}
    assert len(offers) >= 25
    assert offers["ACCEPT_REPAIR"]["decision"] is True
    assert offers["ACCEPT_REPAIR"]["facts"]["pickup_on"] == "data odbioru"
    assert "findings" in offers["ACCEPT_REPAIR"]["facts"]  # of a part it includes
    assert offers["ACK"]["decision"] is False
    assert not any(kind.startswith("_") for kind in offers)


def edit(office: Office, ticket: str, more: str) -> None:
    read = office.case(ticket)
    draft = read.json()["draft"]
    words = {"draft_digest": draft["digest"], "body": draft["body"].replace("Domex Serwis", more)}
    answer = office.call("PUT", f"/v1/cases/{ticket}/draft", json=words, headers={"If-Match": read.headers["etag"]})
    assert answer.status_code == 200


MORE = ("Prosimy wyczyścić filtr pompy według rozdziału 4 instrukcji, poczekać trzydzieści minut i włączyć urządzenie "
        "ponownie; Anna Kowalska odbierze telefon 601 202 303.\n\nDomex Serwis")  # fmt: skip


def test_edits_are_kept_with_distance_and_changes_and_without_personal_data(office: Office) -> None:
    office.pending()
    edit(office, "T1", MORE)
    [kept] = office.call("GET", "/v1/cases/T1/edits").json()["edits"]
    assert 0.3 < kept["distance"] < 0.9
    assert kept["composer"] == "composer@1"
    assert [change["kind"] for change in kept["changes"]] == ["added"]
    added = kept["changes"][0]["after"]
    assert "Prosimy wyczyścić filtr pompy" in added
    assert "Kowalska" not in added
    assert "601 202 303" not in added
    assert "⟦PERSON⟧" in added


def test_edited_letters_that_say_the_same_become_one_suggestion_once_approved(office: Office) -> None:
    for ticket in ("T1", "T2"):
        office.pending(ticket)
        edit(office, ticket, MORE)
        assert office.call("GET", "/v1/suggestions").json()["suggestions"] == [] or ticket == "T2"
        assert office.approve(office.case(ticket)).status_code == 200
    [found] = office.call("GET", "/v1/suggestions?state=open").json()["suggestions"]
    assert (found["seen"], found["cases"], found["state"]) == (2, ["T1", "T2"], "open")
    assert "Kowalska" not in found["text"]
    assert found["document"] is None
    path = f"/v1/suggestions/{found['id']}/review"
    assert office.call("POST", path, role=Role.AGENT, json={"state": "knowledge"}).status_code == 403
    settled = office.call("POST", path, json={"state": "knowledge"}).json()
    assert settled["document"].startswith("---\nid: sug_")
    assert "audience: internal" in settled["document"]
    assert office.call("POST", path, json={"state": "rejected"}).status_code == 409


def test_a_letter_nobody_edited_is_no_suggestion(office: Office) -> None:
    office.approve(office.pending())
    assert office.call("GET", "/v1/suggestions").json()["suggestions"] == []


def test_similar_cases_are_approved_ones_of_this_tenant_pseudonymised(
    office: Office, postgres: Database, tmp_path: object
) -> None:
    stranger = Office(postgres, office.folder)
    stranger.approve(stranger.pending("FOREIGN", text="Ekspres pokazuje błąd E18 i nie grzeje wody."))
    office.approve(office.pending("S1", text="Ekspres Anny Nowak pokazuje błąd E18 i nie grzeje wody, tel. 601202303."))
    office.approve(office.pending("S2", text="Rower hamuje za słabo po deszczu."))
    office.pending("S3", text="Ekspres pokazuje błąd E18 od rana.")  # not approved: not solved
    office.pending("T1", text="Ekspres pokazuje błąd E18 i nie grzeje wody od rana.")
    found = office.call("GET", "/v1/cases/T1/similar").json()["similar"]
    assert found[0]["case"] == "S1"
    assert {one["case"] for one in found} <= {"S1", "S2"}
    assert "Nowak" not in str(found)
    assert "601202303" not in str(found)
    assert found[0]["reply_kind"] == "ACK"
    assert found[0]["state"] == "approved"


def test_a_solved_case_that_was_taken_up_again_is_no_example(office: Office) -> None:
    office.approve(office.pending("S1"))
    office.pending("T1")
    assert office.call("GET", "/v1/cases/T1/similar").json()["similar"]
    office.call("POST", "/v1/tickets/S1/messages", json={"text": "To nie pomogło."})
    assert office.call("GET", "/v1/cases/T1/similar").json()["similar"] == []
