"""Fine-tune a sentence-transformers encoder on labelled tickets, then put the linear head on it.

    python -m training.finetune_classifier --data tickets.jsonl --model DIR_OR_HUB_NAME --method cosine --out DIR

``cosine`` (from ten examples per category): the upper layers draw each ticket to its category's direction; minutes on
a CPU for a thousand short tickets. ``contrastive`` (few examples per category): pairs of tickets are drawn together
when they share a category and apart when not. ``full`` (hundreds per category): the whole transformer learns the
categories through a softmax layer, which is thrown away afterwards; a night on a CPU. Any way the result is an encoder,
so prediction sets, abstention, evidence and the ``Classifier`` port are those of the linear classifier. A GPU is used
when torch finds one.

The encoder and its head are taught all tickets. On those they are never wrong, so calibration and thresholds come from
twins taught four fifths of them, asked about the rest: one twin for much data, up to five for little.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.classification_metrics import measure
from training.finetune_encoder import COSINE, METHODS, FineTuning, finetune_with_twins
from training.ticket_history import Columns, read_history, split_history
from triage.adapters.models.linear import LinearClassifier
from triage.domain.redaction import RedactedText

CLASSIFIER = "classifier"


def main(arguments: Sequence[str] | None = None) -> None:
    """Fine-tune, put the head on, measure on the tickets held back, and write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="table of tickets")
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--time")
    parser.add_argument("--model", required=True, help="sentence-transformers directory or hub name")
    parser.add_argument("--method", choices=METHODS, default="cosine")
    parser.add_argument("--epochs", type=int, help="default: 8 of cosine, 1 of the others")
    parser.add_argument("--learning-rate", type=float, help="default: 2e-4 of cosine, 2e-5 of the others")
    parser.add_argument("--pairs-per-text", type=int, default=10)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    usual = COSINE if chosen.method == COSINE.method else FineTuning(chosen.method)
    tuning = replace(
        usual,
        epochs=chosen.epochs or usual.epochs,
        pairs_per_text=chosen.pairs_per_text,
        learning_rate=chosen.learning_rate or usual.learning_rate,
    )
    history = read_history(chosen.data, Columns(chosen.text, chosen.label, time=chosen.time))
    split = split_history(history.tickets, blank=history.blank)
    texts, labels = [ticket.text for ticket in split.train], [ticket.label for ticket in split.train]
    print(f"{len(texts)} tickets to train on, {len(split.test)} to measure on; {tuning}")
    tuned = finetune_with_twins(chosen.model, texts, labels, tuning, chosen.out, split.groups)
    classifier = LinearClassifier.train(
        texts,
        labels,
        tuned.encoder,
        groups=split.groups,
        twins=tuned.twins,
        name=f"{chosen.method}-{chosen.data.stem}",
    )
    classifier.save(chosen.out / CLASSIFIER)
    predictions = classifier.predict([RedactedText(ticket.text) for ticket in split.test])
    report = measure(predictions, [ticket.label for ticket in split.test])
    print(f"accuracy {report.accuracy}\nmacro-F1 {report.macro_f1:.3f}\ncalibration error {report.calibration}")


if __name__ == "__main__":
    main()
