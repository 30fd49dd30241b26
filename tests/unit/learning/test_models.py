"""Promote, roll back, compare: a person decides, on what people said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.unit.learning.desk import COMPANY, NOW, SmallDesk
from triage.domain.classification import AbstainReason
from triage.domain.labels import Field
from triage.domain.learning import SEED, Deployment, ModelRole, ModelVersion, Reading, Truth
from triage.errors import ConfigurationError, ModelNotFound, ModelRefused
from triage.learning.models import Models, compare_readings


@dataclass
class MemoryRegistry:
    known: dict[str, ModelVersion]
    state: Deployment = field(default_factory=Deployment)

    def versions(self) -> tuple[ModelVersion, ...]:
        return tuple(self.known.values())

    def deployment(self) -> Deployment:
        return self.state

    def deploy(self, change: Callable[[Deployment], Deployment]) -> Deployment:
        self.state = change(self.state)
        return self.state

    def check(self, model_id: str) -> ModelVersion:
        if model_id not in self.known:
            raise ModelNotFound
        return self.known[model_id]


def version(id: str, *labels: str, name: str = "", encoder: str = "enc") -> ModelVersion:
    return ModelVersion(id, name or id, "", encoder, labels or ("C01", "C18"), {})


def office(*versions: ModelVersion, seeds: Callable[[], Iterable[str]] = lambda: ["C01"]) -> tuple[Models, SmallDesk]:
    desk = SmallDesk()
    known = {one.id: one for one in (version(SEED, name="fake-classifier"), *versions)}
    return Models(MemoryRegistry(known), desk.store, desk.clock, COMPANY.taxonomy, "enc", seeds), desk


def reading(n: int, model: str, code: str, *, unsure: bool = False) -> Reading:
    reason = AbstainReason.AMBIGUOUS if unsure else None
    return Reading(f"T{n}", 1, model, ModelRole.SERVING, code, 0.9, 0.8, reason, "pl", "", NOW)


def _no_seed_tickets() -> Iterable[str]:
    raise ConfigurationError(["seed: there are no tickets."])


@pytest.mark.parametrize(
    ("seeds", "why"), [(_no_seed_tickets, "there are none"), (lambda: ["C01", "X7"], "taxonomy lacks: X7")]
)
def test_rolling_back_to_a_seed_model_that_cannot_be_made_is_refused_and_changes_nothing(
    seeds: Callable[[], Iterable[str]], why: str
) -> None:
    models, desk = office(version("a"), seeds=seeds)
    models.promote("default", "a", actor="adm")
    told = len(desk.store.rows.audit)
    with pytest.raises(ModelRefused, match=why):
        models.rollback("default", actor="adm")
    assert models.registry.deployment().serving == "a"
    assert len(desk.store.rows.audit) == told


def test_rolling_back_leads_to_the_model_before_and_at_last_to_the_seed_model() -> None:
    models, desk = office(version("a"), version("b"))
    models.promote("default", "a", actor="adm")
    assert models.promote("default", "b", actor="adm").serving == "b"
    assert models.rollback("default", actor="adm").serving == "a"
    assert models.rollback("default", actor="adm").serving == SEED
    with pytest.raises(ModelRefused, match="nothing to roll back"):
        models.rollback("default", actor="adm")
    assert [step.detail["after"] for step in desk.store.rows.audit] == ["a", "b", "a", SEED]
    assert [step.before for step in models.registry.deployment().steps] == [SEED, "a", "b", "a"]


def test_rolling_back_to_the_seed_model_needs_no_file_of_it() -> None:
    models, _ = office(version("a"))
    models.promote("default", "a", actor="adm", insist=True)
    registry = models.registry
    assert isinstance(registry, MemoryRegistry)
    del registry.known[SEED]  # a service that has not started yet has not made it
    assert models.rollback("default", actor="adm").serving == SEED


def test_a_model_that_does_not_fit_may_not_serve() -> None:
    models, _ = office(version("foreign", "C01", "BILLING"), version("other", encoder="minilm"))
    with pytest.raises(ModelRefused, match="lacks: BILLING"):
        models.promote("default", "foreign", actor="adm")
    with pytest.raises(ModelRefused, match="minilm"):
        models.try_out("default", "other", actor="adm")
    with pytest.raises(ModelNotFound):
        models.promote("default", "nothing", actor="adm")


def test_a_model_that_people_show_to_be_worse_is_refused_until_someone_insists() -> None:
    models, desk = office(version("worse"))
    for n in range(40):
        desk.receive(f"T{n}")
        desk.correct({Field.CATEGORY: ("C01",)}, f"T{n}")
    with desk.store("default") as uow:
        wrong = [replace(reading(n, "worse", "C18"), role=ModelRole.SHADOW) for n in range(40)]
        uow.predictions.add(wrong)
        uow.commit()
    with pytest.raises(ModelRefused, match="worse is worse than fake-classifier"):
        models.promote("default", "worse", actor="adm")
    assert models.promote("default", "worse", actor="adm", insist=True).serving == "worse"


def test_a_comparison_counts_what_was_counted_by_hand() -> None:
    readings = [
        reading(1, "a", "C01"), reading(1, "b", "C01"),
        reading(2, "a", "C01", unsure=True), reading(2, "b", "C02"),
        reading(3, "a", "C03"), reading(3, "b", "C02", unsure=True),
        reading(4, "a", "C04"),
    ]  # fmt: skip
    truths = {
        "T1": Truth("T1", "C01", "jan", NOW),
        "T2": Truth("T2", "C02", "jan", NOW, blind=True),
        "T4": Truth("T4", "C04", "jan", NOW),
    }
    found = compare_readings("a", "b", readings, truths)
    assert (found.agreement.count, found.agreement.n) == (1, 3)
    assert [one.count for one in found.coverage] == [2, 2]
    assert [(one.count, one.n) for one in found.errors] == [(1, 2), (0, 2)]
    assert [(one.count, one.n) for one in found.tagged_errors] == [(0, 1), (0, 2)]
    assert (found.difference.value, found.difference.n, found.blind) == (0.5, 2, 1)
    assert found.difference.low < 0 < found.difference.high  # two tickets prove nothing


def test_a_trial_ends_when_its_model_serves() -> None:
    models, _ = office(version("a"))
    assert models.try_out("default", "a", actor="adm").shadow == "a"
    assert models.promote("default", "a", actor="adm").shadow == ""
    assert models.try_out("default", SEED, actor="adm").shadow == SEED
    assert models.try_out("default", "", actor="adm").shadow == ""


def test_the_model_that_serves_is_not_put_on_trial_beside_itself() -> None:
    models, _ = office(version("a"))
    models.promote("default", "a", actor="adm")
    with pytest.raises(ModelRefused, match="a serves already"):
        models.try_out("default", "a", actor="adm")


def test_a_comparison_with_a_model_that_never_was_is_refused() -> None:
    models, desk = office(version("a"))
    with pytest.raises(ModelNotFound, match="no model 'nix'"):
        models.compare("default", "a", "nix")
    with desk.store("default") as uow:
        uow.predictions.add([reading(1, "gone", "C01")])
        uow.commit()
    assert models.compare("default", "a", "gone").second == "gone"  # taken away since, but it read tickets


def test_old_readings_are_not_compared() -> None:
    models, desk = office(version("a"))
    desk.receive("T1")
    desk.clock.advance(days=400)
    found = models.compare("default", SEED, "a", since=desk.clock.now() - timedelta(days=1))
    assert found.agreement.n == 0
