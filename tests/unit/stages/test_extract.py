from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from triage.domain.classification import Facts
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author, Channel
from triage.stages.extract import extract, missing_evidence

TODAY = date(2026, 11, 20)


def ticket(*bodies: str, subject: str = "", authors: str = "", at: datetime | None = None) -> RedactedTicket:
    at = at or datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    kinds = {"c": Author.CUSTOMER, "a": Author.AGENT}
    messages = tuple(
        RedactedMessage(f"m{number}", kinds[(authors or "c" * len(bodies))[number]], at, RedactedText(body))
        for number, body in enumerate(bodies)
    )
    return RedactedTicket("T-1", RedactedText(subject), messages, at, Channel.EMAIL, 1)


def values(text: str, kind: str, at: datetime | None = None) -> list[str]:
    return [fact.value for fact in extract(ticket(text, at=at), today=TODAY).of(kind)]


def test_every_fact_points_at_its_words() -> None:
    subject, body = (
        "Reklamacja, zam. 40318",
        "BrewOne K400 z 3.06.2026, kod E 08, 1 249 zł, foto w załączniku, RMA 90417",
    )
    facts = extract(ticket(body, subject=subject), today=TODAY)
    texts = {"subject": subject, "m0": body}
    assert {fact.kind for fact in facts.items} >= {
        "order_no",
        "product",
        "model",
        "error_code",
        "amount",
        "photo",
        "rma_no",
    }
    assert all(texts[fact.message_id][fact.start : fact.end] == fact.text for fact in facts.items)
    assert all(0 < fact.confidence <= 1 for fact in facts.items)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("kupilem u panstwa ekspres 12.08 (zam. 45871)", "purchase_date", "2026-08-12"),
        ("router bought from you on 20 September", "purchase_date", "2026-09-20"),
        ("zakup 11.2025", "purchase_date", "2025-11"),
        ("Odstępuję od umowy z dnia 27.10.2026", "purchase_date", "2026-10-27"),
        ("rower odebrany 22.07", "delivery_date", "2026-07-22"),
        ("zamówienie 51207, dostarczona 2 września", "delivery_date", "2026-09-02"),
        ("arrived on Friday with a dent", "delivery_date", "2026-11-13"),
        ("dzis 9 dzien od odbioru", "delivery_date", "2026-11-11"),
        ("od wczoraj nie mieli kawy", "defect_date", "2026-11-19"),
        ("od soboty nie chłodzi", "defect_date", "2026-11-14"),
        ("It stopped working two weeks ago", "defect_date", "2026-11-06"),
        ("Od świąt nie działa pompa", "defect_date", "2026-04-05"),
        ("Od mojej reklamacji z 2 listopada cisza", "statement_date", "2026-11-02"),
        ("zgłosiłam to w zeszły wtorek", "statement_date", "2026-11-17"),
        ("3 miesiące temu kupiłem pralkę", "purchase_date", "2026-08-20"),
        ("wezwanie z dnia 5.11.2026 w załączeniu", "letter_date", "2026-11-05"),
        ("paczkę odesłałam 2.11", "dispatch_date", "2026-11-02"),
        ("paczka u was jest od 4.11", "goods_back_date", "2026-11-04"),
        ("Reklamację odrzuciliście 3.11.2026", "reply_date", "2026-11-03"),
        ("Producent odmówił gwarancji 3.11.2026", "date", "2026-11-03"),
        ("The manufacturer rejected it on 3 November 2026", "date", "2026-11-03"),
    ],
)
def test_a_day_gets_its_role_from_the_words_beside_it(text: str, kind: str, value: str) -> None:
    assert values(text, kind) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "firmware 2.3.14 i router",
        "ust. 43d, art. 7a",
        "12 V/1,5 A",
        "opony 205/55 R16",
        "10.5 cm",
        "4.0 Ah pack",
        "zł 12.50",
    ],
)
def test_numbers_that_are_no_days_give_no_dates(text: str) -> None:
    facts = extract(ticket(text), today=TODAY)
    assert [fact for fact in facts.items if fact.kind.endswith("date")] == []


def test_a_day_ahead_is_read_ahead_and_is_no_event() -> None:
    assert values("Proszę o odpowiedź do piątku", "date") == ["2026-11-27"]
    assert values("Unless I have it by 27 November I will sue", "date") == ["2026-11-27"]


def test_relative_words_count_from_the_warsaw_day_of_their_own_message() -> None:
    late_evening_utc = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)  # 00:30 on 11 November in Warsaw
    assert values("kupiony wczoraj", "purchase_date", at=late_evening_utc) == ["2026-11-10"]


def test_promises_of_the_desk_carry_their_day_and_its_days_are_no_events_of_the_customers_story() -> None:
    facts = extract(ticket("Oddzwonimy do piątku, kurier odbierze rower 24.11.", authors="a"), today=TODAY)
    assert [fact.value for fact in facts.of("promise")] == ["2026-11-27"]
    assert {fact.kind for fact in facts.items if fact.kind.endswith("_date")} == set()


def test_a_photo_the_desk_asks_for_is_not_there_yet() -> None:
    facts = extract(ticket("Prosimy o zdjęcie tabliczki", authors="a"), today=TODAY)
    assert facts.of("photo") == ()


@pytest.mark.parametrize("text", ["błąd E 18", "bład e18", "wyskakuje E-18", "error code E 18", "E18!!!"])
def test_an_error_code_has_one_spelling(text: str) -> None:
    assert values(text, "error_code") == ["E18"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 249 zł", "1249.00 PLN"),
        ("2,349 PLN", "2349.00 PLN"),
        ("5 480,00 zł", "5480.00 PLN"),
        ("EUR 312.70", "312.70 EUR"),
    ],
)
def test_amounts_are_numbers_with_a_currency(text: str, value: str) -> None:
    assert values(f"zwrot {text} proszę", "amount") == [value]


def test_nobody_hurt_is_no_injury() -> None:
    assert values("iskrzyło, ale nikt nie został ranny", "injury") == []
    assert values("poparzyłem rękę", "injury") == ["poparzylem"]


def test_placeholders_are_no_facts_but_tell_an_identity() -> None:
    facts = extract(ticket("Jestem ⟦PERSON_1·e18f⟧, kontakt ⟦PHONE_1·e18f⟧"), today=TODAY)
    assert {fact.kind for fact in facts.items} == {"identity"}


def test_missing_evidence_asks_once_in_order_for_what_nobody_told() -> None:
    facts = extract(ticket("Ekspres BrewOne K400, E08, dostarczony 3.06.2026"), today=TODAY)
    wanted = ("order_no", "product", "delivery_date", "fault", "serial", "photo", "remedy", "order_no")
    assert missing_evidence(facts, wanted, known={"remedy"}) == ("order_no", "serial", "photo")
    assert missing_evidence(Facts(), ("serial",)) == ("serial",)
    assert missing_evidence(Facts(), ()) == ()
