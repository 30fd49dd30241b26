"""Measure the classifier of the shipped categories, trained on the seed tickets, on tickets written apart from them.

python -m training.evaluate_shipped --json
python -m training.evaluate_shipped --data training/data/dev_tickets_2.jsonl --half report --language pl
python -m training.evaluate_shipped --in-stories --without-asides
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.encoders import SHIPPED_NAME, open_encoder
from training.evaluate_classifier import evaluate_classifier
from training.halves import HALVES, read_half
from training.stories import in_stories
from training.ticket_history import Columns
from triage.adapters.company import SHIPPED as COMPANY
from triage.adapters.models.linear import train_shipped

DEV = Path(__file__).parent / "data" / "dev_tickets.jsonl"
COLUMNS = Columns("text", "category")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the service does at its first start, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEV, help="tickets with `text` and `category`")
    parser.add_argument("--half", choices=HALVES, help="of the tickets, by their ids; all when not given")
    parser.add_argument("--language", help="only tickets in this one")
    parser.add_argument("--longer", type=int, default=0, help="only tickets of so many letters or more")
    parser.add_argument("--shorter", type=int, default=10**9, help="only tickets of fewer letters")
    parser.add_argument(
        "--in-stories", action="store_true", help="put a story around each ticket (training/stories.py)"
    )
    parser.add_argument("--without-asides", action="store_true", help="a model that was not taught what to read past")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    encoder = open_encoder(SHIPPED_NAME)
    with tempfile.TemporaryDirectory() as folder:
        data, model = Path(folder) / "tickets.jsonl", Path(folder) / "model"
        rows = [row for row in read_half(chosen.data, chosen.half) if _is_wanted(row, chosen)]
        rows = in_stories(rows) if chosen.in_stories else rows
        data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        train_shipped(_without_asides(Path(folder)) if chosen.without_asides else COMPANY, encoder, model)
        found = evaluate_classifier(model, data, encoder, COLUMNS)
    if chosen.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return
    report = found.report
    print(f"accuracy {report.accuracy}\nfirst three {report.top3}\nmacro-F1 {report.macro_f1:.3f}")
    print(f"calibration error {report.calibration}")
    print(f"tagged {report.tagged}, wrong among them {report.tagged_error}")
    print(f"sets hold the truth {report.set_coverage}, mean size {report.set_size:.2f}")


def _without_asides(folder: Path) -> Path:
    """A company that has nothing but the seed tickets."""
    shutil.copytree(COMPANY / "seed", folder / "company" / "seed", ignore=shutil.ignore_patterns("asides.txt"))
    return folder / "company"


def _is_wanted(row: dict[str, Any], chosen: argparse.Namespace) -> bool:
    right_language = chosen.language in (None, row["language"])
    return right_language and chosen.longer <= len(row["text"]) < chosen.shorter


if __name__ == "__main__":
    main()
