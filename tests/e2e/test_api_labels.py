"""People fill in fields over HTTP; what the machine said stays beside it."""

from __future__ import annotations

import httpx2
import pytest

from tests.e2e.office import Office
from triage.domain.access import Role

pytestmark = pytest.mark.postgres


def label(office: Office, read: httpx2.Response, *, role: Role = Role.AGENT, **fields: object) -> httpx2.Response:
    path = f"/v1/cases/{read.json()['id']}/labels"
    return office.call("PATCH", path, role=role, json=fields, headers={"If-Match": read.headers["etag"]})


def test_a_corrected_category_is_in_force_and_the_suggestion_stays_beside_it(office: Office) -> None:
    answer = label(office, office.pending(), category="C04")
    assert answer.status_code == 200
    category = answer.json()["category"]
    assert (category["code"], category["label"], category["abstained"]) == (
        "C04",
        "Odstąpienie od umowy / zwrot 14 dni",
        False,
    )
    assert category["suggested"] == {"code": "C03", "probability": 0.91, "abstain_reason": None, "model": ""}
    [kept] = office.call("GET", "/v1/cases/T1/corrections").json()["corrections"]
    assert (kept["field"], kept["suggested"], kept["value"], kept["agrees"]) == ("category", ["C03"], ["C04"], False)
    assert kept["actor"] == f"key:{office.keys[Role.AGENT].split('_')[1]}"
    assert kept["model"] == "linear@1"


def test_triaging_again_never_overwrites_a_person(office: Office) -> None:
    read = label(office, office.pending(), category="C04", tags=["vip"])
    assert read.json()["state"] == "received"  # the machine's letter was for another category
    office.backend.casework.triage(office.tenant, "T1")
    again = office.case().json()
    assert again["state"] == "pending_approval"
    assert {one["field"]: one["value"] for one in again["labels"]} == {"category": ["C04"], "tags": ["vip"]}


def test_a_case_names_the_queue_of_the_category_in_force(office: Office) -> None:
    read = label(office, office.pending(), category="C04")
    assert read.json()["category"]["routing"] == "returns"
    assert label(office, read, category="C05").json()["category"]["routing"] == "logistics"


def test_the_queue_filters_by_effective_category_by_tag_and_by_who_filled_it_in(office: Office) -> None:
    label(office, office.pending("T1"), category="C04", tags=["vip", "akcja lato"])
    office.pending("T2")

    def ids(query: str) -> list[str]:
        return [case["id"] for case in office.call("GET", f"/v1/cases?{query}").json()["cases"]]

    assert ids("category=C04") == ["T1"]
    assert ids("category=C03") == ["T2"]
    assert ids("category_by=person") == ["T1"]
    assert ids("category_by=machine") == []
    assert ids("tag=akcja%20lato") == ["T1"]
    assert ids("tag=akcja") == []


def test_a_decision_needs_the_case_as_it_was_read(office: Office) -> None:
    read = office.pending()
    assert office.call("PATCH", "/v1/cases/T1/labels", json={"category": "C04"}).status_code == 428
    assert label(office, read, tags=["vip"]).status_code == 200
    assert label(office, read, category="C04").status_code == 412


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"category": "C99"}, "There is no category 'C99'"),
        ({"category": "C01", "subcategory": "nothing"}, "no subcategory 'nothing'"),
        ({"urgency": "P1"}, "give a reason"),
        ({"tags": ["<script>"]}, "pattern"),
        ({"urgency": "P7"}, ""),
    ],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(
    office: Office, fields: dict[str, object], told: str
) -> None:
    read = office.pending()
    refused = label(office, read, **fields)
    assert refused.status_code == 422
    assert told in refused.text
    assert office.case().headers["etag"] == read.headers["etag"]


def test_an_urgency_set_with_a_reason_is_in_force_beside_the_computed_one(office: Office) -> None:
    urgency = label(office, office.pending(), urgency="P1", reason="klientka czeka w punkcie").json()["urgency"]
    assert (urgency["level"], urgency["computed"]) == ("P1", "P3")
    assert office.call("GET", "/v1/cases?level=P1").json()["cases"][0]["id"] == "T1"


def test_null_hands_a_field_back_to_the_machine(office: Office) -> None:
    read = label(office, office.pending(), urgency="P1", reason="pilne")
    back = label(office, read, urgency=None)
    assert (back.json()["urgency"]["level"], back.json()["urgency"]["computed"]) == ("P3", None)
    assert [one["value"] for one in office.call("GET", "/v1/cases/T1/corrections").json()["corrections"]] == [
        ["P1"],
        [],
    ]


def test_another_category_voids_an_approval_that_was_not_sent(office: Office) -> None:
    read = office.pending()
    office.approve(read)
    corrected = label(office, office.case(), category="C04")
    assert corrected.json()["state"] == "received"
    [record] = office.call("GET", "/v1/cases/T1/approvals").json()["approvals"]
    assert record["state"] == "void"
    office.work()
    assert office.outbox == []


