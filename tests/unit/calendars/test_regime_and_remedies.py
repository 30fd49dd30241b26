"""Regime and allowed demands of the hand-worked cases, and the rules the selector must never break."""

from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
import yaml

from triage.calendars import remedies
from triage.calendars.periods import CaseDates
from triage.calendars.regime import SHIPPED, RegimeTable, Situation
from triage.calendars.remedies import RemedyTable, Verdict
from triage.calendars.rules import RuleTable
from triage.errors import ConfigurationError

CASES = yaml.safe_load((Path(__file__).parents[2] / "data" / "regime_cases.yaml").read_text(encoding="utf-8"))["cases"]
IDS = [case["id"] for case in CASES]
RULES, REGIMES = RuleTable.load(), RegimeTable.load()
REMEDIES = RemedyTable.load(RULES)


def situation_of(case: dict) -> Situation:
    given = case["given"]
    order, dates = given.get("order", {}), given.get("dates", {})
    return Situation(
        buyer=given["buyer"],
        contract_date=dates.get("purchase_date") or dates.get("delivery_date"),
        sale=order.get("sale", "unknown"),
        buyer_name=order.get("buyer_name", ""),
        **case.get("situation", {}),
    )


def case_dates(case: dict) -> CaseDates:
    given = case["given"]
    dates, order = given.get("dates", {}), given.get("order", {})
    delivered = dates.get("delivery_date") or (
        date.fromisoformat(order["delivered_on"]) if "delivered_on" in order else None
    )
    received = case["received"] if isinstance(case["received"], datetime) else datetime.fromisoformat(case["received"])
    return CaseDates(
        declared_on=dates.get("statement_date", received.date()),
        delivered_on=delivered,
        defect_on=dates.get("defect_date"),
        contract_on=dates.get("purchase_date"),
    )


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_regime_of_each_hand_worked_case_with_its_articles(case: dict) -> None:
    advice = REGIMES.select(situation_of(case))
    assert (advice.regime, list(advice.articles)) == (case["regime"], case["articles"])
    assert [remark.id for remark in advice.warnings] == case.get("warnings", [])


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_allowed_demands_of_each_hand_worked_case_with_their_articles(case: dict) -> None:
    check = REMEDIES.check(case["demands"], case["regime"], case_dates(case), RULES, facts=case.get("facts", ()),
                           sale=case["given"].get("order", {}).get("sale", "unknown"))  # fmt: skip
    assert {advice.demand: [advice.verdict.value, advice.article] for advice in check.advice} == case["demands"]
    assert all(advice.wording.pl and advice.wording.en for advice in check.advice)


@pytest.mark.parametrize(
    "name", ["Alfa sp. z o.o.", "ALFA SP Z O O", "Beta S.A.", "Gamma sp.k.", "Delta Sp. j.", "Spółka jawna Kos"]
)
@pytest.mark.parametrize("buyer", ["consumer", "sole_trader", "business", "unknown"])
def test_a_company_is_never_protected_like_a_consumer_whatever_else_is_said(name: str, buyer: str) -> None:
    for subject, sale, addressee, basis in product(
        ("unknown", "goods", "digital", "service"),
        ("unknown", "shop", "distance", "unsolicited_visit"),
        ("unknown", "seller", "guarantor"),
        ("unknown", "niezgodnosc", "rekojmia", "gwarancja", "odstapienie"),
    ):
        advice = REGIMES.select(Situation(buyer, date(2026, 1, 1), subject, sale, addressee, basis, buyer_name=name))
        assert advice.answers["buyer"] == "business"
        assert advice.regime not in {"nonconformity", "digital", "withdrawal", "rekojmia_before_2023"}


@pytest.mark.parametrize(
    "name", ["Jan Nowak", "Usługi Remontowe Jan Nowak", "Salon Masażu Anna Spławska", "S. Adamska Studio"]
)
def test_a_persons_name_is_no_company_form(name: str) -> None:
    assert not REGIMES.is_company(name)


def test_nothing_known_is_read_as_a_consumers_complaint_about_goods_and_says_so() -> None:
    advice = REGIMES.select(Situation())
    assert advice.regime == "nonconformity"
    assert [question.about for question in advice.questions] == ["buyer", "contract", "subject"]
    assert len(advice.assumed) == 3


def test_nothing_is_asked_when_everything_that_matters_is_known() -> None:
    advice = REGIMES.select(Situation("consumer", date(2026, 1, 5), "goods", "shop", "seller", "niezgodnosc"))
    assert (advice.questions, advice.assumed) == ((), ())


@pytest.mark.parametrize(
    ("signed", "regime", "flagged"),
    [
        (date(2022, 12, 31), "rekojmia_before_2023", False),
        (date(2023, 1, 1), "nonconformity", False),
        (date(2026, 7, 30), "nonconformity", False),
        (date(2026, 7, 31), "nonconformity", True),
    ],
)
def test_the_contract_date_decides_on_the_very_day(signed: date, regime: str, flagged: bool) -> None:
    advice = REGIMES.select(Situation("consumer", signed, "goods"))
    assert advice.regime == regime
    assert ("r2r" in [remark.id for remark in advice.warnings]) is flagged


def test_liability_and_presumption_end_on_the_date_two_years_on_even_a_saturday() -> None:
    check = REMEDIES.check(["NAPRAWA"], "nonconformity", CaseDates(date(2026, 2, 28), date(2024, 2, 29)), RULES)
    assert (check.periods.liability_until, check.periods.presumption_until) == (date(2026, 2, 28), date(2026, 2, 28))
    assert "liability_open" in check.periods.facts


