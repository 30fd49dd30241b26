"""When one person's yes is not enough, and what a first approval stands for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests import builders
from tests.fakes.clock import START
from triage.domain.case import TriageCase
from triage.domain.classification import Fact, Facts
from triage.domain.four_eyes import FirstApproval, FourEyes

DAY = timedelta(days=1)


def case_naming(*amounts: str) -> TriageCase:
    facts = tuple(Fact("amount", amount, amount, "m1", 0, len(amount), 0.9) for amount in amounts)
    return replace(builders.triaged(builders.ticket(), builders.received()), facts=Facts(facts))


@pytest.mark.parametrize(
    ("named", "needed"),
    [
        (("1999.99 PLN",), ""),
        (("2000.00 PLN",), "amount"),
        (("50 PLN", "2000.01 PLN"), "amount"),
        (("9000.00 EUR",), ""),
        ((), ""),
    ],
)
def test_from_the_amount_on_that_the_company_names_two_must_approve(named: tuple[str, ...], needed: str) -> None:
    assert FourEyes(amount_pln=Decimal(2000)).reason(case_naming(*named)) == needed


def test_every_reason_for_a_second_approver_is_named_and_without_any_one_person_is_enough() -> None:
    case = case_naming("3000.00 PLN")
    rule = FourEyes(frozenset({"C03"}), frozenset({"ACK"}), frozenset({"SAFETY"}), Decimal(3000))
    assert rule.reason(case) == "category, flag, reply, amount"
    assert FourEyes(frozenset({"C01"}), frozenset({"ACCEPT"}), frozenset({"LEGAL_THREAT"})).reason(case) == ""
    assert FourEyes().reason(case) == ""


def test_a_first_approval_stands_for_the_very_version_and_words_that_were_read() -> None:
    case = case_naming()
    assert case.draft is not None
    first = FirstApproval("T1", "key:jan", case.version, case.draft.digest, (), START)
    assert first.stands_for(case, START, DAY)
    assert not first.stands_for(replace(case, draft=builders.draft("Inne słowa.")), START, DAY)
    assert not first.stands_for(replace(case, draft=None), START, DAY)
    assert not first.stands_for(replace(case, version=case.version + 1), START, DAY)
    assert not first.stands_for(case, START + DAY, DAY)
