"""Corrections: a person fills in a field of a ticket. The suggestion stays beside it, and nothing read later undoes it.

A category decides which clocks run and which letter is proposed. So a changed category recomputes clocks, rights and
urgency at once, voids an approval that was not used yet, and has a machine's draft written anew; words a person wrote
stay, checked against the new category. A case that is answered keeps its state: its label is put right, nothing moves.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from triage.domain.case import CaseState, TriageCase
from triage.domain.company import Taxonomy
from triage.domain.labels import Correction, Field, Label, SetBy, label_of, with_label, without_label
from triage.domain.priority import UrgencyLevel
from triage.domain.ticket import Ticket
from triage.errors import Conflict, IllegalTransition, InvalidLabel, NotFound, StaleVersion
from triage.ports import Clock, UnitOfWork, UnitOfWorkFactory

Changes = Mapping[Field, tuple[str, ...] | None]
"""New value by field; ``None`` hands the field back to the machine."""
Reconsider = Callable[[Ticket, TriageCase], TriageCase]
"""Draws the consequences of what was set; the pipeline's stages with their tools bound."""

MAX_TAGS = 30
_TAG = re.compile(r"\w[\w .:+/-]{0,39}")
_ANSWERED = (CaseState.SENT, CaseState.DELIVERY_UNKNOWN)
_ON_ITS_WAY = (CaseState.APPROVED, CaseState.SENDING)
_DECIDES = frozenset({Field.CATEGORY, Field.SUBCATEGORY, Field.SECONDARY})


@dataclass(frozen=True, slots=True)
class Tagged:
    """What became of one case of a bulk action: ``tagged``, ``unchanged``, ``not_found`` or ``on_its_way``."""

    case_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """What people may set on a case."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    taxonomy: Taxonomy
    reconsider: Reconsider

    def correct(
        self, tenant: str, case_id: str, *, actor: str, version_read: int, changes: Changes, reason: str = ""
    ) -> TriageCase:
        """Set fields of a case, all or none.

        Args:
            reason: why; needed to set another urgency than the computed one.

        Raises:
            CaseNotFound: no such case in this tenant.
            StaleVersion: the case has changed since it was read.
            InvalidLabel: a code that the taxonomy lacks, a tag that is none, or a reason is missing.
            IllegalTransition: the reply is on its way.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id, for_update=True), uow.tickets.get(case_id)
            if case.version != version_read:
                raise StaleVersion()
            corrected = self._corrected(uow, case, ticket, self._checked(case, changes, reason), actor, reason)
            uow.commit()
        return corrected

    def tag(
        self, tenant: str, case_ids: Sequence[str], *, actor: str, add: Iterable[str], remove: Iterable[str]
    ) -> tuple[Tagged, ...]:
        """Add and take away tags of many cases; what else is on them stays. Each case is a unit of work of its own.

        Raises:
            InvalidLabel: a tag that is none.
        """
        added, removed = tuple(dict.fromkeys(add)), frozenset(remove)
        _check_tags((*added, *removed))
        return tuple(Tagged(one, self._tag(tenant, one, actor, added, removed)) for one in dict.fromkeys(case_ids))

    def _tag(self, tenant: str, case_id: str, actor: str, added: tuple[str, ...], removed: frozenset[str]) -> str:
        with self.unit_of_work(tenant) as uow:
            try:
                case, ticket = uow.cases.get(case_id, for_update=True), uow.tickets.get(case_id)
            except NotFound:
                return "not_found"
            label = label_of(case.labels, Field.TAGS)
            before = label.value if label else ()
            after = tuple(tag for tag in dict.fromkeys((*before, *added)) if tag not in removed)[:MAX_TAGS]
            if after == before:
                return "unchanged"
            try:
                self._corrected(uow, case, ticket, {Field.TAGS: after}, actor, "")
            except Conflict:
                return "on_its_way"
            uow.commit()
        return "tagged"

    def _checked(self, case: TriageCase, changes: Changes, reason: str) -> Changes:
        """The changes, if every one can be made; a new category takes the old one's subcategory with it."""
        checked = dict(changes)
        for code in (*(checked.get(Field.CATEGORY) or ()), *(checked.get(Field.SECONDARY) or ())):
            if code not in self.taxonomy:
                raise InvalidLabel(f"There is no category {code!r}; there are {', '.join(self.taxonomy.codes)}.")
        if Field.CATEGORY in checked and case.decided(Field.SUBCATEGORY) is not None:
            checked.setdefault(Field.SUBCATEGORY, None)
        self._check_subcategory(case, checked)
        _check_urgency(case, checked.get(Field.URGENCY), reason)
        tags = checked.get(Field.TAGS)
        if tags is not None:
            _check_tags(tags)
            checked[Field.TAGS] = tuple(dict.fromkeys(tags))
        return checked

    def _check_subcategory(self, case: TriageCase, changes: Changes) -> None:
        chosen = changes.get(Field.SUBCATEGORY)
        if chosen is None:
            return
        category = changes.get(Field.CATEGORY) or ((case.classification.code,) if case.classification else ())
        known = self.taxonomy[category[0]].subcategories if category and category[0] in self.taxonomy else {}
        if chosen[0] not in known:
            raise InvalidLabel(f"The category has no subcategory {chosen[0]!r}; it has {', '.join(known) or 'none'}.")

    def _corrected(
        self, uow: UnitOfWork, case: TriageCase, ticket: Ticket, changes: Changes, actor: str, reason: str
    ) -> TriageCase:
        """Keep each decision, draw its consequences, save the case's next version."""
        news = {field: value for field, value in changes.items() if _differs(case, field, value)}
        if not news:
            return case
        decides = bool(_DECIDES & news.keys())
        if case.state is CaseState.SENDING or (case.state in _ON_ITS_WAY and not decides):
            raise IllegalTransition("The reply is on its way: set the label when it is sent.")
        now = self.clock.now()
        labels = case.labels
        for field, value in news.items():
            uow.corrections.add(self._decision(case, ticket, field, value, actor, reason))
            label = Label(field, value or (), SetBy.PERSON, actor, now, ticket.revision)
            labels = without_label(labels, field) if value is None else with_label(labels, label)
        proposals = tuple(one for one in case.proposals if label_of(labels, one.field) is None)
        corrected = replace(case, labels=labels, proposals=proposals)
        if news.keys() != {Field.TAGS}:
            corrected = self.reconsider(ticket, corrected)
        if decides:
            corrected = self._moved(uow, corrected, ticket)
        corrected = replace(corrected, version=case.version + 1, updated_at=now)
        uow.cases.save(corrected, expected_version=case.version)
        detail = _detail(case, news) | {"version": str(corrected.version)}
        uow.audit.append(actor=actor, action="labelled", subject=case.ticket_id, detail=detail)
        return corrected

    def _moved(self, uow: UnitOfWork, case: TriageCase, ticket: Ticket) -> TriageCase:
        """The state a case goes to when its category changed: what was approved was approved for another matter."""
        if case.state in _ANSWERED:
            return case
        for record in uow.approvals.of_case(case.ticket_id):
            if record.state == "granted":
                uow.approvals.mark(record.approval.id, "void")
        now = self.clock.now()
        if case.draft is not None and case.draft.composer.startswith("agent:"):
            return case if case.state is CaseState.NEEDS_ATTENTION else case.become(CaseState.PENDING_APPROVAL, now)
        uow.jobs.triage(ticket, urgent=case.urgency is not None and case.urgency.level is UrgencyLevel.P1)
        return case.become(CaseState.RECEIVED, now)

    def _decision(
        self, case: TriageCase, ticket: Ticket, field: Field, value: tuple[str, ...] | None, actor: str, reason: str
    ) -> Correction:
        return Correction(
            id=f"cor_{uuid.uuid4().hex}",
            tenant=case.tenant,
            ticket_id=case.ticket_id,
            field=field,
            suggested=suggested(case, field),
            value=value or (),
            actor=actor,
            at=self.clock.now(),
            model=case.provenance.classifier,
            case_version=case.version + 1,
            revision=ticket.revision,
            reason=reason,
        )


