"""Measures letters and their checks: golden set, fabrications, injections, unanswerable questions, speed.

    python -m training.evaluate_drafts --results training/results/drafts.json

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
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from training.draft_cases import DraftCase, company, read_cases
from training.fabrications import edit_harmlessly, fabricate
from training.injections import ObedientModel, inject, obey
from triage.adapters.llm import LanguageModelDrafter
from triage.domain.folding import fold
from triage.domain.reply import Draft, Finding, Severity
from triage.stages.draft import Composer
from triage.stages.summarise import summarise

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
    parser.add_argument("--results", type=Path, default=None, help="write the figures here as JSON")
    arguments = parser.parse_args()
    logging.getLogger("triage").setLevel(logging.ERROR)
    cases = list(read_cases())
    figures = {
        "golden": asdict(measure_golden(cases)),
        "fabrications": asdict(measure_fabrications(cases)),
        "injections": asdict(measure_injections(cases)),
        "cpu_ms_p50": measure_speed(cases),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if arguments.results:
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def measure_golden(cases: Sequence[DraftCase]) -> GoldenFigures:
    """Compose every case and look for what its letter must hold and must not."""
    required = present = forbidden = wrong = marked = bare = 0
    for case in cases:
        draft = case.compose(company())
        text = _plain(f"{draft.subject}\n{draft.body}")
        required += len(case.must)
        present += sum(_plain(piece) in text for piece in case.must)
        forbidden += sum(_plain(piece) in text for piece in case.must_not)
        wrong += draft.kind != case.kind
        marked += len(alarms(case, draft))
        bare += sum(not sentence.sources for sentence in draft.sentences)
    return GoldenFigures(len(cases), required, present, forbidden, wrong, marked, bare)


def measure_fabrications(cases: Sequence[DraftCase]) -> FabricationFigures:
    """Make every letter wrong in every way it allows, and count what the checks see."""
    made, seen = Counter[str](), Counter[str]()
    good = false = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        for case in cases:
            draft = case.compose(company())
            for letter in (draft, edit_harmlessly(draft, chance)):
                good += 1
                false += bool(alarms(case, letter))
            for wrong in fabricate(draft, chance):
                made[wrong.kind] += 1
                seen[wrong.kind] += overlapped(alarms(case, wrong.draft), wrong.start, wrong.end)
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


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


if __name__ == "__main__":
    main()
