"""The pipeline: every stage in order, personal data kept in, a failing stage hands the case to a person."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.fakes.hashing_encoder import HashingEncoder
from tests.fakes.models import FakeClassifier, FakeDrafter, FakeRecogniser, FakeRetriever
from triage.adapters.company import load_company
from triage.bootstrap.tools import load_law
from triage.domain.case import CaseState, StageFailure, TriageCase
from triage.domain.classification import Prediction
from triage.domain.redaction import PersonalSpan, RedactedText
from triage.domain.ticket import Ticket
from triage.errors import ModelUnavailable
from triage.pipeline import Tools, run, run_all
from triage.stages.ingest import ticket_from_record

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
COMPANY, LAW = load_company(), load_law()


@pytest.fixture
def tools() -> Tools:
    return Tools(
        COMPANY,
        LAW,
        FakeRecogniser(("Anna Kowalska",)),
        FakeClassifier(),
        FakeRetriever(),
        HashingEncoder(),
        FakeDrafter(),
    )


def ticket(text: str = "Ekspres nie grzeje. Anna Kowalska") -> Ticket:
    return ticket_from_record({"id": "T1", "text": text, "received_at": "2026-11-20T09:00:00+01:00"}, now=NOW)


def fresh(of: Ticket) -> TriageCase:
    return TriageCase(of.id, of.tenant, CaseState.RECEIVED, 1, of.revision, NOW)


def test_every_stage_fills_its_part_and_the_case_waits_for_a_person(tools: Tools) -> None:
    case = run(ticket(), fresh(ticket()), tools, NOW)
    assert case.state is CaseState.PENDING_APPROVAL
    assert case.version == 2
    assert list(case.timings_ms) == [
        "redact", "classify", "extract", "deadline", "rights", "urgency", "retrieve", "draft", "lint", "summarise",
    ]  # fmt: skip
    assert case.classification is not None
    assert case.classification.code == "C01"
    assert "UPK-7A-REPLY" in {deadline.rule for deadline in case.deadlines}
    assert case.rights is not None
    assert case.rights.regime == "nonconformity"
    assert case.provenance.classifier == "fake-classifier"
    assert case.provenance.index_generation == "fake-generation"


def test_models_never_see_personal_data_and_the_agent_sees_the_final_words(tools: Tools) -> None:
    case = run(ticket(), fresh(ticket()), tools, NOW)
    seen = [*tools.classifier.seen, *tools.retriever.seen, *tools.drafter.seen]  # type: ignore[attr-defined]
    assert seen
    assert all("Kowalska" not in text for text in seen)
    assert case.draft is not None
    assert "Anna Kowalska" in case.draft.body


def test_a_failing_recogniser_lets_nothing_past_it(tools: Tools) -> None:
    class Broken:
        def find(self, text: str) -> tuple[()]:
            raise RuntimeError("secret text in a foreign error")

    case = run(ticket(), fresh(ticket()), replace(tools, recogniser=Broken()), NOW)
    assert case.state is CaseState.NEEDS_ATTENTION
    assert case.failure is not None
    assert case.failure.stage == "redact"
    assert "secret" not in case.failure.reason
    assert tools.classifier.seen == []  # type: ignore[attr-defined]
    assert case.draft is None


def test_a_failing_stage_keeps_what_was_found_before_it(tools: Tools) -> None:
    class Down(FakeRetriever):
        def search(self, *args: object, **kwargs: object) -> tuple[()]:
            raise ModelUnavailable()

    case = run(ticket(), fresh(ticket()), replace(tools, retriever=Down()), NOW)
    assert case.state is CaseState.NEEDS_ATTENTION
    assert case.failure is not None
    assert case.failure.stage == "retrieve"
    assert case.urgency is not None
    assert case.draft is None


def test_a_case_says_what_its_knowledge_base_lacked(tools: Tools) -> None:
    case = run(ticket(), fresh(ticket()), replace(tools, retriever=FakeRetriever(degraded="own missing")), NOW)
    assert case.provenance.degraded == ("own missing",)


def test_a_newer_revision_starts_from_a_blank_case(tools: Tools) -> None:
    first = run(ticket(), fresh(ticket()), tools, NOW)
    again = replace(ticket("Proszę anulować."), revision=2)
    second = run(again, first, tools, NOW)
    assert second.state is CaseState.PENDING_APPROVAL
    assert second.version > first.version
    assert second.ticket_revision == 2
    assert second.draft is not None
    assert "grzeje" not in second.draft.body


def test_a_safety_word_makes_p1_even_when_the_model_sees_praise(tools: Tools) -> None:
    praise = replace(tools, classifier=FakeClassifier("C18", 0.99))
    text = ticket("Super ekspres, tylko wczoraj kopnął mnie prąd.")
    case = run(text, fresh(text), praise, NOW)
    assert case.urgency is not None
    assert case.urgency.level == "P1"
    assert case.urgency.forced_by == "SAFETY"


def named(number: int, text: str) -> tuple[Ticket, TriageCase]:
    one = ticket_from_record({"id": f"T{number}", "text": text, "received_at": "2026-11-20T09:00:00+01:00"}, now=NOW)
    return one, fresh(one)


TEXTS = ("Ekspres nie grzeje.", "Proszę anulować zamówienie.", "Kiedy zwrot pieniędzy?")


def outcome(case: TriageCase) -> TriageCase:
    return replace(case, timings_ms={})


def test_several_tickets_come_out_as_each_by_itself_and_ask_the_classifier_once(tools: Tools) -> None:
    class Counting(FakeClassifier):
        calls = 0

        def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
            self.calls += 1
            return super().predict(texts)

    due = [named(number, text) for number, text in enumerate(TEXTS)]
    alone = [run(*each, tools, NOW) for each in due]
    counting = Counting()
    together = run_all(due, replace(tools, classifier=counting), NOW)
    assert [outcome(case) for case in together] == [outcome(case) for case in alone]
    assert counting.calls == 1
    assert run_all([], tools, NOW) == []


def test_a_ticket_the_classifier_fails_at_harms_no_other(tools: Tools) -> None:
    class Poisoned(FakeClassifier):
        def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
            if any("anulować" in text for text in texts):
                raise RuntimeError("secret text in a foreign error")
            return super().predict(texts)

    due = [named(number, text) for number, text in enumerate(TEXTS)]
    first, poison, last = run_all(due, replace(tools, classifier=Poisoned()), NOW)
    assert [case.state for case in (first, last)] == [CaseState.PENDING_APPROVAL] * 2
    assert poison.state is CaseState.NEEDS_ATTENTION
    assert poison.failure == StageFailure("classify", "RuntimeError")


def test_a_ticket_that_cannot_be_redacted_is_shown_to_no_model_and_harms_no_other(tools: Tools) -> None:
    class Choking(FakeRecogniser):
        def find(self, text: str) -> tuple[PersonalSpan, ...]:
            if "anulować" in text:
                raise RuntimeError
            return super().find(text)

    due = [named(number, text) for number, text in enumerate(TEXTS)]
    first, choked, last = run_all(due, replace(tools, recogniser=Choking(())), NOW)
    assert [case.state for case in (first, last)] == [CaseState.PENDING_APPROVAL] * 2
    assert choked.failure is not None
    assert choked.failure.stage == "redact"
    assert all("anulować" not in text for text in tools.classifier.seen)  # type: ignore[attr-defined]


def test_the_time_of_the_shared_call_is_counted_to_each_ticket(tools: Tools) -> None:
    class Slow(FakeClassifier):
        def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
            time.sleep(0.06)
            return super().predict(texts)

    due = [named(number, text) for number, text in enumerate(TEXTS)]
    cases = run_all(due, replace(tools, classifier=Slow()), NOW)
    assert all(case.timings_ms["classify"] >= 20 for case in cases)
