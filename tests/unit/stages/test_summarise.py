"""Summarise: every line rests on messages, nothing is invented, long histories stay short."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from tests.fakes.hashing_encoder import HashingEncoder
from triage.domain.classification import Classification, Fact, Facts
from triage.domain.deadline import Deadline, Origin
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.summary import Summary, SummarySection
from triage.domain.ticket import Author, Channel
from triage.stages.extract import extract
from triage.stages.summarise import summarise

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
AUTHORS = {"c": Author.CUSTOMER, "a": Author.AGENT, "s": Author.SYSTEM}
PROSE = (SummarySection.INTENT, SummarySection.TIMELINE, SummarySection.COMMITMENTS, SummarySection.OPEN_QUESTIONS)


def ticket(*turns: tuple[str, str], step: timedelta = timedelta(minutes=1)) -> RedactedTicket:
    messages = tuple(
        RedactedMessage(f"m{n}", AUTHORS[author], START + n * step, RedactedText(text))
        for n, (author, text) in enumerate(turns)
    )
    return RedactedTicket("T", RedactedText(""), messages, START, Channel.EMAIL, len(messages))


def summary_of(written: RedactedTicket, language: str = "pl", **about: object) -> Summary:
    classification = Classification("C01", "label", 0.9, language, **about)  # type: ignore[arg-type]
    return summarise(written, classification, extract(written, today=date(2026, 11, 22)), (), None)


def texts(summary: Summary, section: SummarySection) -> list[str]:
    return [line.text for line in summary.of(section)]


def supported(written: RedactedTicket, summary: Summary) -> bool:
    """Whether the sentence of every prose line stands word for word in a message the line names."""
    bodies = {message.id: message.body for message in written.messages}
    return all(
        any(re.sub(r" \([^()]+\)$", "", line.text.partition(": ")[2]) in bodies[id] for id in line.message_ids)
        for line in summary.lines
        if line.section in PROSE
    )


SHORT = ticket(
    ("c", "Dzień dobry, ekspres BrewOne K400 nie mieli kawy i pokazuje E05. Pozdrawiam"),
    ("a", "Dzień dobry! Proszę wyjąć ziarna i odkurzyć młynek wąską końcówką."),
    ("c", "Dziękuję, spróbuję."),
)
PROMISED = ticket(
    ("c", "Rower VoltRide C5 nie wspomaga, na wyświetlaczu M12. Proszę o odbiór i naprawę."),
    ("a", "Kurier odbierze rower 6.11. Przepraszamy za kłopot."),
    ("c", "Kuriera nadal nie ma, nikt nie przyjechał. Kiedy odbierzecie rower?"),
    step=timedelta(days=3),
)


def test_a_short_exchange_tells_what_is_wanted_and_what_was_answered() -> None:
    summary = summary_of(SHORT)
    assert texts(summary, SummarySection.INTENT) == [
        "Klient zgłasza: ekspres BrewOne K400 nie mieli kawy i pokazuje E05."
    ]
    assert texts(summary, SummarySection.TIMELINE) == [
        "Konsultant odpowiada: Proszę wyjąć ziarna i odkurzyć młynek wąską końcówką."
    ]
    assert supported(SHORT, summary)


def test_every_line_names_messages_of_the_history() -> None:
    summary = summary_of(PROMISED, remedies=("NAPRAWA",), tone="negative")
    known = {message.id for message in PROMISED.messages}
    assert all(line.message_ids and known.issuperset(line.message_ids) for line in summary.lines)
    assert supported(PROMISED, summary)
    order = [list(SummarySection).index(line.section) for line in summary.lines]
    assert order == sorted(order)


def test_a_promise_the_customer_still_waits_for_was_not_kept() -> None:
    line = summary_of(PROMISED).of(SummarySection.COMMITMENTS)[0]
    assert "Kurier odbierze rower 6.11." in line.text
    assert line.text.endswith("(nie dotrzymano)")
    assert line.message_ids == ("m1", "m2")


def test_a_promise_that_was_carried_out_was_kept() -> None:
    written = ticket(
        ("c", "Proszę o etykietę zwrotną do zamówienia 53318."),
        ("a", "Etykietę prześlemy do 6.11."),
        ("a", "Etykietę wysłano, jest w załączniku."),
        step=timedelta(days=2),
    )
    assert summary_of(written).of(SummarySection.COMMITMENTS)[0].text.endswith("(dotrzymano)")


def test_an_open_promise_stays_open() -> None:
    written = ticket(("c", "Proszę o naprawę ekspresu."), ("a", "Odpowiemy do 20.11."), step=timedelta(days=3))
    assert summary_of(written).of(SummarySection.COMMITMENTS)[0].text.endswith("(otwarte)")


def test_a_question_without_an_answer_is_open() -> None:
    assert texts(summary_of(PROMISED), SummarySection.OPEN_QUESTIONS) == [
        "Klient czeka na odpowiedź: Kiedy odbierzecie rower?"
    ]
    answered = ticket(("c", "Kiedy odbierzecie rower?"), ("a", "Kurier przyjedzie w piątek."))
    assert texts(summary_of(answered), SummarySection.OPEN_QUESTIONS) == []


def test_demands_facts_deadlines_and_tone_rest_on_the_messages_that_say_so() -> None:
    written = ticket(("c", "Dzień dobry"), ("c", "Żądam wymiany, zamówienie 45871, kod E05."))
    facts = Facts((Fact("order_no", "45871", "45871", "m1", 0, 5), Fact("error_code", "E05", "E05", "m1", 6, 9)))
    due = date(2026, 11, 16)
    clock = Deadline("UPK-7A-REPLY", START.date(), due, due, due, "UPK", "x", Origin.STATUTE)
    summary = summarise(
        written, Classification("C01", "x", 0.9, "pl", remedies=("WYMIANA",), tone="negative"), facts, (clock,), None
    )
    assert [(line.text, line.message_ids) for line in summary.lines[1:]] == [
        ("Żądania: wymiana", ("m1",)),
        ("Fakty: 45871, E05", ("m1",)),
        ("Termin UPK-7A-REPLY: 16.11.2026", ("m0", "m1")),
        ("Ton: negatywny", ("m1",)),
    ]


def test_a_fact_of_an_unknown_message_is_no_line() -> None:
    summary = summarise(
        SHORT, Classification("C01", "x", 0.9, "pl"), Facts((Fact("serial", "W7-1", "W7-1", "gone", 0, 4),)), (), None
    )
    assert texts(summary, SummarySection.FACTS) == []


def test_two_hundred_messages_stay_within_the_budget() -> None:
    turns = [
        ("c" if n % 2 == 0 else "a", f"Wiadomość {n}: pralka nadal nie wiruje, prosimy o numer {n} i opis objawów.")
        for n in range(200)
    ]
    written = ticket(*turns, step=timedelta(hours=5))
    for encoder in (None, HashingEncoder()):
        summary = summarise(written, Classification("C01", "x", 0.9, "pl"), Facts(), (), encoder)
        assert len(summary.of(SummarySection.TIMELINE)) <= 10
        assert len(summary.text.split()) <= 350
        assert supported(written, summary)


def test_the_newest_messages_of_a_long_history_are_told() -> None:
    turns = [
        ("c" if n % 2 == 0 else "a", f"Zdarzenie{n} opisane{n} tutaj{n} bardzo{n} dokładnie{n}.") for n in range(40)
    ]
    summary = summary_of(ticket(*turns, step=timedelta(days=1)))
    told = {id for line in summary.of(SummarySection.TIMELINE) for id in line.message_ids}
    assert {"m38", "m39"} <= told


def test_automatic_replies_tell_nothing() -> None:
    written = ticket(
        ("c", "Ekspres nie działa od wczoraj."), ("s", "Otrzymaliśmy wiadomość, prosimy na nią nie odpowiadać.")
    )
    assert "prosimy na nią nie odpowiadać" not in summary_of(written).text


def test_an_english_ticket_is_summarised_in_english() -> None:
    written = ticket(
        ("c", "Hello, when will my router be repaired?"), ("a", "We are waiting for a spare part from the supplier.")
    )
    assert summary_of(written, "en").text.splitlines()[:2] == [
        "Customer is asking: when will my router be repaired?",
        "Agent says: We are waiting for a spare part from the supplier.",
    ]


def test_the_summary_of_the_same_history_is_the_same() -> None:
    assert summary_of(PROMISED) == summary_of(PROMISED)


def test_an_empty_history_gives_an_empty_summary() -> None:
    assert summary_of(ticket()) == Summary()
    assert summary_of(ticket(("c", "   "))).lines == ()


def test_an_auto_reply_from_the_customers_address_is_not_part_of_the_history() -> None:
    absent = ("Autoodpowiedź: jestem poza biurem do 25.11.", "Out of office until 25 November. Please call Monday.")
    for words in absent:
        written = ticket(("c", "To skandal, ekspres nie grzeje! Żądam wymiany."), ("a", "Sprawdzamy."), ("c", words))
        summary = summary_of(written, tone="negative")
        assert not any(words[:13] in line.text for line in summary.lines)
        assert [line.message_ids for line in summary.of(SummarySection.TONE)] == [("m0",)]
