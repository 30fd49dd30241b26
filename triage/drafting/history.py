"""The whole history: one summary across every ticket and channel of the same customer or the same device."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from itertools import islice
from threading import Lock

from knowledge_base.passage import Encoder
from triage.domain.access import Queues, is_within
from triage.domain.case import TriageCase
from triage.domain.classification import Facts
from triage.domain.deadline import Deadline
from triage.domain.summary import Summary
from triage.domain.ticket import Message, Ticket
from triage.drafting.summaries import restored_summary
from triage.errors import IllegalTransition
from triage.ports import LineWriter, PersonalDataRecogniser, UnitOfWorkFactory
from triage.stages.redact import redact
from triage.stages.summarise import History, summarise

MOST_TICKETS = 25
MOST_MESSAGES = 400
"""The newest messages of all tickets together."""
KEPT_HISTORIES = 64
_Key = tuple[str, str, Queues]
"""Tenant, case, and whose cases were read: what one caller may read must not be kept for another."""


@dataclass(frozen=True, slots=True)
class WholeHistory:
    """A summary, the tickets it is about, oldest first, and how many messages it read.

    Attributes:
        summary: message ids are ``<ticket>/<message>``.
    """

    tickets: tuple[str, ...]
    messages: int
    summary: Summary


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of a history before; ``token`` keeps its placeholders the same, so that its text is."""

    token: str
    read: History


@dataclass(slots=True)
class CustomerHistories:
    """Summarises histories; what was read stays in memory, redacted, so that a new message costs only itself."""

    unit_of_work: UnitOfWorkFactory
    recogniser: PersonalDataRecogniser
    encoder: Encoder
    writer: LineWriter | None = None
    _known: OrderedDict[_Key, _Known] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of_case(self, tenant: str, case_id: str, queues: Queues = None) -> WholeHistory:
        """The history a case belongs to: tickets of the same requester's address, and about the same serial number.

        Tickets whose case is not in ``queues`` are left out.

        Raises:
            CaseNotFound: no such case in this tenant.
            IllegalTransition: the case has not been triaged yet.
        """
        with self.unit_of_work(tenant) as uow:
            case, ticket = uow.cases.get(case_id), uow.tickets.get(case_id)
            serials = sorted({fact.value for fact in case.facts.of("serial")} | {ticket.order.get("serial", "")} - {""})
            related = uow.tickets.related(ticket.requester.email, serials, limit=MOST_TICKETS)
            ids = tuple(dict.fromkeys((*related, case_id)))
            teams = uow.cases.teams(ids)
            seen = [one for one in ids if one == case_id or is_within(queues, teams[one])]
            pairs = [(uow.tickets.get(one), uow.cases.get(one)) for one in seen]
        if case.classification is None:
            raise IllegalTransition("The case has not been triaged yet: wait for its classification.")
        return self._summarised((tenant, case_id, queues), ticket, case, pairs)

    def _summarised(
        self, key: _Key, ticket: Ticket, case: TriageCase, pairs: list[tuple[Ticket, TriageCase]]
    ) -> WholeHistory:
        merged = _merged(ticket, [one for one, _ in pairs])
        known = self._of(key)
        redaction = redact(merged, self.recogniser, token=known.token)
        read = known.read.updated(redaction.ticket)
        self._keep(key, replace(known, read=read))
        assert case.classification is not None
        remedies = dict.fromkeys(code for _, one in pairs for code in _remedies(one))
        summary = summarise(
            redaction.ticket,
            replace(case.classification, remedies=tuple(remedies)),
            _facts(pairs, {message.id for message in merged.messages}),
            _deadlines(pairs),
            self.encoder,
            history=read,
            writer=self.writer,
        )
        ids = tuple(one.id for one, _ in pairs)
        return WholeHistory(ids, len(merged.messages), restored_summary(summary, redaction.map))

    def _of(self, key: _Key) -> _Known:
        with self._lock:
            return self._known.get(key) or _Known(secrets.token_hex(3), History())

    def _keep(self, key: _Key, known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            for oldest in list(islice(self._known, max(0, len(self._known) - KEPT_HISTORIES))):
                del self._known[oldest]


def _merged(ticket: Ticket, tickets: list[Ticket]) -> Ticket:
    """One ticket of all messages in the order they came in; of a very long history the newest."""
    messages = [replace(message, id=_told_in(one.id, message.id)) for one in tickets for message in one.messages]
    in_order: list[Message] = sorted(messages, key=lambda message: (message.at, message.id))[-MOST_MESSAGES:]
    return replace(ticket, messages=tuple(in_order))


def _told_in(ticket_id: str, message_id: str) -> str:
    return f"{ticket_id}/{message_id}"


def _remedies(case: TriageCase) -> tuple[str, ...]:
    return case.classification.remedies if case.classification else ()


def _facts(pairs: list[tuple[Ticket, TriageCase]], known: set[str]) -> Facts:
    found = (
        replace(fact, message_id=_told_in(ticket.id, fact.message_id))
        for ticket, case in pairs
        for fact in case.facts.items
    )
    return Facts(tuple(fact for fact in found if fact.message_id in known))


def _deadlines(pairs: list[tuple[Ticket, TriageCase]]) -> tuple[Deadline, ...]:
    return tuple(dict.fromkeys(deadline for _, case in pairs for deadline in case.deadlines))
