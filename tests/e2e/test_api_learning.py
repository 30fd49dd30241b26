"""Learning from people over HTTP: what to look at, the blind sample, drift, and which model serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.labels.schemas import PromiseWithOthers
from tests.e2e.office import Office
from tests.fakes.clock import START
from tests.fakes.hashing_encoder import HashingEncoder
from tests.unit.models.test_linear_classifier import tickets
from triage.adapters.models.linear import LinearClassifier
from triage.bootstrap.learning import promise_of_classifier
from triage.domain.access import Role
from triage.domain.learning import ModelVersion

pytestmark = pytest.mark.postgres


def trained(office: Office, folder: Path, codes: dict[str, str] | None = None) -> ModelVersion:
    texts, labels = tickets(80, seed=5)
    names = codes or dict(zip(sorted(set(labels)), ("C01", "C04", "C05", "C07", "C08", "C09"), strict=False))
    model = LinearClassifier.train(texts, [names[label] for label in labels], HashingEncoder(), name="own")
    model.save(folder)
    return office.registry.add(folder, actor="test", at=START)


def test_the_queue_holds_what_no_person_labelled(office: Office) -> None:
    read = office.pending("T1")
    office.pending("T2")
    office.call("PATCH", "/v1/cases/T1/labels", json={"category": "C03"}, headers={"If-Match": read.headers["etag"]})
    [found] = office.call("GET", "/v1/learning/queue").json()["tickets"]
    assert (found["ticket_id"], found["code"], found["model"]) == ("T2", "C03", "linear@1")
    assert found["margin"] == pytest.approx(0.82)


def test_a_blind_sample_shows_the_ticket_as_filed_and_nothing_of_the_machine(office: Office) -> None:
    office.pending("T1", text="Ekspres E18 nie grzeje.")
    office.call("POST", "/v1/tickets/T1/messages", json={"text": "Dopisek, którego wtedy nie było."})
    assert office.call("POST", "/v1/learning/sample", role=Role.ADMIN, json={"size": 10}).json() == {"drawn": 1}
    assert office.call("POST", "/v1/learning/sample", role=Role.ADMIN, json={"size": 10}).json() == {"drawn": 0}
    shown = office.call("GET", "/v1/learning/sample", role=Role.AGENT)
    [ticket] = shown.json()["tickets"]
    assert set(ticket) == {"id", "subject", "text", "received_at"}
    assert ticket["text"] == "Ekspres E18 nie grzeje."


def test_a_drawn_ticket_is_labelled_once_and_its_case_stays_as_it_is(office: Office) -> None:
    before = office.pending("T1").json()
    office.call("POST", "/v1/learning/sample", role=Role.ADMIN, json={"size": 1})
    path = "/v1/learning/sample/T1"
    assert office.call("PUT", path, json={"category": "C99"}).status_code == 422
    assert office.call("PUT", path, json={"category": "C04"}).status_code == 200
    assert office.call("PUT", path, json={"category": "C03"}).status_code == 409
    assert office.call("GET", "/v1/learning/sample").json() == {"tickets": []}
    assert office.case("T1").json() == before
    drift = office.call("GET", "/v1/learning/drift").json()
    assert (drift["blind_agreement"]["count"], drift["blind_agreement"]["n"]) == (0, 1)
    assert (drift["readings"], drift["promised_error"]) == ([0, 1], 0.05)


def test_models_are_listed_promoted_rolled_back_and_audited(office: Office, tmp_path: Path) -> None:
    version = trained(office, tmp_path / "own")
    [shown] = office.call("GET", "/v1/models").json()["models"]
    assert (shown["id"], shown["manifest_sha256"]) == (version.id, version.manifest_sha256)
    promoted = office.call("POST", "/v1/models/promote", role=Role.ADMIN, json={"model": version.id})
    assert promoted.json()["serving"] == version.id
    again = office.call("PUT", "/v1/models/trial", role=Role.ADMIN, json={"model": version.id})
    assert (again.status_code, "serves already" in again.json()["detail"]) == (409, True)
    back = office.call("POST", "/v1/models/rollback", role=Role.ADMIN)
    assert back.json()["serving"] == "seed"
    trial = office.call("PUT", "/v1/models/trial", role=Role.ADMIN, json={"model": version.id})
    assert trial.json()["shadow"] == version.id
    steps = office.call("GET", "/v1/models").json()["deployment"]["steps"]
    assert [step["action"] for step in steps] == ["promote", "rollback", "shadow"]
    audit = office.call("GET", f"/v1/audit?subject=model:{version.id}", role=Role.ADMIN).json()["entries"]
    promoting = {"action": "promote", "before": "seed", "after": version.id}
    assert promoting in [entry["detail"] for entry in audit]


def test_what_other_limits_on_errors_would_give_is_told(office: Office, tmp_path: Path) -> None:
    version = trained(office, tmp_path / "own")
    promise = promise_of_classifier(office.registry.load(version.id, HashingEncoder()))
    assert [one.max_error for one in promise.others] == [0.01, 0.02, 0.03, 0.05, 0.1]
    shares = [one.tagged_share for one in promise.others]
    assert shares == sorted(shares)
    told = PromiseWithOthers.model_validate(promise).model_dump()
    assert [one["held"] for one in told["others"]] == [one.held for one in promise.others]


def test_a_model_of_another_taxonomy_or_with_changed_files_is_refused(office: Office, tmp_path: Path) -> None:
    labels = tickets(80, seed=5)[1]
    foreign = trained(office, tmp_path / "own", {label: f"X-{label}" for label in set(labels)})
    refused = office.call("POST", "/v1/models/promote", role=Role.ADMIN, json={"model": foreign.id})
    assert (refused.status_code, "taxonomy lacks" in refused.json()["detail"]) == (409, True)
    (office.registry.folder / foreign.id / "model.json").write_text("{}")
    assert office.call("PUT", "/v1/models/trial", role=Role.ADMIN, json={"model": foreign.id}).status_code == 503
    assert office.call("POST", "/v1/models/promote", role=Role.ADMIN, json={"model": "nothing"}).status_code == 404
    assert office.call("POST", "/v1/models/rollback", role=Role.ADMIN).status_code == 409


def test_two_models_are_compared_on_what_both_have_read(office: Office, tmp_path: Path) -> None:
    office.pending("T1")
    found = office.call("GET", "/v1/models/compare?first=linear@1&second=other")
    assert found.status_code == 422  # an id holds letters, digits and . _ - only
    found = office.call("GET", "/v1/models/compare?first=seed&second=other")
    assert (found.status_code, "no model 'other'" in found.json()["detail"]) == (404, True)
    other = trained(office, tmp_path / "own")
    found = office.call("GET", f"/v1/models/compare?first=seed&second={other.id}")
    assert found.json()["agreement"]["n"] == 0
