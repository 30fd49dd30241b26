"""Whether a model trained again on what people said would be better; a person decides what to do about it.

The newest labelled tickets are held back, the candidate learns from the older ones and from what the desk began with
(its seed tickets, or the history it trained on), and both models judge the ones held back. It is proposed only when it
is better beyond chance; then it lies in the registry and serves nobody until a person promotes it. A model in force
that has already learnt from the held-back tickets looks better here than it is: the comparison errs on the side of
leaving it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge_base.passage import Encoder
from training.ticket_history import LabelledTicket, masked, split_history
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.shipped import SeedTickets
from triage.domain.redaction import RedactedText
from triage.domain.shares import Difference, Share, paired_difference, share
from triage.errors import InvalidInput

HELD_BACK = 0.3
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Tickets a desk began with, for the candidate to learn from beside what people said since.

    Attributes:
        everyday: which are as tickets come, and so may say how far to trust the model.
    """

    tickets: tuple[LabelledTicket, ...] = ()
    everyday: tuple[bool, ...] = ()

    @classmethod
    def of_seed(cls, seed: SeedTickets) -> Beginnings:
        """The company's seed tickets."""
        rows = zip(seed.ids, seed.texts, seed.labels, strict=True)
        tickets = masked([LabelledTicket(one, text, label, "", one) for one, text, label in rows])
        return cls(tuple(tickets), seed.everyday or tuple(True for _ in tickets))

    @classmethod
    def of_history(cls, tickets: Sequence[LabelledTicket]) -> Beginnings:
        """A desk's own history, without personal data."""
        return cls(tuple(tickets), tuple(True for _ in tickets))

    def without(self, held_back: Sequence[LabelledTicket]) -> Beginnings:
        """All but the tickets, and copies of tickets, that the models will be judged on."""
        ids, texts = {ticket.id for ticket in held_back}, {ticket.text for ticket in held_back}
        kept = [row for row, ticket in enumerate(self.tickets) if ticket.id not in ids and ticket.text not in texts]
        return Beginnings(tuple(self.tickets[row] for row in kept), tuple(self.everyday[row] for row in kept))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the two models showed on the tickets held back.

    Attributes:
        learnt_from: tickets of the service the candidate learnt from, beside those the desk began with.
        difference: accuracy of the candidate minus that of the model in force.
        better: beyond chance.
    """

    serving: str
    candidate: str
    learnt_from: int
    serving_accuracy: Share
    candidate_accuracy: Share
    difference: Difference
    better: bool


def propose(
    tickets: Sequence[LabelledTicket],
    beginnings: Beginnings,
    serving: LinearClassifier,
    encoder: Encoder,
    out: Path,
    *,
    progress: Callable[[str], None] = lambda step: None,
) -> Proposal:
    """Train a candidate, measure both, and write the candidate to ``out``.

    Args:
        tickets: labelled by people, of categories in force, without personal data.

    Raises:
        InvalidInput: too few labelled tickets to tell anything.
    """
    split = split_history([replace(ticket, thread=ticket.id) for ticket in tickets], test_share=HELD_BACK)
    if len(split.test) < FEWEST:
        raise InvalidInput(
            f"People have labelled {len(tickets)} tickets; about {round(FEWEST / HELD_BACK)} are needed, near-copies "
            "counted once, before a model trained again can be compared with the one in force. "
            "`GET /v1/learning/queue` names the most useful ones."
        )
    begun = beginnings.without(split.test)
    progress(f"training on {len(begun.tickets)} tickets it began with and {len(split.train)} of the service")
    hard = {ticket for ticket, everyday in zip(begun.tickets, begun.everyday, strict=True) if not everyday}
    taught = _learnable([*begun.tickets, *split.train])
    candidate = LinearClassifier.train(
        [ticket.text for ticket in taught],
        [ticket.label for ticket in taught],
        encoder,
        coverage=serving.promise.coverage,
        max_error=serving.promise.max_error,
        ids=[ticket.id for ticket in taught],
        everyday=[ticket not in hard for ticket in taught],
        name="linear-again",
    )
    progress(f"measuring on {len(split.test)} later tickets")
    candidate.save(out, {"made_by": "triage propose", "n_service": str(len(split.train))})
    return _compared(serving, candidate, split.test, len(split.train))


def _learnable(tickets: Sequence[LabelledTicket]) -> list[LabelledTicket]:
    """The tickets without those that are the only one of their category.

    Raises:
        InvalidInput: fewer than two categories are left.
    """
    counts = Counter(ticket.label for ticket in tickets)
    kept = [ticket for ticket in tickets if counts[ticket.label] > 1]
    if len({ticket.label for ticket in kept}) < 2:
        raise InvalidInput(
            "People have labelled tickets of fewer than two categories, and there are neither seed tickets nor a "
            "history to begin with: give yours with --data."
        )
    return kept


def _compared(
    serving: LinearClassifier, candidate: LinearClassifier, held_back: Sequence[LabelledTicket], learnt_from: int
) -> Proposal:
    texts = [RedactedText(ticket.text) for ticket in held_back]
    right = [
        [
            said.alternatives[0].code == ticket.label
            for said, ticket in zip(model.predict(texts), held_back, strict=True)
        ]
        for model in (serving, candidate)
    ]
    only_serving = sum(a and not b for a, b in zip(*right, strict=True))
    only_candidate = sum(b and not a for a, b in zip(*right, strict=True))
    difference = paired_difference(only_serving, only_candidate, len(texts))
    return Proposal(
        serving=serving.name,
        candidate=candidate.name,
        learnt_from=learnt_from,
        serving_accuracy=share(sum(right[0]), len(texts)),
        candidate_accuracy=share(sum(right[1]), len(texts)),
        difference=difference,
        better=difference.low > 0,
    )
