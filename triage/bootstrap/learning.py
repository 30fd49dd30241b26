"""Learning from people, wired to the pipeline and the model in force."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.parameters import HeldOut, Promise
from triage.bootstrap.models import ServedClassifier, open_registry, seed_labels
from triage.config import Settings
from triage.domain.case import TriageCase
from triage.domain.learning import PromiseInForce
from triage.domain.ticket import Ticket
from triage.learning.automation import Automation
from triage.learning.corrections import Corrections
from triage.learning.desk import Learning
from triage.learning.drift import Drift
from triage.learning.models import Models
from triage.learning.samples import Samples
from triage.pipeline import Tools, reconsider
from triage.ports import Clock, UnitOfWorkFactory

OTHER_LIMITS = (0.01, 0.02, 0.03, 0.05, 0.1)
"""Shares of errors among tickets tagged alone that a desk chooses between."""


def open_learning(settings: Settings, unit_of_work: UnitOfWorkFactory, tools: Tools, clock: Clock) -> Learning:
    """The use cases of learning over this storage and these tools."""

    def reconsider_now(ticket: Ticket, case: TriageCase) -> TriageCase:
        return reconsider(ticket, case, tools, clock.now())

    taxonomy, seeds = tools.company.taxonomy, partial(seed_labels, settings)
    return Learning(
        taxonomy=taxonomy,
        corrections=Corrections(unit_of_work, clock, taxonomy, reconsider_now),
        automation=Automation(unit_of_work, clock, lambda: promise_of(tools)),
        models=Models(open_registry(settings), unit_of_work, clock, taxonomy, tools.encoder.name, seeds),
        samples=Samples(unit_of_work, clock, taxonomy),
        drift=Drift(unit_of_work, clock, lambda: promise_of(tools)),
    )


def pinned(tools: Tools) -> Tools:
    """The tools with the classifier that is in force now, for the length of one ticket."""
    classifier = tools.classifier
    return replace(tools, classifier=classifier.current) if isinstance(classifier, ServedClassifier) else tools


def promise_of(tools: Tools) -> PromiseInForce | None:
    """What the classifier in force promises; ``None`` where it is of a kind that promises nothing."""
    classifier = pinned(tools).classifier
    return promise_of_classifier(classifier) if isinstance(classifier, LinearClassifier) else None


def promise_of_classifier(classifier: LinearClassifier) -> PromiseInForce:
    """What a classifier promises, what its held-out training tickets showed, and what other limits would give."""
    known = {
        promise.max_error: _promise(classifier.name, promise, held_out)
        for promise, held_out in (classifier.promised_at(max_error=limit) for limit in OTHER_LIMITS)
    }
    in_force = _promise(classifier.name, classifier.promise, classifier.held_out)
    return replace(in_force, others=tuple(known.values()) if len(known) > 1 else ())


def _promise(model: str, promise: Promise, held_out: HeldOut) -> PromiseInForce:
    return PromiseInForce(
        model=model,
        max_error=promise.max_error,
        tagged_share=held_out.tagged_share,
        tagged_error=held_out.tagged_error,
        held=promise.tagging_threshold <= 1,
    )