def test_a_tag_does_not_touch_a_reply_on_its_way(office: Office) -> None:
    office.approve(office.pending())
    assert label(office, office.case(), tags=["vip"]).status_code == 409
    office.work()
    assert len(office.outbox) == 1
    sent = label(office, office.case(), tags=["vip"])
    assert (sent.status_code, sent.json()["state"]) == (200, "sent")


def test_an_answered_case_gets_its_true_category_without_being_opened_again(office: Office) -> None:
    office.approve(office.pending())
    office.work()
    corrected = label(office, office.case(), category="C04").json()
    assert (corrected["state"], corrected["category"]["code"]) == ("sent", "C04")


def test_many_cases_are_tagged_at_once_and_each_says_what_became_of_it(office: Office) -> None:
    office.pending("T1")
    label(office, office.pending("T2"), tags=["a"])
    office.approve(office.pending("T3"))
    body = {"cases": ["T1", "T2", "T3", "nobody"], "add": ["b"], "remove": ["a"]}
    told = office.call("POST", "/v1/cases/tags", role=Role.AGENT, json=body).json()["cases"]
    assert [(one["case_id"], one["outcome"]) for one in told] == [
        ("T1", "tagged"),
        ("T2", "tagged"),
        ("T3", "on_its_way"),
        ("nobody", "not_found"),
    ]
    assert [case["tags"] for case in office.call("GET", "/v1/cases?tag=b").json()["cases"]] == [["b"], ["b"]]
    again = office.call("POST", "/v1/cases/tags", json={"cases": ["T1"], "add": ["b"]}).json()["cases"]
    assert again[0]["outcome"] == "unchanged"


def test_the_audit_log_names_codes_and_never_tags_or_reasons(office: Office) -> None:
    label(office, office.pending(), category="C04", tags=["pan Kowalski"], urgency="P1", reason="dzwonił Kowalski")
    told = office.call("GET", "/v1/audit?subject=T1", role=Role.ADMIN)
    [entry] = [one for one in told.json()["entries"] if one["action"] == "labelled"]
    assert entry["detail"]["category"] == "C03>C04"
    assert "Kowalski" not in told.text


def test_automation_is_off_until_an_administrator_says_otherwise(office: Office) -> None:
    told = office.call("GET", "/v1/automation").json()
    assert {one["field"]: one["level"] for one in told["fields"]} == dict.fromkeys(
        ("category", "subcategory", "secondary", "urgency", "tags"), "off"
    )
    assert office.pending("T1").json()["labels"] == office.case("T1").json()["proposals"] == []
    assert office.call("PUT", "/v1/automation/category", role=Role.ADMIN, json={"level": "auto"}).status_code == 200
    assert office.call("PUT", "/v1/automation/urgency", role=Role.ADMIN, json={"level": "suggest"}).status_code == 200
    case = office.pending("T2").json()
    [filled] = case["labels"]
    assert (filled["field"], filled["value"], filled["set_by"], filled["actor"]) == (
        "category",
        ["C03"],
        "machine",
        "linear@1",
    )
    assert [(one["field"], one["value"]) for one in case["proposals"]] == [("urgency", ["P3"])]
    assert [one["id"] for one in office.call("GET", "/v1/cases?category_by=machine").json()["cases"]] == ["T2"]


def test_only_a_field_with_a_promised_limit_on_errors_may_be_filled_in_alone(office: Office) -> None:
    refused = office.call("PUT", "/v1/automation/urgency", role=Role.ADMIN, json={"level": "auto"})
    assert refused.status_code == 409
    assert "No limit on errors is promised for urgency" in refused.json()["detail"]


def test_the_taxonomy_lists_labels_by_language(office: Office) -> None:
    told = office.call("GET", "/v1/taxonomy").json()
    assert told["categories"][3]["labels"]["en"] == "Withdrawal / 14-day return"


@pytest.mark.parametrize(
    ("path", "status", "allowed"),
    [
        ("T1/labels", 405, "PATCH"),
        ("T1/draft", 405, "POST, PUT"),
        ("T1/approve", 405, "POST"),
        ("T404/edits", 404, None),
        ("T1/nothing", 404, None),
    ],
)
def test_a_step_on_a_case_that_is_not_read_says_which_methods_it_takes(
    office: Office, path: str, status: int, allowed: str | None
) -> None:
    office.pending("T1")
    answer = office.call("GET", f"/v1/cases/{path}")
    assert (answer.status_code, answer.headers.get("allow")) == (status, allowed)


def test_a_case_whose_id_ends_like_a_step_is_read(office: Office) -> None:
    office.pending("RMA/labels")
    assert office.case("RMA/labels").json()["id"] == "RMA/labels"
