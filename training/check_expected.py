"""Run the evaluations again and compare with ``expected.yaml``: every figure this project states, with its command.

    python -m training.check_expected --data DIR [--only NAME …] [--slow] [--update]

DIR holds the data sets, which are not part of the project; an evaluation whose data is absent is reported as missing,
one whose data has another SHA-256 as other data. A program that fails is a failure, never a score of 0. Exit status 1
when anything is off or fails. ``--update`` writes what was measured into the file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

EXPECTED = Path(__file__).parent / "expected.yaml"


class NoScore(LookupError):
    """The output of a program has no such score."""


@dataclass(frozen=True, slots=True)
class Score:
    """A figure that is expected.

    Attributes:
        at: keys that lead to it in the program's JSON, or a regular expression with one group over its text.
        expect: its value when last measured; None: never measured.
        tolerance: largest difference that counts as the same.
        reach: what is aimed at, as written, e.g. ``">= 0.93"``; for the reader.
    """

    at: tuple[str, ...]
    expect: float | None
    tolerance: float
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A program, its data and its expected scores.

    Attributes:
        command: with ``{data}`` for the data folder and ``{work}`` for a scratch folder shared by a run.
        data: file in the data folder → SHA-256.
        output: ``json``, ``jsonl`` (first row of each ``key`` counts) or ``text``.
        prepare: a command to run first, once per run.
        exits: exit statuses that are no failure.
        slow: only with ``--slow``.
    """

    name: str
    command: str
    data: Mapping[str, str]
    scores: tuple[Score, ...]
    output: str = "json"
    key: str = ""
    prepare: str = ""
    exits: tuple[int, ...] = (0,)
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one score (or of a whole evaluation, when ``score`` is None)."""

    evaluation: str
    state: str
    score: Score | None = None
    measured: float | None = None
    note: str = ""

    @property
    def bad(self) -> bool:
        """Whether it needs a person."""
        return self.state in {"off", "failed", "other data"}

    def __str__(self) -> str:
        if self.score is None:
            return f"{self.state:10} {self.evaluation}  {self.note}"
        reach = f"  (aim {self.score.reach})" if self.score.reach else ""
        return (
            f"{self.state:10} {self.evaluation}  {' / '.join(self.score.at)}: {self.measured}, "
            f"expected {self.score.expect} ± {self.score.tolerance}{reach}"
        )


def read_expected(path: Path = EXPECTED) -> list[Evaluation]:
    """Read the file of expected scores."""
    entries = yaml.safe_load(path.read_text("utf-8"))["evaluations"]
    return [
        Evaluation(
            **{
                **entry,
                "data": entry.get("data") or {},
                "exits": tuple(entry.get("exits", (0,))),
                "scores": tuple(Score(**{**score, "at": tuple(score["at"])}) for score in entry["scores"]),
            }
        )
        for entry in entries
    ]


def data_state(evaluation: Evaluation, data: Path | None) -> str:
    """``ready``, ``missing`` or ``other data``."""
    if evaluation.data and data is None:
        return "missing"
    for name, digest in evaluation.data.items():
        path = (data or Path()) / name
        if not path.is_file():
            return "missing"
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                return "other data"
    return "ready"


def find_score(evaluation: Evaluation, output: str, at: Sequence[str]) -> float:
    """A score in what a program printed.

    Raises:
        NoScore: it is not there, or is no number.
    """
    try:
        if evaluation.output == "text":
            match = re.search(at[0], output, re.MULTILINE)
            return float(match[1]) if match else _no_score(at)
        found: object = _parse(evaluation, output)
        for key in at:
            found = found[key] if isinstance(found, dict) else _no_score(at)
        return float(found) if isinstance(found, int | float) else _no_score(at)
    except (KeyError, ValueError) as error:
        raise NoScore(f"no score at {' / '.join(at)}") from error


def _no_score(at: Sequence[str]) -> float:
    raise NoScore(f"no score at {' / '.join(at)}")


def _parse(evaluation: Evaluation, output: str) -> object:
    if evaluation.output == "json":
        return json.loads(output)
    rows: dict[str, object] = {}
    for line in output.splitlines():
        row = json.loads(line)
        rows.setdefault(str(row[evaluation.key]), row)
    return rows


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line with this interpreter in place of ``python``."""
    words = shlex.split(command)
    return subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, check=False)


def check(evaluation: Evaluation, data: Path | None, work: Path, prepared: set[str]) -> list[Verdict]:
    """Run one evaluation and compare its scores."""
    state = data_state(evaluation, data)
    if state != "ready":
        return [Verdict(evaluation.name, state, note=", ".join(evaluation.data))]
    fill = {"data": str(data), "work": str(work)}
    if evaluation.prepare and evaluation.prepare not in prepared:
        done = run(evaluation.prepare.format(**fill))
        if done.returncode:
            return [Verdict(evaluation.name, "failed", note=done.stderr.strip()[-300:])]
        prepared.add(evaluation.prepare)
    done = run(evaluation.command.format(**fill))
    if done.returncode not in evaluation.exits:
        return [Verdict(evaluation.name, "failed", note=done.stderr.strip()[-300:])]
    return [compare(evaluation, score, done.stdout) for score in evaluation.scores]


def compare(evaluation: Evaluation, score: Score, output: str) -> Verdict:
    """Compare one score; higher than expected is off, too: it means that the file is out of date."""
    try:
        measured = find_score(evaluation, output, score.at)
    except NoScore as error:
        return Verdict(evaluation.name, "failed", note=str(error))
    if score.expect is None:
        return Verdict(evaluation.name, "new", score, measured)
    same = abs(measured - score.expect) <= score.tolerance + 1e-9
    return Verdict(evaluation.name, "OK" if same else "off", score, measured)


def update(path: Path, verdicts: Iterable[Verdict]) -> None:
    """Write measured scores into the file, keeping the comment at its top."""
    text = path.read_text("utf-8")
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    content = yaml.safe_load(text)
    measured = {(v.evaluation, v.score.at): v.measured for v in verdicts if v.score and v.measured is not None}
    for entry in content["evaluations"]:
        for score in entry["scores"]:
            score["expect"] = measured.get((entry["name"], tuple(score["at"])), score.get("expect"))
    path.write_text(header + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120), "utf-8")


def main() -> None:
    """Check what can be checked here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the data sets")
    parser.add_argument("--only", nargs="+", help="names of evaluations")
    parser.add_argument("--slow", action="store_true", help="also those that take many minutes")
    parser.add_argument("--update", action="store_true", help="write what was measured into expected.yaml")
    arguments = parser.parse_args()
    chosen = [
        evaluation
        for evaluation in read_expected()
        if (evaluation.name in arguments.only if arguments.only else arguments.slow or not evaluation.slow)
    ]
    verdicts: list[Verdict] = []
    prepared: set[str] = set()
    with tempfile.TemporaryDirectory() as work:
        for evaluation in chosen:
            found = check(evaluation, arguments.data, Path(work), prepared)
            verdicts += found
            print("\n".join(map(str, found)), flush=True)
    if arguments.update:
        update(EXPECTED, verdicts)
    sys.exit(any(verdict.bad for verdict in verdicts) and not arguments.update)


if __name__ == "__main__":
    main()