@pytest.mark.parametrize("delivered", [date(2026, 3, 21) + timedelta(days=offset) for offset in range(60)])
def test_a_withdrawal_on_the_last_rolled_day_is_in_time_and_one_day_later_is_not(delivered: date) -> None:
    last = REMEDIES.check(["ZWROT14"], "withdrawal", CaseDates(delivered, delivered), RULES).periods.window_until
    assert last is not None
    on_time, late = (
        REMEDIES.check(["ZWROT14"], "withdrawal", CaseDates(day, delivered), RULES).advice[0].verdict
        for day in (last, last + timedelta(days=1))
    )
    assert (on_time, late) == (Verdict.MAY_ASK, Verdict.PERSON_DECIDES)
    assert last >= delivered + timedelta(days=14)


@pytest.mark.parametrize("fact", ["failed_repair", "refused", "not_in_time", "serious"])
def test_each_exception_of_43e_opens_price_reduction_and_withdrawal(fact: str) -> None:
    dates = CaseDates(date(2026, 11, 20), date(2026, 1, 5))
    check = REMEDIES.check(["OBNIZENIE", "ODSTAPIENIE"], "nonconformity", dates, RULES, facts=[fact])
    assert [advice.verdict for advice in check.advice] == [Verdict.MAY_ASK, Verdict.MAY_ASK]
    assert all(advice.article.startswith("UPK art. 43e ust. 1 pkt") for advice in check.advice)


@pytest.mark.parametrize("fact", ["failed_repair", "refused", "not_in_time", "serious"])
def test_an_insignificant_lack_never_gives_withdrawal_and_never_takes_the_price_reduction(fact: str) -> None:
    dates = CaseDates(date(2026, 11, 20), date(2026, 1, 5))
    check = REMEDIES.check(["OBNIZENIE", "ODSTAPIENIE"], "nonconformity", dates, RULES, facts=[fact, "insignificant"])
    assert [advice.verdict for advice in check.advice] == [Verdict.MAY_ASK, Verdict.PERSON_DECIDES]
    assert check.advice[1].article == "UPK art. 43e ust. 4"


@pytest.mark.parametrize(
    ("delivered", "defect", "last"),
    [
        (date(2026, 9, 1), date(2026, 11, 2), date(2026, 11, 9)),  # found later: 7 days
        (date(2026, 11, 2), date(2026, 11, 2), date(2026, 11, 5)),  # seen at the delivery: 3 working days
        (date(2026, 11, 6), date(2026, 11, 6), date(2026, 11, 12)),  # over a weekend and 11 November
    ],
)
def test_a_business_that_notifies_on_the_last_day_is_in_time_and_one_day_later_is_not(
    delivered: date, defect: date, last: date
) -> None:
    for declared, late in ((last, False), (last + timedelta(days=1), True)):
        dates = CaseDates(declared, delivered, defect)
        facts = REMEDIES.check(["NAPRAWA"], "b2b_rekojmia", dates, RULES).periods.facts
        assert ("not_notified" in facts) is late, declared


def test_whoever_was_not_told_of_the_right_may_withdraw_until_the_last_day_of_twelve_months_more() -> None:
    delivered, last = date(2026, 3, 2), date(2027, 3, 16)  # 14 days end on 16 March 2026
    for day, verdict in ((last, Verdict.MAY_ASK), (last + timedelta(days=1), Verdict.PERSON_DECIDES)):
        check = REMEDIES.check(
            ["ZWROT14"], "withdrawal", CaseDates(day, delivered), RULES, facts=["no_withdrawal_info"]
        )
        assert check.periods.window_until == last
        assert check.advice[0].verdict is verdict
    told = REMEDIES.check(["ZWROT14"], "withdrawal", CaseDates(last, delivered), RULES)
    assert told.periods.window_until == date(2026, 3, 16)
    assert told.advice[0].verdict is Verdict.PERSON_DECIDES


def test_damages_always_go_to_a_person() -> None:
    for regime in ("nonconformity", "b2b_rekojmia", "guarantee", "withdrawal", "carrier", "service", "none"):
        (advice,) = REMEDIES.check(["ODSZKODOWANIE"], regime, CaseDates(date(2026, 11, 20)), RULES).advice
        assert advice.verdict is Verdict.PERSON_DECIDES


def test_an_unknown_fact_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown facts"):
        REMEDIES.check(["NAPRAWA"], "nonconformity", CaseDates(date(2026, 11, 20)), RULES, facts=["angry"])


def test_a_term_that_names_no_rule_of_the_table_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "remedies.yaml"
    text = remedies.SHIPPED.read_text(encoding="utf-8")
    path.write_text(text.replace("liability: UPK-43C-LIAB", "liability: UPK-43X-LIAB"), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        RemedyTable.load(RULES, path)
    assert error.value.faults == (
        "remedies.yaml: terms: nonconformity: 'liability' names UPK-43X-LIAB, which is no rule.",
    )


def test_a_regime_without_terms_has_no_periods_and_says_nothing_of_the_days() -> None:
    found = REMEDIES.check(["NAPRAWA"], "service", CaseDates(date(2026, 11, 20), date(2020, 1, 5)), RULES).periods
    assert (found.liability_until, found.presumption_until, found.window_until, found.facts) == (
        None,
        None,
        None,
        frozenset(),
    )


def test_the_faults_of_a_decision_table_are_listed_together(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "regime.yaml"
    path.write_text(
        text.replace("when: {addressee: [carrier]}", "when: {adressee: [carrier]}", 1)
        .replace("assume: consumer", "assume: alien", 1)
        .replace("when: {}", "when: {buyer: [consumer]}", 1),
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as error:
        RegimeTable.load(path)
    faults = "\n".join(error.value.faults)
    for expected in ("'adressee' is no field", "'assume' needs one of 'values'", "the last row needs an empty 'when'"):
        assert expected in faults
