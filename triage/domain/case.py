"""The triage case and its state machine: the only one in the product.

::

    RECEIVED ──triaged──► PENDING_APPROVAL ──approve──► APPROVED ──claim──► SENDING ──► SENT
        │                    ▲   │   │                     ▲                   ├──► DELIVERY_UNKNOWN
        └─stage failed─► NEEDS_ATTENTION └─reject─► REJECTED    └─approve again─┤       │ a person says
                                                           ▲         │         SEND_FAILED ◄┘ it did not arrive
                                                           └deferred─┘

    What certainly did not leave may be tried again: by itself while its approval holds and what stood in the way may
    pass (deferred), else on a new approval. No edge leads back from DELIVERY_UNKNOWN.
    a newer customer message takes every state but SENDING back to RECEIVED, and voids an approval
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from knowledge_base.answer import ScoredPassage
from triage.domain.classification import Classification, Facts, Suggestion
from triage.domain.deadline import Deadline, met_by_letters
from triage.domain.labels import Field, Label, SetBy, label_of
from triage.domain.priority import Urgency
from triage.domain.reply import Draft, Finding
from triage.domain.rights import LegalPosition
from triage.domain.summary import Summary
from triage.errors import IllegalTransition


class CaseState(StrEnum):
    """Where a case stands; see the picture above."""

    RECEIVED = "received"
    PENDING_APPROVAL = "pending_approval"
    NEEDS_ATTENTION = "needs_attention"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    DELIVERY_UNKNOWN = "delivery_unknown"
    SEND_FAILED = "send_failed"
    REJECTED = "rejected"


_ALLOWED: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.RECEIVED: frozenset({CaseState.RECEIVED, CaseState.PENDING_APPROVAL, CaseState.NEEDS_ATTENTION}),
    CaseState.PENDING_APPROVAL: frozenset(
        {
            CaseState.PENDING_APPROVAL,
            CaseState.APPROVED,
            CaseState.REJECTED,
            CaseState.RECEIVED,
            CaseState.NEEDS_ATTENTION,
        }
    ),
    CaseState.NEEDS_ATTENTION: frozenset(
        {CaseState.NEEDS_ATTENTION, CaseState.PENDING_APPROVAL, CaseState.REJECTED, CaseState.RECEIVED}
    ),
    CaseState.APPROVED: frozenset({CaseState.SENDING, CaseState.PENDING_APPROVAL, CaseState.RECEIVED}),
    CaseState.SENDING: frozenset(
        {CaseState.SENT, CaseState.DELIVERY_UNKNOWN, CaseState.SEND_FAILED, CaseState.APPROVED}
    ),
    CaseState.SENT: frozenset({CaseState.RECEIVED}),
    CaseState.DELIVERY_UNKNOWN: frozenset({CaseState.SENT, CaseState.SEND_FAILED}),
    CaseState.SEND_FAILED: frozenset({CaseState.APPROVED, CaseState.PENDING_APPROVAL, CaseState.RECEIVED}),
    CaseState.REJECTED: frozenset({CaseState.RECEIVED, CaseState.PENDING_APPROVAL}),
}


CLOSED: Final = frozenset({CaseState.SENT, CaseState.REJECTED})
"""Nothing more comes by itself: what is still owed then, :attr:`TriageCase.next_deadline` says."""


def may_become(state: CaseState, target: CaseState) -> bool:
    """Whether the state machine has an edge from ``state`` to ``target``."""
    return target in _ALLOWED[state]


@dataclass(frozen=True, slots=True)
class StageFailure:
    """Why the pipeline stopped: the stage's name and a reason without ticket text."""

    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which models, data and rules made the case's values, so that any of them can be explained later."""

    classifier: str = ""
    encoder: str = ""
    index_generation: str = ""
    rule_table: str = ""
    composer: str = ""
    summariser: str = ""
    degraded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TriageCase:
    """Everything the desk knows about a ticket; one per ticket, a new version at every change.

    Attributes:
        labels: fields of the ticket that are filled in, at most one each; a person's are kept when the ticket is
            triaged again.
        proposals: what the machine proposes for fields that nobody filled in, where its level of automation lets it.
        shadow: what a model on trial says; nothing rests on it.
        assignee: the actor who works on the case; empty while nobody does.
        team: whose queue it is in; empty means everybody's.
        snoozed_until: when it comes back into the queue; ``None`` while it is in it.
        rejected_because: why the newest rejected draft was not sent, in the words of who decided; here and not in the
            audit log, because such words may name the customer and the log can never forget them.
        answering: the reply that was approved is the desk's answer, not an acknowledgement or a question.
        replied_on: the local day of the newest letter that left; ``answered_on``: of the newest that was an answer.
    """

    ticket_id: str
    tenant: str
    state: CaseState
    version: int
    ticket_revision: int
    updated_at: datetime
    classification: Classification | None = None
    facts: Facts = field(default_factory=Facts)
    deadlines: tuple[Deadline, ...] = ()
    rights: LegalPosition | None = None
    urgency: Urgency | None = None
    passages: tuple[ScoredPassage, ...] = ()
    draft: Draft | None = None
    findings: tuple[Finding, ...] = ()
    summary: Summary | None = None
    failure: StageFailure | None = None
    provenance: Provenance = field(default_factory=Provenance)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()
    proposals: tuple[Label, ...] = ()
    shadow: Suggestion | None = None
    assignee: str = ""
    team: str = ""
    snoozed_until: datetime | None = None
    rejected_because: str = ""
    answering: bool = False
    replied_on: date | None = None
    answered_on: date | None = None

    def become(self, state: CaseState, at: datetime) -> TriageCase:
        """Return the next version of the case in ``state``.

        Raises:
            IllegalTransition: the state machine has no such edge.
        """
        if not may_become(self.state, state):
            raise IllegalTransition(f"A case in state {self.state.value!r} cannot become {state.value!r}.")
        return replace(self, state=state, version=self.version + 1, updated_at=at)

    def replied(self, on: date) -> TriageCase:
        """The case after the reply that was approved left on a day: the clocks stop that such a letter keeps."""
        answered_on = on if self.answering else self.answered_on
        return replace(self, answering=False, replied_on=on, answered_on=answered_on).with_clocks(self.deadlines)

    def with_clocks(self, deadlines: tuple[Deadline, ...]) -> TriageCase:
        """The case with these clocks, those stopped that its letters keep."""
        letters = {"replied_on": self.replied_on, "answered_on": self.answered_on}
        return replace(self, deadlines=met_by_letters(deadlines, **letters))

    def decided(self, field: Field) -> Label | None:
        """What a person set for a field, if anybody did."""
        label = label_of(self.labels, field)
        return label if label is not None and label.set_by is SetBy.PERSON else None

    @property
    def next_deadline(self) -> Deadline | None:
        """The running clock with the earliest ``safe_due``; of a closed case, of those that wait for an answer."""
        if self.state is CaseState.SENT and self.replied_on is None:
            return None  # sent before anybody kept what its letter was
        running = [one for one in self.deadlines if one.met_on is None]
        if self.state in CLOSED:
            running = [one for one in running if not one.any_reply]
        elif not running:
            running = list(self.deadlines)
        return min(running, key=lambda deadline: deadline.safe_due, default=None)
