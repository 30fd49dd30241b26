"""Measure the classifier of the shipped categories, trained on the seed tickets, on tickets written apart from them.

python -m training.evaluate_shipped --json
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from training.encoders import SHIPPED_NAME, open_encoder
from training.evaluate_classifier import evaluate_classifier
from training.ticket_history import Columns
from triage.adapters.company import SHIPPED as COMPANY
from triage.adapters.models.linear import train_shipped

DEV = Path(__file__).parent / "data" / "dev_tickets.jsonl"
COLUMNS = Columns("text", "category")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the service does at its first start, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEV, help="tickets with `text` and `category`")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    encoder = open_encoder(SHIPPED_NAME)
    with tempfile.TemporaryDirectory() as folder:
        train_shipped(COMPANY, encoder, Path(folder))
        found = evaluate_classifier(Path(folder), chosen.data, encoder, COLUMNS)
    if chosen.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return
    report = found.report
    print(f"accuracy {report.accuracy}\nfirst three {report.top3}\nmacro-F1 {report.macro_f1:.3f}")
    print(f"calibration error {report.calibration}")
    print(f"tagged {report.tagged}, wrong among them {report.tagged_error}")
    print(f"sets hold the truth {report.set_coverage}, mean size {report.set_size:.2f}")


if __name__ == "__main__":
    main()
