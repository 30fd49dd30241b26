"""Letters beyond the first draft: wired to the pipeline's tools and a database."""

from __future__ import annotations

from triage.calendars.counting import local_day
from triage.domain.case import TriageCase
from triage.domain.reply import Draft, Finding
from triage.domain.style import Choice
from triage.domain.ticket import Ticket
from triage.drafting.history import CustomerHistories
from triage.drafting.lessons import LessonKeeper
from triage.drafting.letters import Letters
from triage.drafting.redraft import Redrafting
from triage.drafting.review import SuggestionReview
from triage.drafting.similar import SimilarCases
from triage.pipeline import Tools, write_draft
from triage.ports import Clock, UnitOfWorkFactory


def lesson_keeper(tools: Tools, clock: Clock) -> LessonKeeper:
    """Keeps what the desk's decisions teach, pseudonymised."""
    return LessonKeeper(clock, tools.recogniser, tools.encoder)


def open_letters(units_of_work: UnitOfWorkFactory, tools: Tools, clock: Clock) -> Letters:
    """Letters over one database."""

    def write_now(ticket: Ticket, case: TriageCase, choice: Choice) -> tuple[Draft, tuple[Finding, ...]]:
        return write_draft(ticket, case, choice, tools, local_day(clock.now()))

    return Letters(
        redrafting=Redrafting(units_of_work, clock, write_now, tools.company),
        suggestions=SuggestionReview(units_of_work, clock),
        similar=SimilarCases(units_of_work, tools.recogniser, tools.encoder),
        histories=CustomerHistories(units_of_work, tools.recogniser, tools.encoder, tools.line_writer),
    )
