"""The rights stage: which law a ticket falls under by what its text and the shop's data say."""

from datetime import date, datetime

import pytest

from triage.calendars.clock_table import ClockTable
from triage.calendars.counting import WARSAW
from triage.calendars.regime import RegimeTable
from triage.calendars.remedies import RemedyTable
from triage.calendars.rules import RuleTable
from triage.domain.classification import Classification, Fact, Facts
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.rights import LegalPosition
from triage.domain.ticket import Author, Channel
from triage.stages.deadline import report_clocks
from triage.stages.rights import advise

RULES = RuleTable.load()
CLOCKS, REGIMES, REMEDIES = ClockTable.load(RULES), RegimeTable.load(), RemedyTable.load(RULES)
RECEIVED = datetime(2026, 11, 20, 10, tzinfo=WARSAW)


def position(
    code: str, remedy: str, text: str = "", order: dict[str, str] | None = None, **dates: date
) -> LegalPosition:
    message = RedactedMessage(id="m1", author=Author.CUSTOMER, at=RECEIVED, body=RedactedText(text))
    ticket = RedactedTicket("t1", RedactedText(""), (message,), RECEIVED, Channel.EMAIL, 1, order or {})
    found = Classification(code, "", 0.9, "pl", buyer="consumer", remedies=(remedy,))
    facts = Facts(tuple(Fact(kind, day.isoformat(), "", "m1", 0, 0) for kind, day in dates.items()))
    clocks = report_clocks(ticket, found, facts, RULES, CLOCKS, REGIMES)
    advice = advise(ticket, found, facts, clocks, (RULES, CLOCKS, REGIMES, REMEDIES), ())
    assert advice is not None
    return advice


@pytest.mark.parametrize(
    ("bought", "delivered", "regime"),
    [
        (date(2022, 12, 15), None, "rekojmia_before_2023"),
        (date(2022, 12, 30), date(2023, 1, 4), "rekojmia_before_2023"),
        (date(2023, 1, 1), None, "nonconformity"),
    ],
)
def test_the_day_of_the_purchase_decides_which_law_holds_not_that_of_the_delivery(
    bought: date, delivered: date | None, regime: str
) -> None:
    dates = {"purchase_date": bought} | ({"delivery_date": delivered} if delivered else {})
    advice = position("C01", "WYMIANA", **dates)
    assert advice.regime == regime
    assert "Kiedy zawarto umowę?" not in advice.questions


def test_without_any_date_the_contract_is_read_as_a_new_one_and_the_day_is_asked_for() -> None:
    advice = position("C01", "WYMIANA")
    assert advice.regime == "nonconformity"
    assert "Kiedy zawarto umowę?" in advice.questions


def test_a_purchase_named_as_one_in_a_shop_gives_no_right_to_withdraw_and_is_not_asked_about() -> None:
    advice = position("C04", "ZWROT14", "Zwracam żelazko kupione w Państwa sklepie stacjonarnym.")
    assert [(one.demand, one.verdict) for one in advice.demands] == [("ZWROT14", "not_here")]
    assert not [question for question in advice.questions if "stacjonarnym" in question]


def test_a_parcel_alone_does_not_say_how_the_goods_were_bought() -> None:
    advice = position("C04", "ZWROT14", "Odsyłam paczką żelazko, nie pasuje.")
    assert [question for question in advice.questions if "stacjonarnym" in question]
