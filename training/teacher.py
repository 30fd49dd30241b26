"""How a classifier is taught a desk's tickets: with an encoder of their own, and a history's help, where that helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.passage import Encoder
from training.finetune_encoder import Tuned
from training.ticket_history import LabelledTicket
from training.unlabelled import with_or_without_history
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.opinion import SecondOpinion
from triage.adapters.models.linear.twins import Twin

Tune = Callable[[Sequence[str], Sequence[str], Sequence[int] | None], Tuned]
"""Fine-tunes an encoder on texts, their labels and their groups."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """Teaches the classifier that is measured and the one on disk the same way.

    Attributes:
        coverage: promised share of prediction sets that hold the true category, in (0, 1).
        max_error: promised share of errors among tickets tagged alone, in (0, 1).
        tune: makes an encoder for the tickets, in place of ``encoder``.
        history: more tickets, without personal data, whose categories nobody knows.
        described: what categories are, in words, by label.
    """

    encoder: Encoder
    name: str
    coverage: float
    max_error: float
    tune: Tune | None
    history: Sequence[str]
    described: Mapping[str, Sequence[str]]

    def teach(
        self, tickets: Sequence[LabelledTicket], groups: Sequence[int] | None, opinion: SecondOpinion | None
    ) -> LinearClassifier:
        """A classifier of these tickets; with the history's help where that helps."""
        texts, labels = columns_of(tickets)
        tuned = self.tune(texts, labels, groups) if self.tune is not None else None

        def with_encoder(chosen: Encoder, twins: Sequence[Twin] | None, past: Sequence[str]) -> LinearClassifier:
            return LinearClassifier.train(
                texts,
                labels,
                chosen,
                coverage=self.coverage,
                max_error=self.max_error,
                ids=[ticket.id for ticket in tickets],
                groups=groups,
                twins=twins,
                opinion=opinion,
                history=past,
                described=self.described,
                name=self.name,
            )

        if tuned is not None:
            return with_or_without_history(self.history, tuned.encoder, tuned.twins, with_encoder)
        return with_or_without_history(self.history, self.encoder, None, with_encoder)


def columns_of(tickets: Sequence[LabelledTicket]) -> tuple[list[str], list[str]]:
    """Texts and labels of tickets."""
    return [ticket.text for ticket in tickets], [ticket.label for ticket in tickets]
