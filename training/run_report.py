"""What a training run or an evaluation showed, in plain sentences for the terminal."""

from __future__ import annotations

from collections import Counter

from training.classification_metrics import FEW_EXAMPLES, Report
from training.ticket_history import Split
from training.train_classifier import TrainingRun
from triage.bootstrap.learning import promise_of_classifier

NAMED_DOUBTS = 5
MANY_DOUBTS = 10  # about one pair of labels, and a third of all


def describe_run(run: TrainingRun) -> list[str]:
    """How the model was trained, what it showed on the tickets held back, and what a person should look at."""
    split, promise = run.split, run.classifier.promise
    lines = [
        f"trained on {run.n_tickets} tickets of {len(run.classifier.labels)} categories"
        f" ({split.copies} near-copies and {split.blank} blank rows dropped)",
        f"measured by training on {len(split.train)} of them and asking about the other {len(split.test)}: "
        + _held_back(split),
        *describe_report(run.report, promise.max_error, promise.coverage),
    ]
    lines += _choices(run)
    lines += [
        f"too few examples: {label} has {n} training tickets; give at least {FEW_EXAMPLES} before trusting its figures"
        for label, n in run.scarce.items()
    ]
    lines += [f"left out: {label} has a single ticket" for label in run.dropped]
    if run.classifier.n_history:
        lines.append(f"reads {run.classifier.n_history} tickets without a category beside these")
    if run.classifier.hears_transformer:
        lines.append(
            "a transformer fine-tuned on them has a say: some milliseconds a ticket instead of a fraction of one"
        )
    if promise.tagging_threshold > 1:
        lines.append(f"no ticket can be tagged alone at {promise.max_error:.1%} error yet: {_needed(run)}")
    if run.doubts:
        lines.append(
            f"{len(run.doubts)} labels look wrong. They are listed in label_errors.jsonl: take out the lines that are "
            "right as filed and train again with --relabel label_errors.jsonl. For example:"
        )
        lines += [f"  {d.id}: {d.given} -> {d.suggested} (+{d.margin:.2f})" for d in run.doubts[:NAMED_DOUBTS]]
        lines += [
            f"one category under two names? {one} and {other} stand for each other in {n} of them"
            for (one, other), n in _mixed_up(run)
        ]
    return lines


def describe_report(report: Report, max_error: float, coverage: float) -> list[str]:
    """The figures with their intervals, whole and of each category.

    Args:
        max_error: promised share of errors among tickets tagged alone, in (0, 1).
        coverage: promised share of prediction sets that hold the true category, in (0, 1).
    """
    lines = [
        f"accuracy            {report.accuracy}",
        f"among first three   {report.top3}",
        f"macro-F1            {report.macro_f1:.3f}",
        f"calibration error   {report.calibration}",
        f"tagged alone        {report.tagged}",
        f"errors among those  {report.tagged_error}   (promised: at most {max_error:.1%})",
        f"sets hold the truth {report.set_coverage}   (promised: {coverage:.1%}; mean size {report.set_size:.2f})",
    ]
    if report.out_of_scope is not None:
        lines.append(f"out of scope found  {report.out_of_scope.recall}")
        lines.append(f"false alarms        {report.out_of_scope.false_alarms}")
    lines.append(f"{'category':<28}{'n':>6}{'precision':>11}{'recall':>8}{'tagged':>8}")
    lines += [
        f"{each.label[:27]:<28}{each.n:>6}{each.precision:>11.2f}{each.recall:>8.2f}{each.tagged:>8.2f}"
        for each in report.classes
    ]
    return lines


def _choices(run: TrainingRun) -> list[str]:
    """What a desk may choose: how many tickets the model on disk would tag alone under each limit on errors."""
    choices = [
        f"{one.max_error:.0%}: {one.tagged_share:.1%}" if one.held else f"{one.max_error:.0%}: none"
        for one in promise_of_classifier(run.classifier).others
    ]
    return [f"tagged alone, by the share of errors you allow (--max-error, TRIAGE_MAX_ERROR): {', '.join(choices)}"]


def _held_back(split: Split) -> str:
    if not split.by_time:
        return "drawn by chance, for want of times (--time); how it does on later tickets is not known"
    undated = f", without the {split.undated} whose time cannot be read" if split.undated else ""
    return f"the newest{undated}"


def _mixed_up(run: TrainingRun) -> list[tuple[tuple[str, ...], int]]:
    """Pairs of labels that many of the doubts are about, as when a category got another name; most first."""
    pairs = Counter(tuple(sorted((doubt.given, doubt.suggested))) for doubt in run.doubts)
    return [(pair, n) for pair, n in pairs.most_common() if n >= max(MANY_DOUBTS, len(run.doubts) / 3)]


def _needed(run: TrainingRun) -> str:
    """What would help most: wrong labels count as errors of the model, so they come first."""
    if len(run.doubts) > run.classifier.promise.max_error / 3 * run.n_tickets:
        return "look through label_errors.jsonl first, because wrong labels count as errors"
    return "more tickets are needed"
