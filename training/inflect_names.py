"""Inflect the shipped Polish names once, so that no process does it at its start.

    python -m training.inflect_names [--check]

Reads ``given_names_pl.txt`` and ``surnames_pl.txt`` of ``triage/recognisers/data`` and writes their forms in all cases
of the singular, folded, one name a line, from the inflectional dictionary SGJP (morfeusz2).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from knowledge_base.tokenise.morphology import generate
from triage.domain.folding import fold

FOLDER = Path(__file__).parents[1] / "triage" / "recognisers" / "data"
SOURCES = (
    ("given_names_pl.txt", "given_name_forms_pl.txt", "imię"),
    ("surnames_pl.txt", "surname_forms_pl.txt", "nazwisko"),
)


def inflected(source: str, label: str) -> str:
    """The forms of every name of a list, as the text of a data file."""
    lines = (FOLDER / source).read_text("utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    head = f"# Made by `python -m training.inflect_names` from {source} and SGJP (morfeusz2, BSD); do not edit.\n"
    return head + "".join(" ".join(sorted(_forms(name, label))) + "\n" for name in names)


def _forms(name: str, label: str) -> set[str]:
    forms = {fold(name)}
    for reading in generate(name):
        if label in reading.names and reading.lemma.partition(":")[0] == name and ":pl:" not in reading.tag:
            forms.add(fold(reading.form))
    return forms


def main() -> None:
    """Write the files, or check that they are what they would be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit status 1 when a file is stale")
    check = parser.parse_args().check
    stale = []
    for source, target, label in SOURCES:
        text, path = inflected(source, label), FOLDER / target
        if check and path.read_text("utf-8") != text:
            stale.append(target)
        elif not check:
            path.write_text(text, "utf-8")
    if stale:
        raise SystemExit(f"stale: {', '.join(stale)}; run python -m training.inflect_names")


if __name__ == "__main__":
    main()
