"""Which model serves: promote, roll back, put on trial, compare. A person decides; nothing promotes itself.

A model that people's labels show to be worse than the one in force is refused, unless the person insists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triage.domain.company import Taxonomy
from triage.domain.learning import (
    SEED,
    Comparison,
    Deployment,
    DeploymentStep,
    ModelVersion,
    Reading,
    Truth,
)
from triage.domain.shares import Share, paired_difference, share
from triage.errors import ConfigurationError, ModelNotFound, ModelRefused
from triage.ports import Clock, ModelRegistry, UnitOfWorkFactory

LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Models:
    """What an administrator may do with models.

    Attributes:
        encoder: name of the encoder in use; a model of another one cannot serve.
        seed_labels: categories of the company's seed tickets; raises ``ConfigurationError`` where it has none.
    """

    registry: ModelRegistry
    unit_of_work: UnitOfWorkFactory
    clock: Clock
    taxonomy: Taxonomy
    encoder: str
    seed_labels: Callable[[], Iterable[str]]

    def promote(self, tenant: str, model_id: str, *, actor: str, insist: bool = False) -> Deployment:
        """Let a model serve from the next ticket on.

        Args:
            insist: also when people's labels show it to be worse than the one in force.

        Raises:
            ModelNotFound: no such model.
            ModelTampered: a file was changed since it was added.
            ModelRefused: it was trained with another encoder, knows categories the taxonomy lacks, or is worse.
        """
        deployment = self.registry.deployment()
        serving = deployment.serving
        if model_id == serving:
            return deployment
        self._refuse_unfit(model_id)
        if not insist:
            self._refuse_worse(self.compare(tenant, serving, model_id))
        return self._step(tenant, "promote", model_id, actor)

    def rollback(self, tenant: str, *, actor: str) -> Deployment:
        """Let the model serve that served before.

        Raises:
            ModelRefused: no model was promoted, or the one before is the seed model, which cannot be made.
            ModelTampered: a file of the one before was changed since it was added.
        """
        served = self.registry.deployment().served
        if not served:
            raise ModelRefused("No model was promoted: there is nothing to roll back to.")
        before = served[-2] if len(served) > 1 else SEED
        if before == SEED:
            self._refuse_without_seed_tickets()
        else:
            self._refuse_unfit(before)
        return self._step(tenant, "rollback", before, actor)

    def try_out(self, tenant: str, model_id: str, *, actor: str) -> Deployment:
        """Let a model predict beside the one in force, without any effect; an empty id ends the trial.

        Raises:
            ModelNotFound: no such model.
            ModelTampered: a file was changed since it was added.
            ModelRefused: it serves already, was trained with another encoder, or knows categories the taxonomy lacks.
        """
        if model_id and model_id == self.registry.deployment().serving:
            raise ModelRefused(f"{model_id} serves already: put another model on trial beside it.")
        if model_id:
            self._refuse_unfit(model_id)
        return self._step(tenant, "shadow", model_id, actor)

    def compare(self, tenant: str, first: str, second: str, *, since: datetime | None = None) -> Comparison:
        """Both models on the tickets both have read; only people's labels say who was right.

        Raises:
            ModelNotFound: there is no such model, and none of that name has read a ticket.
        """
        now = self.clock.now()
        since = since or now - LOOK_BACK
        with self.unit_of_work(tenant) as uow:
            readings = uow.predictions.between(since, now + timedelta(seconds=1))
            truths = merged(uow.corrections.truths(since), uow.blind_sample.truths(since))
        names = {version.id: version.name for version in self.registry.versions()}
        for asked in {first, second} - names.keys() - {SEED, *(reading.model for reading in readings)}:
            raise ModelNotFound(f"There is no model {asked!r}: `triage models list` names those there are.")
        first_name, second_name = names.get(first, first), names.get(second, second)
        return compare_readings(first_name, second_name, readings, truths)

    def _refuse_unfit(self, model_id: str) -> ModelVersion:
        version = self.registry.check(model_id)
        if version.encoder != self.encoder:
            raise ModelRefused(
                f"{model_id} was trained with encoder {version.encoder}, but {self.encoder} is in use: train it again."
            )
        foreign = self._foreign(version.labels)
        if foreign:
            raise ModelRefused(
                f"{model_id} knows categories that the taxonomy lacks: {', '.join(foreign[:10])}. Train it on a "
                "history whose labels are the taxonomy's codes, labels or tags, or add the categories to taxonomy.yaml."
            )
        return version

    def _refuse_without_seed_tickets(self) -> None:
        """The seed model is made again wherever it is missing or damaged, but only seed tickets can make it."""
        instead = "Promote another model, or train one on the tickets you have (`triage train`)."
        try:
            foreign = self._foreign(self.seed_labels())
        except ConfigurationError as exc:
            raise ModelRefused(f"The model before is made from seed tickets, and there are none. {instead}") from exc
        if foreign:
            raise ModelRefused(
                "The model before is made from seed tickets, and theirs are categories that the taxonomy lacks: "
                f"{', '.join(foreign[:10])}. {instead}"
            )

    def _foreign(self, labels: Iterable[str]) -> list[str]:
        return sorted({label for label in labels if label not in self.taxonomy})

    def _refuse_worse(self, comparison: Comparison) -> None:
        if comparison.difference.n and comparison.difference.high < 0:
            raise ModelRefused(
                f"{comparison.second} is worse than {comparison.first} on tickets that people labelled: "
                f"accuracy {comparison.difference}. Insist if you know better."
            )

    def _step(self, tenant: str, action: str, model_id: str, actor: str) -> Deployment:
        now, before = self.clock.now(), self.registry.deployment()
        step = DeploymentStep(action, model_id, before.shadow if action == "shadow" else before.serving, actor, now)
        with self.unit_of_work(tenant) as uow:
            detail = {"action": action, "before": step.before, "after": model_id}
            uow.audit.append(actor=actor, action="model", subject=f"model:{model_id or 'none'}", detail=detail)
            uow.commit()
        return self.registry.deploy(lambda known: _deployed(known, step))


def _deployed(known: Deployment, step: DeploymentStep) -> Deployment:
    steps = (*known.steps, step)
    if step.action == "shadow":
        return replace(known, shadow=step.model, steps=steps)
    served = (*known.served, step.model) if step.action == "promote" else known.served[:-1]
    shadow = "" if known.shadow == step.model else known.shadow
    return replace(known, served=served, shadow=shadow, steps=steps)


def merged(corrections: Iterable[Truth], blind: Iterable[Truth]) -> dict[str, Truth]:
    """The category people gave each ticket; one given blind outweighs one given beside a suggestion."""
    return {truth.ticket_id: truth for truth in (*corrections, *blind)}


def compare_readings(first: str, second: str, readings: Iterable[Reading], truths: dict[str, Truth]) -> Comparison:
    """Compare two models by name on the tickets that both have read."""
    by_model: dict[str, dict[str, Reading]] = {first: {}, second: {}}
    for reading in readings:
        if reading.model in by_model:
            by_model[reading.model].setdefault(reading.ticket_id, reading)
    pairs = [(one, by_model[second][key]) for key, one in by_model[first].items() if key in by_model[second]]
    judged = [(a, b, truths[a.ticket_id]) for a, b in pairs if a.ticket_id in truths]
    only_first = sum(a.code == truth.category != b.code for a, b, truth in judged)
    only_second = sum(b.code == truth.category != a.code for a, b, truth in judged)
    return Comparison(
        first=first,
        second=second,
        agreement=share(sum(a.code == b.code for a, b in pairs), len(pairs)),
        coverage=(_tagged([a for a, _ in pairs]), _tagged([b for _, b in pairs])),
        errors=(_errors([(a, truth) for a, _, truth in judged]), _errors([(b, truth) for _, b, truth in judged])),
        tagged_errors=(
            _errors([(a, truth) for a, _, truth in judged if a.abstain_reason is None]),
            _errors([(b, truth) for _, b, truth in judged if b.abstain_reason is None]),
        ),
        difference=paired_difference(only_first, only_second, len(judged)),
        blind=sum(truth.blind for _, _, truth in judged),
    )


def _tagged(readings: list[Reading]) -> Share:
    return share(sum(reading.abstain_reason is None for reading in readings), len(readings))


def _errors(judged: list[tuple[Reading, Truth]]) -> Share:
    return share(sum(reading.code != truth.category for reading, truth in judged), len(judged))