def suggested(case: TriageCase, field: Field) -> tuple[str, ...]:
    """What the machine has to say about a field; empty when it has nothing."""
    found = case.classification
    if field is Field.URGENCY:
        return (case.urgency.suggestion.value,) if case.urgency else ()
    if found is None:
        return ()
    if field is Field.SUBCATEGORY:
        return (found.subcategory,) if found.subcategory else ()
    if field is Field.SECONDARY:
        return found.secondary
    return (found.suggestion.code,) if field is Field.CATEGORY else found.tags


def _differs(case: TriageCase, field: Field, value: tuple[str, ...] | None) -> bool:
    decided = case.decided(field)
    return decided is not None if value is None else decided is None or decided.value != value


def _check_urgency(case: TriageCase, level: tuple[str, ...] | None, reason: str) -> None:
    if level is None:
        return
    if level[0] not in {one.value for one in UrgencyLevel}:
        raise InvalidLabel(f"There is no urgency {level[0]!r}; there are P1, P2, P3 and P4.")
    computed = case.urgency.suggestion if case.urgency else None
    if computed is not None and level[0] != computed.value and not reason.strip():
        raise InvalidLabel(f"The urgency was computed as {computed.value}: give a reason for another one.")


def _check_tags(tags: Iterable[str]) -> None:
    tags = tuple(tags)
    if len(tags) > MAX_TAGS or not all(_TAG.fullmatch(tag) for tag in tags):
        raise InvalidLabel(f"Give at most {MAX_TAGS} tags of 1 to 40 letters, digits, spaces and . : + / _ -")


def _detail(case: TriageCase, changes: Changes) -> dict[str, str]:
    """For the audit log, which is never erased: codes, and of tags only how many there are."""
    detail = {}
    for field, value in changes.items():
        before, after = suggested(case, field), value or ()
        if field is Field.TAGS:
            detail[field.value] = f"{len(after)} tags"
        else:
            detail[field.value] = f"{'/'.join(before) or '-'}>{'/'.join(after) or 'machine'}"
    return detail
