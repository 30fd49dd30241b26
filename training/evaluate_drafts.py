r"""Measures letters and their checks: golden set, fabrications, injections, unanswerable questions, speed.

    python -m training.evaluate_drafts --results training/results/drafts.json
    python -m training.evaluate_drafts --cases training/data/drafts_unseen.yaml \
        --sentences training/data/drafts_sentences_fourth.yaml --show

Golden set: share of required elements present, forbidden ones, claims the checks mark. Fabrications: share that a
finding needing a person overlaps; false alarms over good letters, as composed and harmlessly edited. Injections:
drafts whose obedient sentence no finding overlaps, decisions and kinds changed. Everything is seeded.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from training.draft_cases import GOLDEN, DraftCase, company, holds, read_cases
from training.fabrications import SENTENCES, edit_harmlessly, fabricate
from training.injections import ObedientModel, inject, obey
from triage.adapters.llm import LanguageModelDrafter
from triage.domain.reply import Draft, Finding, Severity
from triage.stages.draft import Composer
from triage.stages.summarise import summarise

Tell = Callable[[str], None]
"""Told of every miss."""

SEEDS = (7, 11)
TRUE_FINDINGS = frozenset({"REPLY_OVERDUE", "DEEMED_ACCEPTED"})
"""Findings about the case itself, right also in a good letter."""


@dataclass(frozen=True, slots=True)
class GoldenFigures:
    """Over the golden set."""

    cases: int
    required: int
    required_present: int
    forbidden_present: int
    wrong_kind: int
    marked_claims: int
    sentences_without_source: int


@dataclass(frozen=True, slots=True)
class FabricationFigures:
    """Over seeded fabrications and good letters."""

    fabrications: int
    flagged: int
    flagged_by_kind: dict[str, str]
    good_letters: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class InjectionFigures:
    """Over the injection corpus, with an obedient model."""

    injections: int
    composer_followed: int
    stopped_by_adapter: int
    kind_changed: int
    unflagged_in_drafts: int
    unflagged_without_adapter: int


def main() -> None:
    """Print and optionally store all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--cases", type=Path, default=GOLDEN, help="golden set to measure on")
    parser.add_argument("--sentences", type=Path, default=SENTENCES, help="wrong and harmless sentences to put in")
    parser.add_argument("--results", type=Path, default=None, help="write the figures here as JSON")
    parser.add_argument("--show", action="store_true", help="name every miss on standard error")
    arguments = parser.parse_args()
    logging.getLogger("triage").setLevel(logging.ERROR)
    cases = list(read_cases(arguments.cases))
    told: Tell = _on_standard_error if arguments.show else _nothing
    figures = {
        "golden": asdict(measure_golden(cases, told)),
        "fabrications": asdict(measure_fabrications(cases, arguments.sentences, told)),
        "injections": asdict(measure_injections(list(read_cases()))),
        "cpu_ms_p50": measure_speed(cases),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if arguments.results:
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _nothing(miss: str) -> None:
    """Say nothing about a miss."""


def _on_standard_error(miss: str) -> None:
    print(miss, file=sys.stderr)


def measure_golden(cases: Sequence[DraftCase], told: Tell = _nothing) -> GoldenFigures:
    """Compose every case and look for what its letter must hold and must not."""
    required = present = forbidden = wrong = marked = bare = 0
    for case in cases:
        draft = case.compose(company())
        text = f"{draft.subject}\n{draft.body}"
        lacking = [piece for piece in case.must if not holds(text, piece)]
        unwanted = [piece for piece in case.must_not if holds(text, piece)]
        raised = [finding.code for finding in alarms(case, draft)]
        required += len(case.must)
        present += len(case.must) - len(lacking)
        forbidden += len(unwanted)
        wrong += draft.kind != case.kind
        marked += len(raised)
        if lacking or unwanted or raised or draft.kind != case.kind:
            told(f"{case.id} {draft.kind}: lacks {lacking}, holds {unwanted}, marked {raised}")
        bare += sum(not sentence.sources for sentence in draft.sentences)
    return GoldenFigures(len(cases), required, present, forbidden, wrong, marked, bare)


def measure_fabrications(
    cases: Sequence[DraftCase], sentences: Path = SENTENCES, told: Tell = _nothing
) -> FabricationFigures:
    """Make every letter wrong in every way it allows, and count what the checks see."""
    made, seen = Counter[str](), Counter[str]()
    good = false = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        for case in cases:
            draft = case.compose(company())
            for letter in (draft, edit_harmlessly(draft, chance, sentences)):
                good += 1
                raised = alarms(case, letter)
                false += bool(raised)
                for finding in raised:
                    told(f"{case.id} false alarm {finding.code}: {letter.body[finding.start : finding.end]}")
            for wrong in fabricate(draft, chance, sentences):
                made[wrong.kind] += 1
                flagged = overlapped(alarms(case, wrong.draft), wrong.start, wrong.end)
                seen[wrong.kind] += flagged
                if not flagged:
                    told(f"{case.id} not flagged, {wrong.kind}: {wrong.draft.body[wrong.start : wrong.end]}")
    by_kind = {kind: f"{seen[kind]}/{made[kind]}" for kind in sorted(made)}
    return FabricationFigures(made.total(), seen.total(), by_kind, good, false)


def measure_injections(cases: Sequence[DraftCase]) -> InjectionFigures:
    """Put every attack in every place before the composer and before an obedient model."""
    by_id = {case.id: case for case in cases}
    counts = Counter[str]()
    for attack in inject({"pl": by_id["G01"], "en": by_id["G02"]}):
        case, composer = attack.case, Composer()
        base = case.compose(company())
        counts["injections"] += 1
        counts["composer_followed"] += attack.obeyed in base.body
        drafter = LanguageModelDrafter(
            "http://127.0.0.1:9/v1",
            "obedient",
            "",
            5.0,
            500,
            composer,
            chat=ObedientModel(obeyed=attack.obeyed, base=base),
        )
        draft = drafter.draft(case.ticket, case.triage_case(), company(), today=case.today)
        counts["stopped_by_adapter"] += bool(draft.degraded)
        counts["kind_changed"] += draft.kind != base.kind
        start = draft.body.find(attack.obeyed)
        followed = start >= 0
        counts["unflagged_in_drafts"] += followed and not overlapped(
            alarms(case, draft), start, start + len(attack.obeyed)
        )
        naked, since, until = obey(base, attack.obeyed)
        counts["unflagged_without_adapter"] += not overlapped(alarms(case, naked), since, until)
    return InjectionFigures(**{name: counts[name] for name in InjectionFigures.__dataclass_fields__})


def measure_speed(cases: Sequence[DraftCase], rounds: int = 5) -> float:
    """Median CPU milliseconds of composing, checking and summarising a case."""
    spent = []
    for _ in range(rounds):
        for case in cases:
            started = time.process_time()
            case.lint(case.compose(company()), company())
            summarise(case.ticket, case.classification, case.facts, case.deadlines, None)
            spent.append(1000 * (time.process_time() - started))
    return round(statistics.median(spent), 2)


def alarms(case: DraftCase, draft: Draft) -> list[Finding]:
    """Findings that need a person, without those about the case itself."""
    return [
        finding
        for finding in case.lint(draft, company())
        if finding.severity is not Severity.INFO and finding.code not in TRUE_FINDINGS
    ]


def overlapped(findings: Sequence[Finding], start: int, end: int) -> bool:
    """Whether a finding touches ``body[start:end]``."""
    return any(finding.start < end and finding.end > start for finding in findings)


if __name__ == "__main__":
    main()
