from pathlib import Path

import pytest

from training.evaluate_aspects import Codes, main
from training.halves import HALVES, half_of, read_half

DATA = Path(__file__).parents[3] / "training" / "data"


@pytest.mark.parametrize("name", ["dev_tickets_2.jsonl", "dev_safety_2.jsonl"])
def test_both_halves_are_the_whole_and_neither_holds_a_text_of_the_other(name: str) -> None:
    whole = {row["text"] for row in read_half(DATA / name)}
    development, report = ({row["text"] for row in read_half(DATA / name, half)} for half in HALVES)
    assert development | report == whole
    assert not development & report
    assert abs(len(development) - len(report)) < len(whole) / 5


def test_the_half_of_an_id_does_not_depend_on_the_other_rows() -> None:
    # sha256sum: d7f8…a07a, an even number; cae0…60f3, an odd one
    assert half_of("dev2-pl-C01-01") == "development"
    assert half_of("dev2-pl-C01-02") == "report"


def test_codes_are_counted_over_all_tickets_together() -> None:
    found = Codes.of([({"NAPRAWA"}, {"NAPRAWA", "WYMIANA"}), ({"WYMIANA", "INFO"}, {"WYMIANA"}), (set(), set())])
    assert (found.precision.count, found.precision.n) == (2, 3)
    assert (found.recall.count, found.recall.n) == (2, 3)


def test_the_report_half_is_never_looked_at() -> None:
    with pytest.raises(SystemExit):
        main(["--half", "report", "--misses"])
