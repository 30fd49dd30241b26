"""What the desk tells the keeper of lessons: every edit, every approval; the keeper merges what says the same."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.hashing_encoder import HashingEncoder
from tests.fakes.memory import MemoryStore
from triage.approval import Desk, Reading
from triage.domain.case import TriageCase
from triage.domain.drafting import SuggestionState
from triage.domain.reply import Draft
from triage.domain.ticket import Ticket
from triage.drafting.lessons import LessonKeeper
from triage.drafting.review import SuggestionReview, as_document
from triage.errors import AlreadyDecided
from triage.ports.drafting import DraftingUnit
from triage.recognisers import Recognisers


@dataclass
class Listening:
    told: list[tuple[str, str]] = field(default_factory=list)

    def edited(self, uow: DraftingUnit, case: TriageCase, ticket: Ticket, after: Draft, *, actor: str) -> None:
        self.told.append(("edited", after.body))

    def approved(self, uow: DraftingUnit, case: TriageCase, ticket: Ticket) -> None:
        assert case.draft is not None
        self.told.append(("approved", case.draft.body))


def stored(store: MemoryStore, id: str) -> TriageCase:
    ticket = builders.ticket(id)
    case = builders.triaged(ticket, builders.received(id))
    with store("default") as uow:
        uow.tickets.add_all([ticket])
        uow.cases.add_all([case])
        uow.commit()
    return case


def reading(case: TriageCase) -> Reading:
    assert case.draft is not None
    return Reading(case.version, case.draft.digest)


def test_the_desk_tells_of_every_edit_and_of_every_approval(clock: FakeClock) -> None:
    store, heard = MemoryStore(), Listening()
    desk = Desk(store, clock, lambda *_: (), lessons=heard)
    case = desk.edit("default", "T1", actor="ewa", reading=reading(stored(store, "T1")), body="Nowe słowa pisma.")
    desk.approve("default", "T1", actor="jan", reading=reading(case))
    assert heard.told == [("edited", "Nowe słowa pisma."), ("approved", "Nowe słowa pisma.")]


def suggest(store: MemoryStore, clock: FakeClock, *letters: str) -> None:
    keeper = LessonKeeper(clock, Recognisers(), HashingEncoder())
    desk = Desk(store, clock, lambda *_: (), lessons=keeper)
    for number, body in enumerate(letters):
        case = desk.edit(
            "default", f"T{number}", actor="ewa", reading=reading(stored(store, f"T{number}")), body=body
        )  # fmt: skip
        desk.approve("default", f"T{number}", actor="jan", reading=reading(case))


LONG = ("Szanowni Państwo,\n\nprosimy wyjąć wtyczkę, odczekać {n} minut i wyczyścić filtr według rozdziału 4 "
        "instrukcji. Jeżeli to nie pomoże, prosimy odpisać na tę wiadomość.\n\nZ poważaniem\nDomex")  # fmt: skip


def test_letters_that_differ_in_figures_alone_are_one_suggestion_and_others_are_not(clock: FakeClock) -> None:
    store = MemoryStore()
    suggest(store, clock, LONG.format(n=30), LONG.format(n=45), "Szanowni Państwo,\n\nzupełnie inne pismo o fakturze.")
    found = SuggestionReview(store, clock).waiting("default")
    assert [(one.seen, one.cases) for one in found] == [(2, ("T0", "T1")), (1, ("T2",))]
    assert found[0].text.startswith("prosimy wyjąć wtyczkę")  # neither salutation nor signature
    assert SuggestionReview(store, clock).waiting("other") == ()


def test_a_reviewed_wording_is_a_file_and_settled_once(clock: FakeClock) -> None:
    store = MemoryStore()
    suggest(store, clock, LONG.format(n=30))
    review = SuggestionReview(store, clock)
    [one] = review.waiting("default")
    settled = review.decide("default", one.id, actor="jan", state=SuggestionState.KNOWLEDGE, text="Lepsze słowa.")
    assert as_document(settled).endswith("---\nLepsze słowa.\n")
    assert "audience: internal" in as_document(settled)
    assert review.waiting("default") == ()
    with pytest.raises(AlreadyDecided):
        review.decide("default", one.id, actor="ewa", state=SuggestionState.REJECTED)
    suggest_again = review.waiting("default", state=SuggestionState.KNOWLEDGE)
    assert [one.decided_by for one in suggest_again] == ["jan"]
