"""Measure the recognisers of personal data on synthetic tickets: recall by kind first, then precision and speed.

    python -m training.evaluate_redaction [--seed 7] [--spans 4000] [--part held_out] [--misses]

A planted piece counts as found when every letter and digit of it is covered; a found span is right when it covers part
of a planted one. Recall comes first: a missed item is worse than an over-masked one.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from training.redaction_tickets import Gold, SyntheticTicket, make_tickets
from triage.domain.redaction import PersonalSpan
from triage.recognisers import Recognisers

FIRST_TEXT = "from triage.recognisers import Recognisers; Recognisers().find('Anna Nowak')"
TARGETS = {
    "pesel": 0.995,
    "nip": 0.995,
    "regon": 0.995,
    "iban": 0.995,
    "id_card": 0.995,
    "payment_card": 0.995,
    "phone": 0.99,
    "email": 0.99,
    "person": 0.90,
    "address": 0.90,
}


@dataclass(slots=True)
class Outcome:
    """Counts by kind, and what went wrong."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    spans: int = 0
    right: int = 0
    misses: list[str] = field(default_factory=list)
    false_hits: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        """Share of the planted pieces of a kind that were hidden."""
        return self.found[kind] / self.planted[kind]

    @property
    def precision(self) -> float:
        """Share of the spans that cover something planted."""
        return self.right / self.spans


def is_hidden(text: str, gold: Gold, spans: Sequence[PersonalSpan]) -> bool:
    """Whether every letter and digit of a planted piece is covered."""
    return all(
        not text[position].isalnum() or any(span.start <= position < span.end for span in spans)
        for position in range(gold.start, gold.end)
    )


def measure(tickets: Sequence[SyntheticTicket]) -> Outcome:
    """Run the recognisers over tickets whose personal data are known."""
    recognisers, outcome = Recognisers(), Outcome()
    recognisers.find("Rozgrzewka: Anna Nowak, tel. 601 234 567")
    for ticket in tickets:
        begun = time.process_time()
        spans = recognisers.find(ticket.text)
        outcome.milliseconds.append(1e3 * (time.process_time() - begun))
        for gold in ticket.gold:
            kind = gold.kind
            outcome.planted[kind] += 1
            if is_hidden(ticket.text, gold, spans):
                outcome.found[kind] += 1
            else:
                outcome.misses.append(
                    f"{kind:13} {ticket.text[gold.start : gold.end]!r} in "
                    f"{ticket.text[max(0, gold.start - 60) : gold.end + 20]!r}"
                )
        outcome.spans += len(spans)
        for span in spans:
            if any(span.start < gold.end and gold.start < span.end for gold in ticket.gold):
                outcome.right += 1
            else:
                outcome.false_hits.append(
                    f"{span.kind:13} {span.text!r} in {ticket.text[max(0, span.start - 40) : span.end + 20]!r}"
                )
    return outcome


def start_cost(statement: str, runs: int = 5) -> float:
    """Median CPU seconds a fresh interpreter needs for ``statement``, less an empty one."""

    def seconds(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return statistics.median(seconds(statement) for _ in range(runs)) - statistics.median(
        seconds("pass") for _ in range(runs)
    )


def main() -> None:
    """Generate, measure, print; exit 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--spans", type=int, default=4000)
    parser.add_argument("--part", choices=("dev", "held_out"), default="dev", help="which carrier sentences")
    parser.add_argument("--misses", action="store_true", help="print every miss and false hit")
    arguments = parser.parse_args()
    tickets = make_tickets(arguments.seed, arguments.spans, arguments.part)
    outcome = measure(tickets)
    languages = Counter(ticket.language for ticket in tickets)
    print(
        f"{sum(outcome.planted.values())} spans in {len(tickets)} tickets ({dict(languages)}), {arguments.part} "
        f"carriers, seed {arguments.seed}"
    )
    failed = []
    for kind in sorted(outcome.planted):
        target = TARGETS.get(kind)
        print(
            f"  {kind:13} n={outcome.planted[kind]:5}  recall {outcome.recall(kind):.4f}"
            + (f"  (target {target})" if target else "")
        )
        if target and outcome.recall(kind) < target:
            failed.append(kind)
    print(f"  precision {outcome.precision:.4f} ({outcome.spans} spans)")
    times = sorted(outcome.milliseconds)
    print(
        f"  CPU ms per ticket: mean {statistics.mean(times):.2f}, median {statistics.median(times):.2f}, p99 "
        f"{times[int(0.99 * len(times))]:.2f}"
    )
    print(
        f"  CPU cost of a start: import {start_cost('import triage.recognisers'):.3f} s, with the first text "
        f"{start_cost(FIRST_TEXT):.3f} s"
    )
    if arguments.misses:
        by_kind: dict[str, list[str]] = defaultdict(list)
        for line in outcome.misses:
            by_kind[line.split()[0]].append(line)
        for lines in by_kind.values():
            print("\n".join(f"MISS  {line}" for line in lines))
        print("\n".join(f"FALSE {line}" for line in outcome.false_hits))
    sys.exit(1 if failed or outcome.precision < 0.9 else 0)


if __name__ == "__main__":
    main()
