"""Urgency: the sum is explained, safety forces P1, tone alone moves nobody past a deadline."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from triage.adapters.company import load_company
from triage.domain.classification import Classification, Fact, Facts, Flag
from triage.domain.deadline import Deadline, Origin
from triage.domain.priority import Urgency, UrgencyLevel
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author, Channel
from triage.stages.urgency import reweigh, weigh

POLICY = load_company().urgency
TODAY = date(2026, 11, 20)


def ticket(*texts: str, authors: str = "") -> RedactedTicket:
    names = {"c": Author.CUSTOMER, "a": Author.AGENT}
    messages = tuple(
        RedactedMessage(f"m{n}", names[author], datetime(2026, 11, n + 1, tzinfo=UTC), RedactedText(text))
        for n, (text, author) in enumerate(zip(texts, authors or "c" * len(texts), strict=True))
    )
    return RedactedTicket("T", RedactedText(""), messages, datetime(2026, 11, 1, tzinfo=UTC), Channel.EMAIL, 1)


def found(code: str = "C01", *flags: str, tone: str = "neutral") -> Classification:
    raised = tuple(Flag(flag, f"words of {flag}") for flag in flags)
    return Classification(code, "label", 0.9, "pl", flags=raised, tone=tone)


def due(day: date, origin: Origin = Origin.STATUTE) -> Deadline:
    return Deadline("UPK-7A-REPLY", TODAY, day, day, day, "UPK art. 7a", "accepted", origin)


def score(
    classification: Classification, *deadlines: Deadline, text: str = "nie grzeje", facts: Facts | None = None
) -> Urgency:
    return weigh(ticket(text), classification, facts or Facts(), deadlines, POLICY, TODAY)


def test_the_score_is_the_sum_of_the_factors_shown() -> None:
    urgency = score(found("C01", "LEGAL_THREAT", "REPEAT", tone="negative"), due(date(2026, 11, 22)))
    assert urgency.score == sum(factor.points for factor in urgency.factors)
    assert {factor.name for factor in urgency.factors} == {
        "category",
        "flag:LEGAL_THREAT",
        "flag:REPEAT",
        "deadline",
        "tone",
    }


def test_safety_forces_p1_whatever_else_is_said() -> None:
    urgency = score(found("C18", "SAFETY", tone="very_positive"))
    assert urgency.level is UrgencyLevel.P1
    assert urgency.forced_by == "SAFETY"


def test_safety_forces_p1_even_where_it_is_given_no_points() -> None:
    urgency = weigh(ticket("dymi"), found("C18", "SAFETY"), Facts(), (), replace(POLICY, flags={}), TODAY)
    assert (urgency.level, urgency.forced_by) == (UrgencyLevel.P1, "SAFETY")
    assert urgency.score < dict(POLICY.thresholds)["P2"]


@pytest.mark.parametrize(("authors", "points"), [("c", 0), ("cc", 5), ("ccc", 10), ("c" * 9, 12), ("cccac", 0)])
def test_each_message_without_an_answer_counts_up_to_a_bound(authors: str, points: int) -> None:
    policy = replace(POLICY, repeat_points=5, repeat_cap=12)
    urgency = weigh(ticket(*["Co z tym?"] * len(authors), authors=authors), found(), Facts(), (), policy, TODAY)
    assert {one.name: one.points for one in urgency.factors}.get("unanswered_messages", 0) == points


@pytest.mark.parametrize(
    ("day", "points"),
    [
        (date(2026, 11, 19), 60), (date(2026, 11, 20), 60), (date(2026, 11, 21), 50), (date(2026, 11, 23), 35),
        (date(2026, 11, 27), 15), (date(2026, 11, 28), 0),
    ],
)  # fmt: skip
def test_points_grow_as_the_statutory_day_comes_near(day: date, points: int) -> None:
    factors = {factor.name: factor.points for factor in score(found(), due(day)).factors}
    assert factors.get("deadline", 0) == points


def test_a_policy_date_earns_no_deadline_points() -> None:
    factors = score(found(), due(TODAY, Origin.POLICY)).factors
    assert "deadline" not in {factor.name for factor in factors}


@pytest.mark.parametrize(("nearer", "further"), [(0, 1), (1, 2), (3, 4), (7, 8), (0, 30)])
@pytest.mark.parametrize("others", [(), ("LEGAL_THREAT",), ("VULNERABLE", "REPEAT")])
def test_an_angry_ticket_never_passes_one_whose_day_is_a_step_nearer(
    nearer: int, further: int, others: tuple[str, ...]
) -> None:
    angry = score(found("C01", *others, tone="very_negative"), due(TODAY + timedelta(days=further)))
    calm = score(found("C01", *others, tone="very_positive"), due(TODAY + timedelta(days=nearer)))
    assert calm.score > angry.score
    assert calm.level <= angry.level  # P1 sorts before P2


def test_messages_without_an_answer_count_and_an_answer_resets_them() -> None:
    waiting = weigh(ticket("a", "b", "c"), found(), Facts(), (), POLICY, TODAY)
    answered = weigh(ticket("a", "b", "c", authors="cca"), found(), Facts(), (), POLICY, TODAY)
    assert {f.name: f.points for f in waiting.factors}["unanswered_messages"] == 14
    assert "unanswered_messages" not in {f.name for f in answered.factors}


@pytest.mark.parametrize(
    ("amount", "points"), [("1999.99 PLN", 0), ("2000.00 PLN", 10), ("5000.00 PLN", 20), ("9000.00 EUR", 0)]
)
def test_value_counts_in_zloty(amount: str, points: int) -> None:
    facts = Facts((Fact("amount", amount, amount, "m0", 0, 5),))
    assert {f.name: f.points for f in score(found(), facts=facts).factors}.get("value", 0) == points


def test_a_fridge_is_essential_and_saying_urgent_hardly_counts() -> None:
    factors = {f.name: f for f in score(found(), text="PILNE! lodówka nie chłodzi").factors}
    assert factors["essential_appliance"].evidence.lower().startswith("lodówk")
    assert factors["says_urgent"].points == 3


def test_a_promise_held_as_good_as_law_counts_and_other_policy_does_not() -> None:
    soon = date(2026, 11, 21)
    promise = Deadline("POL-7A-PNPK", TODAY, soon, soon, soon, "policy", "promise broken", Origin.POLICY, "P")
    target = Deadline("POL-43D-TARGET", TODAY, soon, soon, soon, "policy", "promise broken", Origin.POLICY, "P")
    assert (
        score(found(), promise).score - score(found()).score == score(found(), due(soon)).score - score(found()).score
    )
    assert score(found(), target).score == score(found()).score


@pytest.mark.parametrize(
    ("origin", "evidence", "in_polish", "in_english"),
    [
        (Origin.STATUTE, "S", "", ""),
        (Origin.STATUTE, "K", "aktu nie widziano", "act was not seen"),
        (Origin.STATUTE, "W", "słabego źródła", "weak source"),
        (Origin.POLICY, "P", "zasada firmy, nie prawo", "policy, not law"),
        (Origin.POLICY, "S", "zasada firmy, nie prawo", "policy, not law"),
        (Origin.CONTRACT, "P", "umowa, nie prawo", "contract, not law"),
    ],
)
def test_a_date_says_what_it_does_not_rest_on(origin: Origin, evidence: str, in_polish: str, in_english: str) -> None:
    for language, words in (("pl", in_polish), ("en", in_english)):
        deadline = Deadline("R", TODAY, TODAY, TODAY, TODAY, "", "", origin, evidence, language=language)
        assert words in deadline.caveat
        assert bool(words) == bool(deadline.caveat)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("C14", "W załączniku nakaz zapłaty VI Nc-e 118/26"),
        ("C14", "A default judgment has been entered"),
        ("C15", "Dostałem dane innego klienta, nazwisko i adres"),
        ("C15", "Your mail shows another customer's address"),
    ],
)
def test_a_court_order_and_a_breach_of_personal_data_are_critical(code: str, text: str) -> None:
    flags = ("LEGAL_THREAT",) if code == "C14" else ()
    assert score(found(code, *flags), text=text).level is UrgencyLevel.P1


@pytest.mark.parametrize(
    "text",
    ["do dziś nie ma odpowiedzi", "still no refund of 129 PLN", "pieniędzy dalej nie ma", "zwrotu jeszcze nie ma"],
)
def test_what_should_have_come_by_now_is_overdue(text: str) -> None:
    assert "overdue" in {factor.name for factor in score(found("C07"), text=text).factors}


def test_asking_for_the_fourth_time_where_it_is_is_no_low_urgency() -> None:
    assert score(found("C08", "REPEAT")).level is UrgencyLevel.P3


def frist(rule: str, day: date) -> Deadline:
    return Deadline(rule, TODAY, day, day, day, "contract", "breach", Origin.CONTRACT)


def test_a_term_of_hours_does_not_make_a_ticket_urgent_by_being_short() -> None:
    claim = score(found("C12"), frist("SLA-FRT-P2", TODAY + timedelta(days=1)))
    assert (claim.level, claim.score) == (UrgencyLevel.P2, POLICY.categories["C12"] + 25)


def test_a_term_of_hours_that_has_passed_counts_like_any_other() -> None:
    claim = score(found("C12"), frist("SLA-FRT-P2", TODAY - timedelta(days=1)))
    assert claim.level is UrgencyLevel.P1


def test_the_most_pressing_of_two_dates_counts_not_the_first_one() -> None:
    claim = score(found("C12"), frist("SLA-FRT-P2", TODAY), due(TODAY + timedelta(days=1)))
    assert [one.evidence.split(":")[0] for one in claim.factors if one.name == "deadline"] == ["UPK-7A-REPLY"]


@pytest.mark.parametrize(
    "text",
    [
        "Doręczył Państwu nakaz komornik",
        "Please find attached the court summons, hearing on 9 December",
        "Dostałem listę reklamacji 30 innych osób w załączniku",
        "Serwisant przeglądał mi telefon",
    ],
)
def test_court_papers_and_strangers_data_are_urgent_however_they_are_put(text: str) -> None:
    names = {factor.name for factor in score(found("C15"), text=text).factors}
    assert names & {"payment_order", "data_breach"}


@pytest.mark.parametrize("code", ["C01", "C03", "C08", "C09", "C18"])
@pytest.mark.parametrize(
    "text",
    [
        "Mam 84 lata i od wtorku nie mam ogrzewania",
        "Mama ma 84 lata, kaloryfer od was nie grzeje",
        "Koncentrator tlenu taty nie daje przepływu",
        "We have a newborn and no hot water",
    ],
)
def test_a_vulnerable_person_without_what_keeps_them_is_p2_in_every_category(code: str, text: str) -> None:
    urgency = score(found(code, "VULNERABLE", tone="very_positive"), text=text)
    assert urgency.level is UrgencyLevel.P2
    assert urgency.score == sum(factor.points for factor in urgency.factors)


def test_what_lifts_a_sum_is_shown_with_its_words_and_lifts_no_further() -> None:
    lifted = score(found("C08", "VULNERABLE"), text="Ogrzewanie stoi, mama ma 84 lata")
    [lift] = [factor for factor in lifted.factors if factor.name == "vulnerable_without"]
    assert (lift.points, lift.evidence) == (10, "words of VULNERABLE, Ogrzewani")
    high = score(found("C01", "VULNERABLE", "REPEAT"), text="Ogrzewanie znowu stoi")
    assert "vulnerable_without" not in {factor.name for factor in high.factors}


@pytest.mark.parametrize(("flags", "text"), [((), "ogrzewanie stoi"), (("VULNERABLE",), "radio nie gra")])
def test_one_of_the_two_alone_is_an_ordinary_ticket(flags: tuple[str, ...], text: str) -> None:
    assert score(found("C01", *flags), text=text).level is UrgencyLevel.P3


def test_what_lifts_a_sum_is_reckoned_anew_on_another_day() -> None:
    deadline = due(TODAY)
    late = score(found("C08", "VULNERABLE"), deadline, text="Ogrzewanie stoi, mama ma 84 lata")
    assert "vulnerable_without" not in {factor.name for factor in late.factors}
    early = reweigh(late, (due(date(2027, 2, 1)),), POLICY, TODAY)
    assert {factor.name: factor.points for factor in early.factors}["vulnerable_without"] == 10
    assert early.level is UrgencyLevel.P2
    assert reweigh(early, (deadline,), POLICY, TODAY) == late
