"""``triage train`` and ``triage evaluate``: classifiers from a desk's own history."""

from __future__ import annotations

import json
import sys

import typer

from training import command_options as option
from training.encoders import AUTO, encoder_of, open_service_encoder
from training.fit_to_serve import taxonomy_in_force
from training.ticket_history import Columns


def train(
    *,
    data: option.OptionalData = None,
    out: option.Out,
    text: option.TextColumn = "text",
    label: option.LabelColumn = "label",
    ticket_id: option.IdColumn = None,
    time: option.TimeColumn = None,
    thread: option.ThreadColumn = None,
    encoder: option.EncoderName = AUTO,
    coverage: option.Coverage = 0.9,
    max_error: option.MaxError = 0.05,
    from_service: option.FromService = False,
    tenant: option.Tenant = "default",
    fine_tune: option.FineTune = False,
    unlabelled: option.Unlabelled = None,
    transformer: option.Transformer = None,
    relabel: option.Relabel = None,
    known_only: option.KnownOnly = False,
) -> None:
    """Train a classifier on your own tickets and say how far it can be trusted."""
    from tqdm import tqdm

    from training.run_files import check_writable, write_run
    from training.train_as_asked import Asked, describe_taught, in_the_way, train_as_asked
    from training.train_classifier import STEPS

    if (data is None) is not from_service:
        raise typer.BadParameter("give a table with --data, or --from-service, and not both.")
    if transformer and (fine_tune or unlabelled is not None):
        raise typer.BadParameter("--transformer goes with neither --fine-tune nor --unlabelled: choose one of them.")
    check_writable(out)
    asked = Asked(
        data, out, Columns(text, label, ticket_id, time, thread), tenant, encoder, coverage, max_error, fine_tune,
        unlabelled, transformer, relabel, known_only,
    )  # fmt: skip
    with tqdm(total=STEPS, unit="step", file=sys.stderr) as bar:

        def progress(step: str) -> None:
            bar.set_description(step)
            bar.update(1)

        taught = train_as_asked(asked, progress)
        progress("writing")
        write_run(taught.run, out)
    for line in (*describe_taught(taught), f"written to {out}", *in_the_way(taught)):
        typer.echo(line)


def evaluate(
    model: option.Model,
    data: option.Data,
    text: option.TextColumn = "text",
    label: option.LabelColumn = "label",
    encoder: option.EncoderName = AUTO,
    oos_label: option.OosLabel = None,
    as_json: option.AsJson = False,
) -> None:
    """Measure a trained classifier on labelled tickets."""
    from training.evaluate_classifier import evaluate_classifier
    from training.run_report import describe_report

    chosen, columns = encoder_of(model) if encoder == AUTO else open_service_encoder(encoder), Columns(text, label)
    found = evaluate_classifier(model, data, chosen, columns, oos_label=oos_label, taxonomy=taxonomy_in_force())
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    typer.echo(f"{found.model} on {data.name}")
    for line in describe_report(found.report, found.promised_error, found.promised_coverage):
        typer.echo(line)
    if found.unknown_labels:
        typer.echo(f"labels the model lacks (counted as errors): {', '.join(found.unknown_labels)}")
