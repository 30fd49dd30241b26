"""Whether a model trained again on what people said would be better; a person decides what to do about it.

The newest labelled tickets are held back, the candidate learns from the seed tickets and the older ones, and both
models judge the ones held back. It is proposed only when it is better beyond chance; then it lies in the registry and
serves nobody until a person promotes it. A model in force that has already learnt from the held-back tickets looks
better here than it is: the comparison errs on the side of leaving it.
"""

from __future__ import annotations

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
class Proposal:
    """What the two models showed on the tickets held back.

    Attributes:
        learnt_from: tickets of the service the candidate learnt from, beside the seed tickets.
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
    seed: SeedTickets,
    serving: LinearClassifier,
    encoder: Encoder,
    out: Path,
    *,
    progress: Callable[[str], None] = lambda step: None,
) -> Proposal:
    """Train a candidate, measure both, and write the candidate to ``out``.

    Args:
        tickets: labelled by people, without personal data.
        seed: the company's seed tickets.

    Raises:
        InvalidInput: too few labelled tickets to tell anything.
    """
    split = split_history(_known(tickets, seed), test_share=HELD_BACK)
    if len(split.test) < FEWEST:
        raise InvalidInput(
            f"People have labelled {len(tickets)} tickets; about {round(FEWEST / HELD_BACK)} are needed before a model "
            "trained again can be compared with the one in force. `GET /v1/learning/queue` names the most useful ones."
        )
    progress(f"training on {len(seed.ids)} seed tickets and {len(split.train)} of the service")
    seeds = [
        LabelledTicket(one, text, label, "", one)
        for one, text, label in zip(seed.ids, seed.texts, seed.labels, strict=True)
    ]
    taught = [*masked(seeds), *split.train]
    candidate = LinearClassifier.train(
        [ticket.text for ticket in taught],
        [ticket.label for ticket in taught],
        encoder,
        coverage=serving.promise.coverage,
        max_error=serving.promise.max_error,
        ids=[ticket.id for ticket in taught],
        name="linear-again",
    )
    progress(f"measuring on {len(split.test)} later tickets")
    candidate.save(out, {"made_by": "triage propose", "n_service": str(len(split.train))})
    return _compared(serving, candidate, split.test, len(split.train))


def _known(tickets: Sequence[LabelledTicket], seed: SeedTickets) -> list[LabelledTicket]:
    """Tickets of categories that the taxonomy's seed tickets know; time order is kept."""
    known = set(seed.labels)
    return [replace(ticket, thread=ticket.id) for ticket in tickets if ticket.label in known]


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
