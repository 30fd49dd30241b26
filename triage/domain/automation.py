"""How far the machine's reading of a case fills the ticket's fields, and what is written down of that reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from triage.domain.case import TriageCase
from triage.domain.classification import Suggestion
from triage.domain.labels import PROMISED, Field, Label, Level, Levels, SetBy
from triage.domain.learning import ModelRole, Reading


def filled_in(case: TriageCase, levels: Levels, at: datetime) -> TriageCase:
    """The case with its fields filled in or proposed as far as the levels let the machine go.

    What a person set stays; what the machine filled in before is looked at anew.
    """
    labels = [label for label in case.labels if label.set_by is SetBy.PERSON]
    settled = {label.field for label in labels}
    proposals: list[Label] = []
    for field, value in _read(case):
        level = levels.get(field, Level.OFF)
        if field in settled or level is Level.OFF:
            continue
        label = Label(field, value, SetBy.MACHINE, case.provenance.classifier, at, case.ticket_revision)
        (labels if level is Level.AUTO and _sure(case, field) else proposals).append(label)
    return replace(case, labels=tuple(labels), proposals=tuple(proposals))


def readings_of(case: TriageCase, at: datetime) -> tuple[Reading, ...]:
    """What the models said about the case's category: the serving one and, where there is one, the one on trial."""
    found = case.classification
    if found is None:
        return ()
    ranked = sorted((other.probability for other in found.alternatives), reverse=True)
    margin = ranked[0] - ranked[1] if len(ranked) > 1 else 1.0
    serving = replace(found.suggestion, model=case.provenance.classifier)
    readings = [_reading(case, serving, margin, ModelRole.SERVING, at)]
    if case.shadow is not None:
        readings.append(_reading(case, case.shadow, case.shadow.probability, ModelRole.SHADOW, at))
    return tuple(readings)


def _read(case: TriageCase) -> Iterator[tuple[Field, tuple[str, ...]]]:
    """What the machine would put into each field; a field it has nothing for is left out."""
    found = case.classification
    if found is not None:
        yield Field.CATEGORY, (found.suggestion.code,)
        if found.subcategory:
            yield Field.SUBCATEGORY, (found.subcategory,)
        if found.tags:
            yield Field.TAGS, found.tags
    if case.urgency is not None:
        yield Field.URGENCY, (case.urgency.suggestion.value,)


def _sure(case: TriageCase, field: Field) -> bool:
    """Whether the promise covers this reading: the model did not abstain, or a person set what the tags follow from."""
    return field in PROMISED and case.classification is not None and not case.classification.abstained


def _reading(case: TriageCase, said: Suggestion, margin: float, role: ModelRole, at: datetime) -> Reading:
    product = case.facts.first("product")
    return Reading(
        ticket_id=case.ticket_id,
        revision=case.ticket_revision,
        model=said.model,
        role=role,
        code=said.code,
        probability=said.probability,
        margin=margin,
        abstain_reason=said.abstain_reason,
        language=case.classification.language if case.classification else "und",
        product=product.value if product else "",
        at=at,
    )
