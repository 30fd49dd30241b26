"""Re-running evaluations: what is the same, off, missing or broken, on programs of a few lines."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
import yaml

from training.check_expected import (
    EXPECTED,
    Evaluation,
    NoScore,
    Score,
    Verdict,
    check,
    data_state,
    find_score,
    main,
    read_expected,
    update,
)


def an_evaluation(**changes: object) -> Evaluation:
    fields: dict[str, object] = {
        "name": "sample",
        "command": "python -c pass",
        "data": {},
        "scores": (Score(("a", "ndcg@10"), 0.5, 0.01),),
    }
    return Evaluation(**{**fields, **changes})  # type: ignore[arg-type]


def script(folder: Path, text: str) -> str:
    (folder / "program.py").write_text(text)
    return f"python {folder / 'program.py'}"


def states(verdicts: list[Verdict]) -> list[str]:
    return [verdict.state for verdict in verdicts]


@pytest.mark.parametrize(("value", "state"), [(0.5, "OK"), (0.51, "OK"), (0.48, "off"), (0.9, "off")])
def test_a_score_is_off_on_either_side(tmp_path: Path, value: float, state: str) -> None:
    command = script(tmp_path, f'print(\'{{"a": {{"ndcg@10": {value}}}}}\')')
    assert states(check(an_evaluation(command=command), None, tmp_path, set())) == [state]


def test_a_program_that_crashes_is_a_failure_not_a_zero(tmp_path: Path) -> None:
    command = script(tmp_path, "raise SystemExit('no such file')")
    (verdict,) = check(an_evaluation(command=command), None, tmp_path, set())
    assert (verdict.state, verdict.measured, verdict.bad) == ("failed", None, True)
    assert "no such file" in verdict.note


def test_a_program_that_prints_no_such_score_is_a_failure(tmp_path: Path) -> None:
    command = script(tmp_path, "print('{\"b\": 1}')")
    assert states(check(an_evaluation(command=command), None, tmp_path, set())) == ["failed"]


def test_an_exit_status_may_mean_a_missed_aim(tmp_path: Path) -> None:
    command = script(tmp_path, 'print(\'{"a": {"ndcg@10": 0.5}}\'); raise SystemExit(1)')
    assert states(check(an_evaluation(command=command, exits=(0, 1)), None, tmp_path, set())) == ["OK"]


def test_data_that_is_absent_is_missing_and_data_that_differs_is_other_data(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text("{}")
    right = hashlib.sha256(b"{}").hexdigest()
    assert data_state(an_evaluation(data={"set.jsonl": right}), tmp_path) == "ready"
    assert data_state(an_evaluation(data={"set.jsonl": "0" * 64}), tmp_path) == "other data"
    assert data_state(an_evaluation(data={"gone.jsonl": right}), tmp_path) == "missing"
    assert data_state(an_evaluation(data={"set.jsonl": right}), None) == "missing"
    (verdict,) = check(an_evaluation(data={"gone.jsonl": right}), tmp_path, tmp_path, set())
    assert not verdict.bad


def test_a_preparation_runs_once_for_all_that_need_it(tmp_path: Path) -> None:
    (tmp_path / "prepare.py").write_text(
        f"from pathlib import Path; p = Path({str(tmp_path / 'count')!r}); "
        "p.write_text(str(int(p.read_text()) + 1 if p.exists() else 1))"
    )
    command = script(tmp_path, 'print(\'{"a": {"ndcg@10": 0.5}}\')')
    evaluation = an_evaluation(command=command, prepare=f"python {tmp_path / 'prepare.py'}")
    prepared: set[str] = set()
    assert states(check(evaluation, None, tmp_path, prepared) + check(evaluation, None, tmp_path, prepared)) == [
        "OK",
        "OK",
    ]
    assert (tmp_path / "count").read_text() == "1"


def test_scores_are_found_in_text_and_in_the_first_row_of_a_key() -> None:
    text = an_evaluation(output="text")
    assert find_score(text, "x\nprecision 0.97 (12)\n", [r"^precision ([\d.]+)"]) == 0.97
    with pytest.raises(NoScore):
        find_score(text, "nothing", [r"^precision ([\d.]+)"])
    rows = an_evaluation(output="jsonl", key="task")
    printed = '{"task": "a", "accuracy": 0.9}\n{"task": "a", "accuracy": 0.1}\n{"task": "b", "accuracy": null}\n'
    assert find_score(rows, printed, ["a", "accuracy"]) == 0.9
    with pytest.raises(NoScore):
        find_score(rows, printed, ["b", "accuracy"])
    with pytest.raises(NoScore):
        find_score(rows, printed, ["c", "accuracy"])


def test_update_writes_what_was_measured_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "expected.yaml"
    entry = {
        "name": "sample",
        "command": "python -m x",
        "data": {},
        "scores": [{"at": ["a"], "expect": None, "tolerance": 0.1}, {"at": ["b"], "expect": 2.0, "tolerance": 0.1}],
    }
    path.write_text("# kept\n" + yaml.safe_dump({"evaluations": [entry]}))
    update(path, [Verdict("sample", "new", Score(("a",), None, 0.1), 1.5)])
    assert path.read_text().startswith("# kept\n")
    (found,) = read_expected(path)
    assert [score.expect for score in found.scores] == [1.5, 2.0]


def test_without_data_every_evaluation_that_needs_some_is_missing_and_nothing_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["check_expected", "--only", "encoder", "retrieval poquad"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code is False
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["missing", "missing"]


def test_the_shipped_file_names_programs_that_exist_and_digests_that_are_digests() -> None:
    evaluations = read_expected(EXPECTED)
    assert len({evaluation.name for evaluation in evaluations}) == len(evaluations)
    root = EXPECTED.parent.parent
    for evaluation in evaluations:
        for command in filter(None, (evaluation.command, evaluation.prepare)):
            module = command.split()[2]
            assert (root / (module.replace(".", "/") + ".py")).is_file(), module
        assert all(len(digest) == 64 for digest in evaluation.data.values())
        assert evaluation.scores
        assert all(score.tolerance >= 0 for score in evaluation.scores)
