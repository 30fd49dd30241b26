"""The register of AI use says what was suggested by what, and what a person made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import builders
from tests.fakes.clock import FakeClock
from tests.unit.test_approval import Bench
from triage.domain.ai_use import AiUse, Outcome, uses_of
from triage.domain.records import AuditEntry

START = datetime(2026, 11, 17, 8, tzinfo=UTC)


def uses(bench: Bench) -> tuple[AiUse, ...]:
    steps = [step for step in bench.store.rows.audit if step.subject == "T1"]
    return uses_of(
        AuditEntry(
            position, START + timedelta(seconds=position), step.actor, step.action, step.subject, step.detail, ""
        )
        for position, step in enumerate(steps, 1)
    )


@pytest.fixture
def bench(clock: FakeClock) -> Bench:
    return Bench(clock)


def test_a_suggestion_names_its_models_and_what_was_suggested(bench: Bench) -> None:
    (use,) = uses(bench)
    assert use.models == {
        "classifier": "linear@1",
        "encoder": "static@1",
        "index": "g1",
        "rules": "rules@1",
        "composer": "composer@1",
        "summariser": "extractive",
    }
    assert (use.suggested["category"], use.suggested["probability"], use.suggested["level"]) == ("C03", "0.9100", "P2")
    assert (use.suggested["kind"], use.suggested["draft"]) == ("ACK", bench.draft.digest)
    assert use.outcome is Outcome.OPEN
    assert use.prompt == ""


def test_words_approved_as_suggested_and_sent(bench: Bench) -> None:
    digest = bench.draft.digest
    approval = bench.approve()
    bench.desk.send("default", approval.id, bench.sender)
    (use,) = uses(bench)
    assert (use.outcome, use.decided_by, use.approved, use.sent) == (Outcome.APPROVED_AS_IS, "key:jan", digest, True)


def test_words_approved_after_an_edit(bench: Bench) -> None:
    bench.desk.edit("default", "T1", actor="key:ewa", reading=bench.reading, body="Dzień dobry, naprawimy.")
    bench.approve()
    (use,) = uses(bench)
    assert (use.outcome, use.edits) == (Outcome.APPROVED_EDITED, 1)
    assert use.approved == bench.draft.digest != use.suggested["draft"]


def test_a_rejection_and_a_suggestion_that_a_newer_message_replaced(bench: Bench) -> None:
    bench.casework.add_message("default", "T1", builders.message("m2", "Ponaglam."))
    bench.casework.triage("default", "T1")
    bench.desk.reject("default", "T1", actor="key:jan", reading=bench.reading, reason="zły ton")
    first, second = uses(bench)
    assert (first.outcome, second.outcome) == (Outcome.REPLACED, Outcome.REJECTED)
    assert "zły ton" not in str((first, second))


def test_corrected_fields_and_failed_stages_are_told() -> None:
    def entry(position: int, action: str, **detail: str) -> AuditEntry:
        return AuditEntry(position, START, "key:jan", action, "T1", detail, "")

    (use,) = uses_of([entry(1, "triaged", category="C01"), entry(2, "labelled", category="C04", version="3")])
    assert use.corrected == ("category",)
    (failed,) = uses_of([entry(1, "triaged", failed_stage="draft")])
    assert failed.outcome is Outcome.FAILED
