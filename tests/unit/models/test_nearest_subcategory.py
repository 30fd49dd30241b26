"""The subcategory of the nearest examples, within the category that is in force."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fakes.hashing_encoder import HashingEncoder
from triage.adapters.company import load_company
from triage.adapters.models.nearest_subcategory import NearestSubcategory
from triage.domain.redaction import RedactedText

TAXONOMY = load_company().taxonomy


def nearest(folder: Path, *rows: tuple[str, str, str]) -> NearestSubcategory:
    (folder / "seed" / "pl").mkdir(parents=True)
    lines = [json.dumps({"category": category, "subcategory": code, "text": text}) for category, code, text in rows]
    (folder / "seed" / "pl" / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return NearestSubcategory.of_company(folder, TAXONOMY, HashingEncoder())


def test_it_is_that_of_the_nearest_examples_of_the_category(tmp_path: Path) -> None:
    found = nearest(
        tmp_path,
        ("C05", "lost", "paczka zaginęła w drodze"), ("C05", "lost", "przesyłka zaginęła bez śladu"),
        ("C05", "delayed", "kurier spóźniony o tydzień"), ("C04", "late_return", "paczka zaginęła w drodze"),
    )  # fmt: skip
    assert found(RedactedText("moja paczka zaginęła"), "C05") == "lost"
    assert found(RedactedText("kurier spóźniony"), "C05") == "delayed"


def test_where_examples_disagree_or_are_missing_it_says_nothing(tmp_path: Path) -> None:
    codes = ("lost", "delayed", "empty_parcel", "locker_issue")
    found = nearest(tmp_path, *(("C05", code, "paczka kurier") for code in codes), ("C05", "no such code", "paczka"))
    assert found(RedactedText("paczka kurier"), "C05") == ""
    assert found(RedactedText("paczka"), "C01") == ""


def test_every_subcategory_of_the_seed_tickets_is_in_the_taxonomy_with_labels_in_both_languages() -> None:
    seeds = Path(__file__).parents[3] / "triage" / "company" / "seed"
    named = {
        (row["category"], row["subcategory"])
        for path in seeds.glob("*/*.jsonl")
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        if row.get("subcategory")
    }
    known = {(one.code, code) for one in TAXONOMY.categories for code in one.subcategories}
    assert named == known
    assert all(set(labels) == {"pl", "en"} for one in TAXONOMY.categories for labels in one.subcategories.values())
