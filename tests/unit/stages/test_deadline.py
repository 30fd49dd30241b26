"""The deadline stage: hand-worked cases, protective readings, dated data, speed."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from triage.calendars.clock_table import ClockTable
from triage.calendars.counting import WARSAW
from triage.calendars.regime import RegimeTable
from triage.calendars.rules import SHIPPED, RuleTable
from triage.domain.classification import Classification, Fact, Facts
from triage.domain.deadline import Origin
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author, Channel
from triage.errors import ConfigurationError
from triage.stages.deadline import compute_deadlines, report_clocks
from triage.stages.extract import extract

SHEET = yaml.safe_load((Path(__file__).parents[2] / "data" / "regime_cases.yaml").read_text(encoding="utf-8"))
CASES = SHEET["cases"]


class Law(NamedTuple):
    rules: RuleTable
    clocks: ClockTable
    regimes: RegimeTable


def load_law(rules: Path = SHIPPED) -> Law:
    table = RuleTable.load(rules)
    return Law(table, ClockTable.load(table), RegimeTable.load())


LAW = load_law()


def a_ticket(received: datetime, text: str = "", order: dict[str, str] | None = None) -> RedactedTicket:
    message = RedactedMessage(id="m1", author=Author.CUSTOMER, at=received, body=RedactedText(text))
    return RedactedTicket("t1", RedactedText(""), (message,), received, Channel.EMAIL, 1, order or {})


def some_facts(dates: dict[str, date]) -> Facts:
    return Facts(tuple(Fact(kind, day.isoformat(), "", "m1", 0, 0) for kind, day in dates.items()))


def a_classification(*codes: str, buyer: str = "consumer", remedies: tuple[str, ...] = ()) -> Classification:
    return Classification(codes[0], "", 0.9, "pl", buyer=buyer, remedies=remedies, secondary=codes[1:])


def moment(value: str | datetime) -> datetime:
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).replace(tzinfo=WARSAW)


RECEIVED = moment("2026-11-20T10:00")


def report_of(case: dict):  # noqa: ANN201
    given = case["given"]
    return report_clocks(
        a_ticket(moment(case["received"]), given.get("text", ""), given.get("order")),
        a_classification(*given["codes"], buyer=given["buyer"], remedies=tuple(given.get("remedies", ()))),
        some_facts(given.get("dates", {})),
        *LAW,
    )


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_clocks_of_each_hand_worked_case_with_their_articles(case: dict) -> None:
    report = report_of(case)
    assert {d.rule: [d.nominal, d.legal_due, d.safe_due] for d in report.deadlines} == case["deadlines"]
    assert {d.rule: d.legal_due for d in report.periods} == case["periods"]
    assert sorted(question.about for question in report.questions) == sorted(case["asks"])
    for deadline in (*report.deadlines, *report.periods):
        assert SHEET["articles"][deadline.rule] in deadline.source
    in_order = [(d.safe_due, d.legal_due, d.origin is not Origin.STATUTE) for d in report.deadlines]
    assert in_order == sorted(in_order)  # of two that end on one day the law's comes before the company's


def test_there_are_at_least_forty_hand_worked_cases_and_all_twenty_of_the_sheet() -> None:
    ids = [case["id"] for case in CASES]
    assert len(set(ids)) == len(ids) >= 40
    assert {f"a{n:02}" for n in range(1, 21)} <= set(ids)


def test_changing_the_rule_file_changes_the_dates_without_code(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "rules.yaml"
    old = "    trigger: complaint_received\n    n: 14\n"
    assert old in text
    path.write_text(
        text.replace(old, "    trigger: complaint_received\n    n: 10\n", 1)
        .replace("buffer_working_days: 2", "buffer_working_days: 0", 1)
        .replace('version: "2026-11-22.1"', 'version: "mine"', 1),
        encoding="utf-8",
    )
    law = load_law(path)
    (deadline,) = compute_deadlines(a_ticket(RECEIVED), a_classification("C13"), Facts(), *law)
    assert (deadline.legal_due, deadline.safe_due) == (date(2026, 11, 30), date(2026, 11, 30))
    assert law.rules.version == "mine"


def test_a_future_version_of_a_rule_holds_from_its_first_day(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    head, reply, tail = text.partition("  - id: UPK-7A-REPLY\n    trigger: complaint_received\n    n: 14\n")
    entry, marker, rest = (reply + tail).partition("  - id: UPK-7A-FORM")
    ended = entry.replace("valid_to: null", "valid_to: 2026-12-31")
    began = entry.replace("valid_from: 2023-01-01", "valid_from: 2027-01-01").replace("n: 14", "n: 21")
    path = tmp_path / "rules.yaml"
    path.write_text(head + ended + began + marker + rest, encoding="utf-8")
    law = load_law(path)

    def due(received: str) -> date:
        return compute_deadlines(a_ticket(moment(received)), a_classification("C13"), Facts(), *law)[0].nominal

    assert due("2026-12-31T10:00") == date(2027, 1, 14)
    assert due("2027-01-01T10:00") == date(2027, 1, 22)


def test_an_unknown_buyer_is_read_as_a_consumer_and_says_so_in_both_languages() -> None:
    classification = a_classification("C13", buyer="unknown")
    (polish,) = compute_deadlines(a_ticket(RECEIVED), classification, Facts(), *LAW)
    (english,) = compute_deadlines(a_ticket(RECEIVED), classification, Facts(), *LAW, "en")
    assert (polish.rule, polish.assumed) == (
        "UPK-7A-REPLY",
        "nie wiadomo, kim jest kupujący; liczone jak dla konsumenta",
    )
    assert (english.assumed, english.effect) == (
        "buyer not known; counted as for a consumer",
        "complaint deemed accepted",
    )
    assert (polish.language, english.language) == ("pl", "en")


def test_a_buyer_label_this_stage_does_not_know_is_read_as_unknown() -> None:
    (deadline,) = compute_deadlines(a_ticket(RECEIVED), a_classification("C13", buyer="martian"), Facts(), *LAW)
    assert deadline.rule == "UPK-7A-REPLY"


def test_a_company_named_in_the_order_has_no_consumer_clock() -> None:
    ticket = a_ticket(RECEIVED, order={"buyer_name": "Kos i Syn sp.j.", "buyer_type": "consumer"})
    assert compute_deadlines(ticket, a_classification("C13"), Facts(), *LAW) == ()


def test_a_sole_traders_reply_term_is_shown_as_policy() -> None:
    (deadline,) = compute_deadlines(a_ticket(RECEIVED), a_classification("C13", buyer="sole_trader"), Facts(), *LAW)
    assert (deadline.rule, deadline.origin, deadline.evidence) == ("POL-7A-PNPK", Origin.POLICY, "P")


def test_the_policy_for_sole_traders_can_be_switched_off_in_data(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        SHIPPED.read_text(encoding="utf-8").replace("apply_7a_to_pnpk: true", "apply_7a_to_pnpk: false"),
        encoding="utf-8",
    )
    law = load_law(path)
    assert compute_deadlines(a_ticket(RECEIVED), a_classification("C13", buyer="sole_trader"), Facts(), *law) == ()


def test_a_number_the_law_does_not_name_is_shown_as_the_companys_own() -> None:
    deadlines = compute_deadlines(a_ticket(RECEIVED), a_classification("C01"), Facts(), *LAW)
    fix = next(deadline for deadline in deadlines if deadline.rule == "UPK-43D-FIX")
    assert (fix.origin, fix.evidence) == (Origin.POLICY, "P")
    assert "przepis nie podaje liczby dni" in fix.assumed


def test_a_rule_from_background_knowledge_is_marked_k() -> None:
    (deadline,) = compute_deadlines(a_ticket(RECEIVED), a_classification("C15"), Facts(), *LAW)
    assert (deadline.rule, deadline.origin, deadline.evidence) == ("GDPR-DSR", Origin.STATUTE, "K")


def test_the_shops_own_date_wins_over_the_customers() -> None:
    ticket = a_ticket(RECEIVED, order={"delivered_on": "2026-03-02"})
    report = report_clocks(ticket, a_classification("C01"), some_facts({"delivery_date": date(2026, 2, 1)}), *LAW)
    assert {period.rule: period.started_on for period in report.periods}["UPK-43C-LIAB"] == date(2026, 3, 2)


@pytest.mark.parametrize("value", ["2026-03", "wczoraj", "", "2027-01-01"])
def test_a_date_that_is_unclear_or_in_the_future_starts_nothing_and_is_asked_for(value: str) -> None:
    facts = Facts((Fact("delivery_date", value, value, "m1", 0, 0),))
    report = report_clocks(a_ticket(RECEIVED), a_classification("C01"), facts, *LAW)
    assert report.periods == ()
    assert "UPK-43C-LIAB" in [question.about for question in report.questions]


def test_a_purchase_date_stands_in_for_the_delivery_and_says_so() -> None:
    report = report_clocks(
        a_ticket(RECEIVED), a_classification("C01"), some_facts({"purchase_date": date(2026, 2, 1)}), *LAW
    )
    liability = next(period for period in report.periods if period.rule == "UPK-43C-LIAB")
    assert "liczone od daty zakupu" in liability.assumed
    assert "UPK-43C-LIAB" in [question.about for question in report.questions]


def test_a_complaint_made_earlier_counts_from_then() -> None:
    facts = some_facts({"statement_date": date(2026, 11, 10)})
    (deadline,) = compute_deadlines(a_ticket(RECEIVED), a_classification("C13"), facts, *LAW)
    assert (deadline.started_on, deadline.legal_due) == (date(2026, 11, 10), date(2026, 11, 24))
    assert "sprawdź rejestr" in deadline.assumed


def test_a_message_just_after_midnight_in_warsaw_counts_from_the_new_day() -> None:
    late, early = moment("2026-11-22T23:59"), moment("2026-11-23T00:01")
    due = [compute_deadlines(a_ticket(at), a_classification("C13"), Facts(), *LAW)[0].nominal for at in (late, early)]
    assert due == [date(2026, 12, 6), date(2026, 12, 7)]


@pytest.mark.parametrize("code", [f"C{n:02}" for n in range(1, 19)])
@pytest.mark.parametrize("buyer", ["consumer", "sole_trader", "business", "unknown"])
def test_every_category_has_clocks_or_is_a_matter_without_one(code: str, buyer: str) -> None:
    report = report_clocks(a_ticket(RECEIVED), a_classification(code, buyer=buyer), Facts(), *LAW)
    for deadline in report.deadlines:
        assert deadline.started_on <= deadline.safe_due <= deadline.nominal <= deadline.legal_due
        assert deadline.source
        assert deadline.effect
    assert report.deadlines or buyer == "business"  # C01 C02 C05 C06 C13 C14 C17 of a firm: contract and questions only


@pytest.mark.parametrize("code", ["C01", "C02", "C05", "C06", "C11", "C13", "C14", "C17"])
@pytest.mark.parametrize("buyer", ["consumer", "unknown"])
def test_the_14_days_are_never_missed_for_a_complaint_of_a_consumer(code: str, buyer: str) -> None:
    deadlines = compute_deadlines(a_ticket(RECEIVED), a_classification(code, buyer=buyer), Facts(), *LAW)
    assert date(2026, 12, 4) in [deadline.legal_due for deadline in deadlines if deadline.rule == "UPK-7A-REPLY"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Powiatowy Rzecznik Konsumentów występuje w sprawie konsumentki", "RZECZNIK"),
        ("POWIATOWY RZECZNIK KONSUMENTOW\nznak: 12/2026, prosze o stanowisko", "RZECZNIK"),
        ("dzwonila pani z biura rzecznika konsumentow", "RZECZNIK"),
        ("Office of the consumer ombudsman, please reply", "RZECZNIK"),
        ("pójdę do rzecznika konsumentów i opiszę was wszędzie", "POL-LETTER-DATE"),
        ("zgłoszę to rzecznikowi konsumentów", "POL-LETTER-DATE"),
        ("I will tell the ombudsman", "POL-LETTER-DATE"),
        ("wpłynął nakaz\nzapłaty z e-sądu", "COURT-ORDER"),
    ],
)
def test_a_letter_of_the_ombudsman_is_told_from_a_threat_with_one(text: str, rule: str) -> None:
    deadlines = compute_deadlines(a_ticket(RECEIVED, text), a_classification("C14"), Facts(), *LAW)
    letters = {"RZECZNIK", "POL-LETTER-DATE", "COURT-ORDER"}
    assert [deadline.rule for deadline in deadlines if deadline.rule in letters] == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "W załączniku nakaz zapłaty VI Nc-e 118/26 doręczony 20 listopada 2026",
        "Dnia 20.11.2026 doręczono nam nakaz zapłaty",
        "A payment order was served on 20 November 2026",
    ],
)
def test_the_term_of_a_payment_order_runs_from_its_service(text: str) -> None:
    ticket = a_ticket(datetime(2026, 11, 24, 9, tzinfo=WARSAW), text)
    facts = extract(ticket, today=date(2026, 11, 24))
    deadlines = compute_deadlines(ticket, a_classification("C14"), facts, *LAW)
    # two weeks from 20 November, the day itself not counted (KC art. 111 par. 2): Friday, 4 December 2026
    assert [one.legal_due for one in deadlines if one.rule == "COURT-ORDER"] == [date(2026, 12, 4)]


@pytest.mark.parametrize(
    "text", ["Reklamowałam pralkę 2 listopada, cisza", "Dnia 2.11.2026 reklamowałem u was czajnik"]
)
def test_a_complaint_told_of_by_the_verb_started_its_clock_then(text: str) -> None:
    ticket = a_ticket(datetime(2026, 11, 24, 9, tzinfo=WARSAW), text)
    facts = extract(ticket, today=date(2026, 11, 24))
    replies = [d for d in compute_deadlines(ticket, a_classification("C01"), facts, *LAW) if d.rule == "UPK-7A-REPLY"]
    assert [reply.legal_due for reply in replies] == [date(2026, 11, 16)]  # a Monday, 14 days after 2 November


@pytest.mark.parametrize("text", ["Dostałem maila z danymi innego klienta", "You sent me another customer's address"])
def test_data_of_another_customer_are_a_breach(text: str) -> None:
    deadlines = compute_deadlines(a_ticket(RECEIVED, text), a_classification("C15"), Facts(), *LAW)
    assert "GDPR-BREACH" in [deadline.rule for deadline in deadlines]


def test_an_unknown_category_starts_nothing() -> None:
    assert compute_deadlines(a_ticket(RECEIVED), a_classification("X99"), Facts(), *LAW) == ()


def test_a_clock_table_that_does_not_fit_the_rules_is_refused_with_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "clocks.yaml"
    text = SHIPPED.with_name("clocks.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("- rule: KC-580-FULFIL", "- rule: KC-580-FULFILL"),
        ("events: [line_down]", "events: [line_off]"),
        ("from: [cost_date]}", "from: [price_date]}"),
        ("  ticket_received: {", "  ticket_recieved: {"),
        ("'wyciek", "'(wyciek"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        ClockTable.load(LAW.rules, path)
    faults = "\n".join(error.value.faults)
    for expected in (
        "KC-580-FULFILL",
        "'line_off', which is not known",
        "cannot start from 'price_date'",
        "'ticket_received' of the rule table is missing",
        "'data_breach' holds a cue that is no regular expression",
    ):
        assert expected in faults


@pytest.mark.parametrize("code", ["C03", "C07", "C09", "C10", "C18"])
def test_a_message_that_says_it_is_a_complaint_has_its_14_days_in_any_category(code: str) -> None:
    ticket = a_ticket(RECEIVED, "Reklamacja: pralka była już raz naprawiana i dalej cieknie.")
    due = {one.rule: one.legal_due for one in compute_deadlines(ticket, a_classification(code), Facts(), *LAW)}
    assert due["UPK-7A-REPLY"] == date(2026, 12, 4)
    asked = a_ticket(RECEIVED, "Ile kosztuje wymiana pompy?")
    assert "UPK-7A-REPLY" not in {one.rule for one in compute_deadlines(asked, a_classification(code), Facts(), *LAW)}


@pytest.mark.parametrize(
    ("text", "order", "runs"),
    [
        ("Zwracam żelazko kupione w Państwa sklepie stacjonarnym.", {}, False),
        ("Zwracam żelazko kupione przez internet.", {}, True),
        ("Kupione online, odebrane; w sklepie stacjonarnym nie było.", {}, True),
        ("Zamówione online, kupione w sklepie stacjonarnym?", {}, True),
        ("Zwracam żelazko.", {}, True),
        ("Zwracam żelazko kupione w Państwa sklepie stacjonarnym.", {"sale": "distance"}, True),
    ],
)
def test_a_withdrawal_from_a_purchase_in_a_shop_starts_no_statutory_refund(
    text: str, order: dict[str, str], runs: bool
) -> None:
    report = report_clocks(a_ticket(RECEIVED, text, order), a_classification("C04"), Facts(), *LAW)
    assert ("UPK-32-REFUND" in {one.rule for one in report.deadlines}) is runs
