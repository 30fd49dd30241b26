"""The rule table: complete, dated, checked as a whole, and the only place where a number lives."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from triage.calendars.rules import SHIPPED, Duty, Evidence, Party, RuleTable
from triage.domain.deadline import Origin
from triage.errors import ConfigurationError

RULES = RuleTable.load()


def edited(tmp_path: Path, *edits: tuple[str, str]) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_holds_the_58_rules_of_the_sheet_and_the_letter_date() -> None:
    current = Counter(rule.evidence for versions in RULES.rules.values() for rule in versions[-1:])
    assert len(RULES.rules) == 59
    assert current == {Evidence.SEEN: 25, Evidence.KNOWLEDGE: 18, Evidence.WEAK: 7, Evidence.POLICY: 8 + 1}


def test_the_reply_term_was_30_days_until_the_end_of_2022_and_is_14_since() -> None:
    before, after = RULES.on("UPK-7A-REPLY", date(2022, 12, 31)), RULES.on("UPK-7A-REPLY", date(2023, 1, 1))
    assert before is not None
    assert after is not None
    assert (before.term.n, after.term.n) == (30, 14)
    assert before.source == "UPK, Dz.U. 2020 poz. 287, art. 7a ust. 1-2"
    assert after.source == "UPK, Dz.U. 2026 poz. 1244, art. 7a ust. 1-2"


def test_no_version_holds_before_the_first_one_came_into_force() -> None:
    assert RULES.on("GPSR-CORRECT", date(2024, 12, 12)) is None
    assert RULES.on("GPSR-CORRECT", date(2024, 12, 13)) is not None


def test_consumers_had_rekojmia_for_contracts_before_2023_only() -> None:
    old, new = RULES.on("KC-568-REKOJMIA", date(2022, 6, 1)), RULES.on("KC-568-REKOJMIA", date(2024, 6, 1))
    assert old is not None
    assert new is not None
    assert old.applies_to(Party.CONSUMER)
    assert not new.applies_to(Party.CONSUMER)
    assert new.applies_to(Party.BUSINESS)


def test_policy_numbers_are_marked_as_policy_or_contract_never_as_statute() -> None:
    for versions in RULES.rules.values():
        for rule in versions:
            assert (rule.evidence is Evidence.POLICY) == (rule.origin is not Origin.STATUTE), rule.id


def test_the_silence_rule_of_7a_covers_consumers_only_and_sole_traders_have_a_policy() -> None:
    statute, policy = RULES.rules["UPK-7A-REPLY"][-1], RULES.rules["POL-7A-PNPK"][-1]
    assert not statute.applies_to(Party.PNPK)
    assert policy.applies_to(Party.PNPK)
    assert policy.origin is Origin.POLICY


def test_liability_and_presumption_periods_are_nobodys_duty_and_do_not_roll() -> None:
    for rule_id in ("UPK-43C-LIAB", "UPK-43C-PRESUMP", "UPK-43L-DIG-LIAB", "KC-577-DEFAULT", "KC-568-REKOJMIA"):
        for rule in RULES.rules[rule_id]:
            assert (rule.duty, rule.term.roll.value) == (Duty.NOBODY, "none")


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    path = edited(
        tmp_path,
        ("id: UPK-7A-FORM\n    trigger: reply_sent\n    n: 0", "id: UPK-7A-FORM\n    trigger: reply_sent\n    n: -1"),
        (
            "id: COURT-ORDER\n    trigger: payment_order_served\n    n: 14\n    unit: cal_day",
            "id: COURT-ORDER\n    trigger: payment_order_served\n    n: 14\n    unit: fortnight",
        ),
        ("act: KPC", "act: KPK"),
        ("valid_from: 2024-12-13", "valid_from: jutro"),
        ("buffer_working_days: 2", "buffer_working_days: two"),
    )
    with pytest.raises(ConfigurationError) as error:
        RuleTable.load(path)
    faults = "\n".join(error.value.faults)
    for expected in (
        "UPK-7A-FORM: 'n'",
        "COURT-ORDER: 'unit'",
        "act 'KPK'",
        "'valid_from' needs a date",
        "'buffer_working_days'",
    ):
        assert expected in faults


@pytest.mark.parametrize("ends", ["2023-01-01", "2023-01-31"])
def test_two_versions_on_the_same_day_are_refused(tmp_path: Path, ends: str) -> None:
    path = edited(tmp_path, ("valid_to: 2022-12-31", f"valid_to: {ends}"))
    with pytest.raises(ConfigurationError, match="UPK-7A-REPLY: two versions hold on the same day"):
        RuleTable.load(path)


def test_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    path = edited(tmp_path, ("    duty: desk\n", "    dutty: desk\n"))
    with pytest.raises(ConfigurationError, match="'dutty' is not a known key"):
        RuleTable.load(path)


@pytest.mark.parametrize(("content", "message"), [("- 1\n- 2\n", "needs to be a mapping"), ("a: [", "is not YAML")])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        RuleTable.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: cannot be read"):
        RuleTable.load(tmp_path / "nowhere.yaml")
