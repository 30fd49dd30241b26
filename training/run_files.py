"""What a training run leaves in its directory: the model, its figures, its plots, the labels in doubt."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from training.classification_metrics import confusion
from training.classification_plots import plot_confusion, plot_curve
from training.train_classifier import TrainingRun
from triage.errors import InvalidInput


def check_writable(out: Path) -> None:
    """Say before minutes of training that what comes of it could not be kept.

    Raises:
        InvalidInput: ``out`` is no directory that can be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as exc:
        raise InvalidInput(f"{out} cannot be written to ({exc.strerror}): give another directory.") from exc


def write_run(run: TrainingRun, out: Path) -> None:
    """Write the model, ``metrics.json``, ``label_errors.jsonl`` and the plots into a directory.

    Raises:
        InvalidInput: it cannot be written; a model that was there before is left as it was.
    """
    out.mkdir(parents=True, exist_ok=True)
    try:
        _write_run(run, out)
    except OSError as exc:
        raise InvalidInput(
            f"The model could not be written to {out}: {exc.strerror}. Nothing there replaces it."
        ) from exc


def _write_run(run: TrainingRun, out: Path) -> None:
    run.classifier.save(out, {"made_by": "triage train", "n_train": str(run.n_tickets)})
    measures = {
        "model": run.classifier.name,
        "n_train": run.n_tickets,
        "n_train_measured": len(run.split.train),
        "held_back": "the newest" if run.split.by_time else "by chance",
        "undated": run.split.undated,
        "near_copies_dropped": run.split.copies,
        "blank_dropped": run.split.blank,
        "labels_dropped": run.dropped,
        "too_few_examples": run.scarce,
        "n_history": run.classifier.n_history,
        "hears_transformer": run.classifier.hears_transformer,
        "promise": asdict(run.classifier.promise),
        "test": run.report.as_json(),
    }
    (out / "metrics.json").write_text(json.dumps(measures, indent=2, ensure_ascii=False), encoding="utf-8")
    texts = {ticket.id: ticket.text for ticket in (*run.split.train, *run.split.test)}
    doubts = "".join(
        json.dumps(asdict(doubt) | {"text": texts[doubt.id]}, ensure_ascii=False) + "\n" for doubt in run.doubts
    )
    (out / "label_errors.jsonl").write_text(doubts, encoding="utf-8")
    plot_curve(run.report.curve, run.classifier.promise.max_error, out / "coverage-at-error")
    labels, counts = confusion(run.predictions, [ticket.label for ticket in run.split.test])
    plot_confusion(labels, counts, out / "confusion")
