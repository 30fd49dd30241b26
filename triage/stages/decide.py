"""Decide: what people set on a ticket is put in force over what the machine read, which stays beside it.

Further categories come from people alone. On the development tickets neither the second probability nor single
sentences found more than 3 of 28, with a precision of at most 0.08, and every category starts statutory clocks.

Nothing that is read later overrules a person, with one exception: a newer message that raises danger. Whoever set the
urgency had not read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.domain.classification import Classification
from triage.domain.company import Category, Taxonomy
from triage.domain.labels import Field, Label, SetBy, label_of
from triage.domain.priority import Urgency, UrgencyLevel


def category_in_force(found: Classification, labels: Sequence[Label], taxonomy: Taxonomy) -> Classification:
    """The classification with the categories, subcategory, tags and queue that hold; further ones start clocks too.

    A category that the taxonomy no longer has is the machine's matter again.
    """
    category, sub = _by_person(labels, Field.CATEGORY), _by_person(labels, Field.SUBCATEGORY)
    if category is not None and category.value[0] in taxonomy:
        code = category.value[0]
        found = found.decided_as(code, taxonomy[code].label(found.language))
    else:
        code = found.suggestion.code
        found = found.handed_back(taxonomy[code].label(found.language) if code in taxonomy else found.label)
    if found.code not in taxonomy:
        return found
    further = _by_person(labels, Field.SECONDARY)
    named = further.value if further is not None else ()
    found = replace(found, secondary=tuple(code for code in named if code in taxonomy and code != found.code))
    chosen = taxonomy[found.code]
    if sub is not None and sub.value[0] in chosen.subcategories:
        found = replace(found, subcategory=sub.value[0])
    tags, matters = _tags(found, chosen, taxonomy), _matters(found, taxonomy)
    return replace(found, tags=tags, matters=matters, routing=chosen.routing)


def urgency_in_force(computed: Urgency, labels: Sequence[Label], revision: int) -> Urgency:
    """The urgency with the level that holds.

    Args:
        revision: of the ticket that was weighed; a danger in a message newer than the person's decision stands.
    """
    chosen = _by_person(labels, Field.URGENCY)
    if chosen is None or (computed.forced_by and revision > chosen.revision):
        return computed.handed_back()
    return computed.decided_as(UrgencyLevel(chosen.value[0]))


def _by_person(labels: Sequence[Label], field: Field) -> Label | None:
    label = label_of(labels, field)
    return label if label is not None and label.set_by is SetBy.PERSON and label.value else None


def _tags(found: Classification, category: Category, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Tags that follow from the categories, the first one's first."""
    others = (taxonomy[code].tag for code in found.secondary if code in taxonomy)
    return tuple(dict.fromkeys(tag for tag in (category.tag, *others) if tag))


def _matters(found: Classification, taxonomy: Taxonomy) -> tuple[str, ...]:
    return tuple(taxonomy[code].law for code in (found.code, *found.secondary) if code in taxonomy)
