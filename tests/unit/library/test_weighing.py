"""Verdicts that are weighed while other people's are: counted again, never lost, and no fault of who gave them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from tests.fakes.clock import FakeClock
from tests.fakes.hashing_encoder import HashingEncoder
from triage.domain.library import Hit, KeptSearch, Said
from triage.domain.rulings import DeskRuling, RulingState, Votes
from triage.errors import AlreadyDecided
from triage.library.weighing import Weighing

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HIT = Hit("P01@1#0", 0.9, "key", ("Zwrot",))


@dataclass
class Verdicts:
    """A log with one search, and what people said of its passage."""

    said: list[Said]

    def search(self, tenant: str, search_id: str) -> KeptSearch:
        return KeptSearch(search_id, NOW, "anna", "kiedy zwrot pieniędzy", "pl", "g", (HIT,))

    def said_of(self, tenant: str, passage_id: str | None, *, since: datetime) -> tuple[Said, ...]:
        return tuple(self.said)


@dataclass
class Overtaken:
    """A store of one ruling in which something else happens before each of the first attempts to write."""

    meanwhile: list[Callable[[Overtaken], None]]
    kept: DeskRuling | None = None

    def find(self, tenant: str, ruling_ids: Sequence[str]) -> tuple[DeskRuling, ...]:
        return (self.kept,) if self.kept else ()

    def put(self, tenant: str, ruling: DeskRuling, *, before: RulingState | None, actor: str) -> None:
        if self.meanwhile:
            self.meanwhile.pop(0)(self)
            raise AlreadyDecided
        self.kept = ruling

    def in_force(self, tenant: str) -> tuple[DeskRuling, ...]:
        return ()


@dataclass
class Noticed:
    """Shelves that count how often they are told of a change."""

    times: list[str] = field(default_factory=list)

    def changed(self, tenant: str) -> None:
        self.times.append(tenant)


def said(actor: str) -> Said:
    return Said(actor=actor, query="kiedy zwrot pieniędzy", helpful=True, at=NOW)


def weighed(log: Verdicts, store: Overtaken) -> Noticed:
    shelves = Noticed()
    parts = cast(Any, (shelves, log, store))
    Weighing(*parts, HashingEncoder(), FakeClock(NOW)).weigh("default", "s", ["P01@1#0"], actor="anna")
    return shelves


def test_who_is_overtaken_counts_the_other_verdict_too() -> None:
    log = Verdicts([said("anna")])

    def bartek_says_so(store: Overtaken) -> None:
        log.said.append(said("bartek"))

    store = Overtaken([bartek_says_so])
    shelves = weighed(log, store)
    assert store.kept is not None
    assert (store.kept.votes, store.kept.state) == (Votes(2, 0), RulingState.IN_FORCE)
    assert shelves.times == ["default"]


def test_what_another_person_settled_meanwhile_stays_settled() -> None:
    log = Verdicts([said("anna"), said("bartek")])

    def rejected(store: Overtaken) -> None:
        store.meanwhile.clear()
        store.put("default", plain, before=None, actor="ewa")

    first = Overtaken([])
    weighed(Verdicts([said("anna")]), first)
    assert first.kept is not None
    plain = replace(first.kept, state=RulingState.REJECTED, settled_by="ewa")
    store = Overtaken([rejected])
    assert weighed(log, store).times == []
    assert store.kept is not None
    assert (store.kept.state, store.kept.votes) == (RulingState.REJECTED, Votes(2, 0))


def test_a_verdict_that_cannot_be_weighed_for_all_the_others_is_no_fault() -> None:
    store = Overtaken([lambda _: None] * 50)
    assert weighed(Verdicts([said("anna")]), store).times == []
    assert store.kept is None
