"""Measure what the classify stage says about a ticket beside its category: flags, remedies, regime, language, tone.

    python -m training.evaluate_aspects --data training/data/dev_tickets_2.jsonl --half report --json

Only the aspects that the rows are labelled in are measured. Sets (flags, remedies) are compared code by code: precision
and recall over all pairs of ticket and code. The danger flag is the one in force, rules and model together. A question
(``INFO``) is no remedy and not counted as one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from training.encoders import SHIPPED_NAME, open_encoder
from training.halves import HALVES, read_half
from training.intervals import Share, share
from triage.adapters.company import SHIPPED as COMPANY
from triage.adapters.company import load_company
from triage.adapters.models.linear import train_shipped
from triage.domain.classification import Classification
from triage.domain.company import Company
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author, Channel
from triage.ports import Classifier
from triage.recognisers.language import detect_language
from triage.stages.classify import classify, foretold

DEV = Path(__file__).parent / "data" / "dev_tickets_2.jsonl"
VALUES = ("language", "legal_basis", "regime", "tone")
SETS = ("flags", "remedy")
NO_REMEDY = frozenset({"INFO", "NIEOKRESLONE"})


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes found and missed over all tickets."""

    precision: Share
    recall: Share

    @classmethod
    def of(cls, pairs: Sequence[tuple[set[str], set[str]]]) -> Codes:
        """Compare pairs of (true codes, codes found)."""
        both = sum(len(truth & found) for truth, found in pairs)
        return cls(share(both, sum(len(found) for _, found in pairs)), share(both, sum(len(true) for true, _ in pairs)))


def classify_rows(rows: Sequence[dict[str, object]], company: Company, classifier: Classifier) -> list[Classification]:
    """What the stage says of each row's ``text``, its language detected as in the service."""
    texts = [RedactedText(str(row["text"])) for row in rows]
    at_hand = foretold(classifier, texts)
    now = datetime(2026, 11, 24, tzinfo=UTC)
    said = []
    for text in texts:
        message = RedactedMessage("m", Author.CUSTOMER, now, text)
        ticket = RedactedTicket("T", RedactedText(""), (message,), now, Channel.EMAIL, 1)
        said.append(classify(ticket, detect_language(text), company, at_hand))
    return said


def values_of(said: Classification) -> dict[str, set[str]]:
    """The aspects of a classification, as sets of codes."""
    return {
        "language": {said.language},
        "legal_basis": {said.legal_basis},
        "regime": {said.regime},
        "tone": {said.tone},
        "flags": {flag.code for flag in said.flags},
        "remedy": set(said.remedies),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the service does at its first start, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEV, help="tickets labelled in some aspects")
    parser.add_argument("--half", choices=HALVES, help="of the tickets; all when not given")
    parser.add_argument("--misses", action="store_true", help="print every difference; never for the report half")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    if chosen.misses and chosen.half != "development":
        parser.error("--misses is for --half development: what was looked at can no longer report.")
    rows = read_half(chosen.data, chosen.half)
    with tempfile.TemporaryDirectory() as folder:
        classifier = train_shipped(COMPANY, open_encoder(SHIPPED_NAME), Path(folder))
    found = [values_of(said) for said in classify_rows(rows, load_company(), classifier)]
    values, sets = ([name for name in names if name in rows[0]] for names in (VALUES, SETS))
    wanted = [{name: _as_set(row[name]) for name in (*values, *sets)} for row in rows]
    right = {
        name: share(sum(want[name] == say[name] for want, say in zip(wanted, found, strict=True)), len(rows))
        for name in values
    }
    codes = {
        name: Codes.of([(want[name], say[name]) for want, say in zip(wanted, found, strict=True)]) for name in sets
    }
    each = {
        code: Codes.of(
            [(want["flags"] & {code}, say["flags"] & {code}) for want, say in zip(wanted, found, strict=True)]
        )
        for code in sorted({code for want in wanted for code in want.get("flags", ())})
    }
    if chosen.misses:
        _print_misses(rows, wanted, found)
    if chosen.json:
        plain = {name: {"value": one.value, "n": one.n} for name, one in right.items()}
        plain |= {
            name: {"precision": one.precision.value, "recall": one.recall.value} for name, one in (codes | each).items()
        }
        print(json.dumps({"n": len(rows), **plain}))
        return
    for name, one in right.items():
        print(f"{name:<20} {one}")
    for name, both in (codes | each).items():
        print(f"{name:<20} precision {both.precision}  recall {both.recall}")


def _as_set(value: object) -> set[str]:
    return set(map(str, value)) - NO_REMEDY if isinstance(value, list) else {str(value)}


def _print_misses(
    rows: Sequence[dict[str, object]], wanted: Sequence[dict[str, set[str]]], found: Sequence[dict[str, set[str]]]
) -> None:
    for row, want, say in zip(rows, wanted, found, strict=True):
        for name in want:
            if want[name] != say[name]:
                print(f"{name}: {sorted(want[name])} but {sorted(say[name])}: {row['id']} {str(row['text'])[:160]!r}")


if __name__ == "__main__":
    main()
