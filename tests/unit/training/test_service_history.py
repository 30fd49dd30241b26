"""Training on what people said: the words as filed, without personal data; a better model is proposed, no other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.hashing_encoder import HashingEncoder
from tests.unit.learning.desk import SmallDesk
from tests.unit.models.test_linear_classifier import tickets
from training.propose_model import Beginnings, propose
from training.run_files import write_run
from training.service_history import read_service, read_unsorted
from training.ticket_history import LabelledTicket, masked
from training.train_classifier import train_from_tickets
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.shipped import SeedTickets
from triage.domain.case import CaseState
from triage.domain.labels import Field
from triage.errors import InvalidInput
from triage.learning.samples import Samples
from triage.recognisers import Recognisers

NAMED = "Ekspres nie grzeje. Pozdrawiam, Grażyna Brzęczyszczykiewicz, tel. 501 222 333"


def test_the_text_is_the_one_of_filing_and_holds_no_personal_data() -> None:
    desk = SmallDesk()
    desk.receive("T1", NAMED)
    desk.write("Dopisek: to jednak bojler.")
    desk.correct({Field.CATEGORY: ("C04",)})
    [found] = read_service(desk.store, "default", Recognisers())
    assert (found.id, found.label) == ("T1", "C04")
    assert "Ekspres nie grzeje" in found.text
    assert not any(word in found.text for word in ("bojler", "Grażyna", "Brzęcz", "501"))


def test_people_outweigh_an_approval_and_the_blind_outweigh_those_who_saw() -> None:
    desk = SmallDesk()
    for ticket_id in ("approved", "corrected", "blind", "nobody"):
        desk.receive(ticket_id)
    for ticket_id in ("approved", "corrected", "blind"):
        key = ("default", ticket_id)
        desk.store.rows.cases[key] = replace(desk.store.rows.cases[key], state=CaseState.SENT)
    desk.correct({Field.CATEGORY: ("C04",)}, "corrected")
    desk.correct({Field.CATEGORY: ("C04",)}, "blind")
    samples = Samples(desk.store, desk.clock, desk.corrections.taxonomy)
    samples.draw("default", 10, days=1, actor="key:adm")
    samples.label("default", "blind", "C07", actor="key:eva")
    found = {one.id: one.label for one in read_service(desk.store, "default", Recognisers())}
    assert found == {"approved": "C01", "corrected": "C04", "blind": "C07"}
    strict = {one.id for one in read_service(desk.store, "default", Recognisers(), approved=False)}
    assert strict == {"corrected", "blind"}


def test_tickets_that_nobody_sorted_are_read_as_filed_and_without_personal_data() -> None:
    desk = SmallDesk()
    for ticket_id in ("sorted", "older", "newer"):
        desk.receive(ticket_id, f"{NAMED} nr {ticket_id}")
    found = read_unsorted(desk.store, "default", Recognisers(), {"sorted"}, 10)
    assert sorted("older" in text for text in found) == [False, True]
    assert sorted("newer" in text for text in found) == [False, True]
    assert not any(word in text for text in found for word in ("Grażyna", "Brzęcz", "501"))
    assert len(read_unsorted(desk.store, "default", Recognisers(), {"sorted"}, 1)) == 1


def test_no_name_of_the_history_reaches_a_model_file(tmp_path: Path) -> None:
    texts, labels = tickets(80, seed=2)
    history = masked(
        [
            LabelledTicket(str(n), f"{text}\nPozdrawiam, Grażyna Brzęczyszczykiewicz", label, "", str(n))
            for n, (text, label) in enumerate(zip(texts, labels, strict=True))
        ]
    )
    write_run(train_from_tickets(history, HashingEncoder(), name="own"), tmp_path)
    model = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    vocabulary = " ".join([*model["words"], *model["chars"]])
    assert "person" in vocabulary
    assert "brzecz" not in vocabulary
    assert "grazyn" not in vocabulary


def labelled(n: int, seed: int) -> list[LabelledTicket]:
    texts, labels = tickets(n, seed=seed)
    return [
        LabelledTicket(f"t{k}", f"{text} {'x' * (k % 9)}{k}", label, f"2026-01-01T{k:06d}", f"t{k}")
        for k, (text, label) in enumerate(zip(texts, labels, strict=True))
    ]


def test_a_model_is_proposed_when_it_is_better_beyond_chance_and_not_otherwise(tmp_path: Path) -> None:
    encoder, history = HashingEncoder(), labelled(160, seed=4)
    right = SeedTickets(*(zip(*[(one.id, one.text, one.label) for one in labelled(60, seed=9)], strict=True)), "d")
    names = sorted(set(right.labels))
    turned = dict(zip(names, [*names[1:], names[0]], strict=True))
    good = LinearClassifier.train(right.texts, right.labels, encoder, name="good")
    bad = LinearClassifier.train(right.texts, [turned[label] for label in right.labels], encoder, name="bad")
    better = propose(history, Beginnings.of_seed(right), bad, encoder, tmp_path / "a")
    assert better.better
    assert better.difference.low > 0.5
    same = propose(history, Beginnings.of_seed(right), good, encoder, tmp_path / "b")
    assert not same.better
    assert same.learnt_from > 0


def test_too_few_labels_are_said_plainly(tmp_path: Path) -> None:
    encoder = HashingEncoder()
    seed = SeedTickets(*(zip(*[(one.id, one.text, one.label) for one in labelled(60, seed=9)], strict=True)), "d")
    serving = LinearClassifier.train(seed.texts, seed.labels, encoder)
    with pytest.raises(InvalidInput, match="have labelled 12 tickets; about 67 are needed"):
        propose(labelled(12, seed=1), Beginnings.of_seed(seed), serving, encoder, tmp_path)


def test_a_desk_without_seed_tickets_gets_a_proposal_too(tmp_path: Path) -> None:
    encoder, history = HashingEncoder(), labelled(160, seed=4)
    names = sorted({ticket.label for ticket in history})
    turned = dict(zip(names, [*names[1:], names[0]], strict=True))
    bad = LinearClassifier.train([one.text for one in history], [turned[one.label] for one in history], encoder)
    alone = propose(history, Beginnings(), bad, encoder, tmp_path / "a")
    assert alone.better
    assert LinearClassifier.load(tmp_path / "a", encoder).held_out.n == alone.learnt_from


def test_what_the_models_are_judged_on_is_not_learnt_from_the_history(tmp_path: Path) -> None:
    history = labelled(160, seed=4)
    held_back = sorted(history, key=lambda ticket: ticket.time)[-48:]
    begun = Beginnings.of_history(history).without(held_back)
    assert not {ticket.id for ticket in begun.tickets} & {ticket.id for ticket in held_back}
    assert len(begun.tickets) == len(begun.everyday) == 112


def test_labels_of_one_category_are_not_enough_to_propose_from(tmp_path: Path) -> None:
    same = [replace(ticket, label="ret") for ticket in labelled(160, seed=4)]
    serving = LinearClassifier.train(["a", "b", "a c", "b c"], ["x", "y", "x", "y"], HashingEncoder())
    with pytest.raises(InvalidInput, match="fewer than two categories"):
        propose(same, Beginnings(), serving, HashingEncoder(), tmp_path)
