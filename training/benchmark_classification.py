"""Measure the linear classifier on public sets beside plain baselines.

    python -m training.benchmark_classification --data DIR --task banking77 --json

Baselines: TF-IDF with the same head (no embedding), linear machines on TF-IDF and on all features, and the embedding
with logistic regression (no n-grams). Few-shot
tasks are means over draws. Figures are of development splits; official test parts are measured elsewhere.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge_base.passage import Encoder
from training.classification_baselines import BlindEncoder, embedding_only, features_with_machines
from training.classification_metrics import Report, measure
from training.classification_sets import TASKS, Task, few_shot
from training.encoders import AUTO, RememberingEncoder, encoder_for, english_encoder, open_encoder, transformer_for
from training.finetune_encoder import COSINE, finetune_with_twins
from training.second_opinion import Tutor
from training.unlabelled import with_or_without_history
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.linear.twins import Twin
from triage.domain.redaction import RedactedText

SHOTS = (10, 5)


@dataclass(frozen=True, slots=True)
class Figures:
    """One model on one task.

    Attributes:
        accuracy: over texts in scope, in [0, 1]; abstentions are not counted as errors.
        accuracy_with_rejection: a text called out of scope counts as an error.
        tagged: share not abstained on; ``tagged_error`` the share of errors among them, promised to be at most 5 %.
        promise_held: the promise lies within the 95 % interval of the error, or above it.
        train_s: seconds to train, encoding included once; ``train_cpu_s`` the same by processor time of all cores.
    """

    task: str
    model: str
    n_train: int
    n_dev: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    calibration_error: float
    calibration_error_by_chance: float
    tagged: float
    tagged_error: float
    promise_held: bool
    accuracy_with_rejection: float
    oos_recall: float | None
    train_s: float
    train_cpu_s: float


def ours(
    task: Task,
    encoder: Encoder,
    model: str,
    *,
    fine_tune: bool = False,
    history: Sequence[str] = (),
    transformer: bool = False,
) -> Figures:
    """Train and measure the linear classifier.

    Args:
        transformer: fine-tune the shipped transformer, or MiniLM for English texts, as a second opinion.
        fine_tune: fine-tune MiniLM on the task first, in place of ``encoder``.
        history: more texts like those, without labels.
    """
    started, cpu_started = time.perf_counter(), time.process_time()
    twins = None
    if fine_tune:
        with tempfile.TemporaryDirectory() as folder:
            tuned = finetune_with_twins(
                str(english_encoder()), task.train.texts, task.train.labels, COSINE, Path(folder)
            )
        encoder, twins, model = tuned.encoder, tuned.twins, f"{model}, fine-tuned"

    opinion = None
    if transformer:
        tutor = Tutor(transformer_for(task.train.texts))
        opinion = tutor(task.train.texts, task.train.labels)
        opinion = tutor.further(opinion, task.train.texts, task.train.labels, len(task.train.texts))

    def train(chosen: Encoder, judges: Sequence[Twin] | None, past: Sequence[str]) -> LinearClassifier:
        texts, labels = task.train.texts, task.train.labels
        return LinearClassifier.train(texts, labels, chosen, twins=judges, opinion=opinion, history=past)

    classifier = with_or_without_history(history, encoder, twins, train)
    taken = time.perf_counter() - started, time.process_time() - cpu_started
    predictions = classifier.predict([RedactedText(text) for text in task.dev.texts])
    report = measure(predictions, task.dev.labels, oos_label=task.oos_label)
    kept = sum(
        prediction.alternatives[0].code == label and prediction.abstain_reason != "out_of_scope"
        for prediction, label in zip(predictions, task.dev.labels, strict=True)
        if label != task.oos_label
    )
    return _figures(task, model, report, kept / report.accuracy.n, classifier.promise.max_error, taken)


def _figures(
    task: Task, model: str, report: Report, kept: float, promised: float, taken: tuple[float, float]
) -> Figures:
    error = report.tagged_error
    return Figures(
        task=task.name,
        model=model,
        n_train=len(task.train.texts),
        n_dev=len(task.dev.texts),
        accuracy=round(report.accuracy.value, 4),
        accuracy_low=round(report.accuracy.low, 4),
        accuracy_high=round(report.accuracy.high, 4),
        macro_f1=round(report.macro_f1, 4),
        calibration_error=round(report.calibration_error, 4),
        calibration_error_by_chance=round(report.calibration_by_chance.mean, 4),
        tagged=round(report.tagged.value, 4),
        tagged_error=round(error.value, 4),
        promise_held=error.low <= promised,
        accuracy_with_rejection=round(kept, 4),
        oos_recall=round(report.out_of_scope.recall.value, 4) if report.out_of_scope else None,
        train_s=round(taken[0], 1),
        train_cpu_s=round(taken[1], 1),
    )


def run_task(
    task: Task,
    encoder: Encoder,
    *,
    draws: int,
    baselines: bool,
    fine_tune: bool,
    unlabelled: bool,
    transformer: bool = False,
) -> Iterator[dict[str, object]]:
    """All figures of one task, as they come: full, and few-shot for Banking77; with the transformer, full alone."""
    if transformer:
        yield asdict(ours(task, encoder, f"linear+{encoder.name}, transformer", transformer=True))
        return
    if not (fine_tune or unlabelled):
        full = asdict(ours(task, encoder, f"linear+{encoder.name}"))
        yield full | {"machines_on_same_features": features_with_machines(task, encoder)} if baselines else full
    if baselines:
        blind = BlindEncoder()
        plain = {"machines_on_same_features": features_with_machines(task, blind)}
        yield asdict(ours(task, blind, "linear, TF-IDF only")) | plain
    if task.name == "banking77":
        for shots in SHOTS:
            history = task.train.texts if unlabelled else ()
            yield from _draws(task, shots, encoder, draws, baselines=baselines, fine_tune=fine_tune, history=history)


def _draws(
    task: Task,
    shots: int,
    encoder: Encoder,
    draws: int,
    *,
    baselines: bool,
    fine_tune: bool,
    history: Sequence[str],
) -> Iterator[dict[str, object]]:
    """Each draw by itself, then their mean."""
    drawn = [few_shot(task, shots, seed) for seed in range(draws)]
    name = f"linear+{encoder.name}" + (f", {len(history)} texts without labels" if history else "")
    each: list[Figures] = []
    for seed, part in enumerate(drawn):
        each.append(ours(part, encoder, name, fine_tune=fine_tune, history=history))
        yield asdict(each[-1]) | {"task": f"{part.name}, draw {seed}"}
    figures = mean_of_draws(f"{task.name}/{shots}-shot", each)
    if baselines:
        figures["embedding_only"] = round(float(np.mean([embedding_only(part, encoder) for part in drawn])), 4)
        figures["tfidf_only"] = round(float(np.mean([ours(part, BlindEncoder(), "").accuracy for part in drawn])), 4)
    yield figures


def mean_of_draws(task: str, each: Sequence[Figures]) -> dict[str, object]:
    """Means over draws, and in how many of them the promised error was held."""

    def mean(values: Iterable[float], digits: int = 4) -> float:
        return round(float(np.mean(list(values))), digits)

    return {
        "task": task,
        "model": each[0].model,
        "draws": len(each),
        "accuracy": mean(one.accuracy for one in each),
        "accuracy_spread": round(float(np.std([one.accuracy for one in each])), 4),
        "calibration_error": mean(one.calibration_error for one in each),
        "calibration_error_by_chance": mean(one.calibration_error_by_chance for one in each),
        "tagged": mean(one.tagged for one in each),
        "tagged_error": mean(one.tagged_error for one in each),
        "promises_held": sum(one.promise_held for one in each),
        "train_cpu_s": mean((one.train_cpu_s for one in each), 1),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the tasks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the public sets")
    parser.add_argument("--task", action="append", choices=sorted(TASKS), help="one or more; all by default")
    parser.add_argument("--encoder", default=AUTO, help="'auto' as `triage train`, 'shipped', a folder, a hub name")
    parser.add_argument("--draws", type=int, default=3, help="draws of the few-shot tasks")
    parser.add_argument("--fine-tune", action="store_true", help="few-shot tasks, with MiniLM fine-tuned on each draw")
    parser.add_argument(
        "--unlabelled", action="store_true", help="few-shot tasks, with the texts of the whole train part but no labels"
    )
    parser.add_argument("--transformer", action="store_true", help="with a fine-tuned transformer as a second opinion")
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    chosen = parser.parse_args(arguments)
    for name in chosen.task or sorted(TASKS):
        print(f"{name} …", file=sys.stderr)
        task = TASKS[name](chosen.data)
        opened = encoder_for(task.train.texts) if chosen.encoder == AUTO else open_encoder(chosen.encoder)
        encoder = RememberingEncoder(opened)
        for figures in run_task(
            task,
            encoder,
            draws=chosen.draws,
            baselines=not chosen.no_baselines,
            fine_tune=chosen.fine_tune,
            unlabelled=chosen.unlabelled,
            transformer=chosen.transformer,
        ):
            text = json.dumps(figures) if chosen.json else "  ".join(f"{key}={value}" for key, value in figures.items())
            print(text, flush=True)


if __name__ == "__main__":
    main()
