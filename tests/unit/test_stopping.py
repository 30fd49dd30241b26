"""Under an emergency stop no language model is asked; the letter says so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests import builders
from tests.unit.learning.desk import SmallDesk
from training.draft_cases import company, read_cases
from triage.bootstrap.stopping import LABEL, StoppableDrafter, asks_a_model, without_writers
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft
from triage.domain.summary import SummaryLine
from triage.stages.draft import Composer

CASE = next(case for case in read_cases() if case.id == "G01")


@dataclass
class Asked:
    """A drafter that counts how often it was asked."""

    times: int = 0

    def draft(self, *args: object, **options: object) -> Draft:
        self.times += 1
        return replace(CASE.compose(company()), composer="llm:test")


def test_a_stopped_tenant_gets_the_composers_letter_and_another_one_the_models() -> None:
    asked = Asked()
    drafter = StoppableDrafter(asked, _Composed(), lambda tenant: tenant == "stopped")
    case = builders.received()
    held = drafter.draft(None, replace(case, tenant="stopped"), company(), today=CASE.today)  # type: ignore[arg-type]
    assert (asked.times, held.degraded) == (0, LABEL)
    free = drafter.draft(None, replace(case, tenant="free"), company(), today=CASE.today)  # type: ignore[arg-type]
    assert (asked.times, free.composer, free.degraded) == (1, "llm:test", "")


class _Composed(Composer):
    def draft(self, *args: object, **options: object) -> Draft:  # type: ignore[override]
        return CASE.compose(company())


def test_under_a_stop_no_model_tells_a_history_and_elsewhere_it_does() -> None:
    class Writer:
        name = "llm:test"

        def write(self, ticket: RedactedTicket, language: str) -> tuple[SummaryLine, ...]:
            return ()

    tools = replace(SmallDesk().tools, drafter=Composer(), line_writer=Writer())
    assert without_writers(tools, "stopped", lambda tenant: tenant == "stopped").line_writer is None
    assert without_writers(tools, "free", lambda tenant: tenant == "stopped") is tools
    assert asks_a_model(tools)
    assert not asks_a_model(replace(tools, line_writer=None))
