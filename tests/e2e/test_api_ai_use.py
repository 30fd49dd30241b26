"""The register of AI use, over HTTP: per case, from suggestion to what was sent."""

from __future__ import annotations

import pytest

from tests.e2e.office import Office
from triage.domain.access import Role

pytestmark = pytest.mark.postgres


def test_the_register_tells_what_was_suggested_approved_and_sent(office: Office) -> None:
    read = office.pending("RMA/1")
    office.approve(read)
    office.work()
    answer = office.call("GET", "/v1/audit/ai-use?case_id=RMA/1", role=Role.DPO)
    assert answer.status_code == 200
    (use,) = answer.json()["uses"]
    draft = read.json()["draft"]["digest"]
    assert (use["outcome"], use["approved"], use["suggested"]["draft"], use["sent"]) == (
        "approved_as_is",
        draft,
        draft,
        True,
    )
    assert use["models"]["classifier"] == "linear@1"
    assert office.call("GET", "/v1/audit/ai-use?case_id=nobody", role=Role.DPO).json() == {"uses": []}
    audit = office.call("GET", "/v1/audit?verify=true", role=Role.DPO).json()
    assert audit["intact"] is True
    assert use["position"] in [entry["position"] for entry in audit["entries"]]
