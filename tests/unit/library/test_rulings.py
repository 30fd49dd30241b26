"""What verdicts do to a ruling, worked by hand; what a question may teach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from knowledge_base.rulings import RulingKind
from tests.fakes.hashing_encoder import HashingEncoder
from triage.domain.rulings import DeskRuling, RulingState, Votes, ruling_id
from triage.library.learnable import learnable

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PROPOSED, IN_FORCE = RulingState.PROPOSED, RulingState.IN_FORCE
ANSWERS, MISSES, NOWHERE = RulingKind.ANSWERS, RulingKind.MISSES, RulingKind.NOWHERE


def ruling(kind: RulingKind = ANSWERS, state: RulingState = PROPOSED, settled_by: str = "") -> DeskRuling:
    return DeskRuling(
        "rul_1", kind, "kiedy zwrot", "pl", "P01", "3.0", ("Zwrot",), ("k",), Votes(1, 0), state, NOW, settled_by
    )


@pytest.mark.parametrize(
    ("kind", "state", "votes", "becomes"),
    [
        (ANSWERS, PROPOSED, Votes(1, 0), (ANSWERS, PROPOSED)),
        (ANSWERS, PROPOSED, Votes(2, 0), (ANSWERS, IN_FORCE)),
        (ANSWERS, PROPOSED, Votes(2, 1), (ANSWERS, PROPOSED)),
        (ANSWERS, PROPOSED, Votes(3, 1), (ANSWERS, IN_FORCE)),
        (ANSWERS, PROPOSED, Votes(0, 1), (MISSES, PROPOSED)),
        (ANSWERS, PROPOSED, Votes(0, 2), (MISSES, IN_FORCE)),
        (ANSWERS, IN_FORCE, Votes(0, 0), (ANSWERS, IN_FORCE)),  # old verdicts were forgotten: nobody contests it
        (ANSWERS, IN_FORCE, Votes(2, 1), (ANSWERS, IN_FORCE)),
        (ANSWERS, IN_FORCE, Votes(1, 1), (ANSWERS, PROPOSED)),
        (ANSWERS, IN_FORCE, Votes(0, 2), (MISSES, IN_FORCE)),
        (MISSES, IN_FORCE, Votes(1, 2), (MISSES, IN_FORCE)),
        (MISSES, IN_FORCE, Votes(1, 1), (ANSWERS, PROPOSED)),
        (NOWHERE, PROPOSED, Votes(0, 9), (NOWHERE, PROPOSED)),
    ],
)
def test_two_more_people_settle_it_and_as_many_unsettle_it(
    kind: RulingKind, state: RulingState, votes: Votes, becomes: tuple[RulingKind, RulingState]
) -> None:
    found = ruling(kind, state).weighed(votes, LATER)
    assert ((found.kind, found.state), found.votes) == (becomes, votes)


@pytest.mark.parametrize("state", [IN_FORCE, RulingState.REJECTED, RulingState.UNDONE])
def test_what_a_person_settled_verdicts_do_not_change(state: RulingState) -> None:
    settled = ruling(state=state, settled_by="key:admin")
    assert settled.weighed(Votes(0, 9), LATER) == replace(settled, votes=Votes(0, 9))


def test_a_ruling_is_named_by_question_and_passage_however_it_is_typed() -> None:
    assert ruling_id("Kiedy  ZWRÓT?", "k") == ruling_id("kiedy zwrot?", "k")
    assert len({ruling_id("kiedy zwrot", key) for key in ("k", "l", "")}) == 3


@pytest.mark.parametrize(
    ("question", "learnt"),
    [
        ("⟦PERSON_1⟧: kiedy oddacie kasę", ": kiedy oddacie kasę"),
        ("E18", "E18"),
        ("pralka", None),
        ("⟦PERSON_1⟧ ⟦PHONE_1⟧", None),
        (" ".join(f"słowo{n}" for n in range(25)), None),
    ],
)
def test_a_question_teaches_without_what_was_redacted_or_not_at_all(question: str, learnt: str | None) -> None:
    found = learnable(question, HashingEncoder())
    assert (found.query.text if found else None) == learnt
