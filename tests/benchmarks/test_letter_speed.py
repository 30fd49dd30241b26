"""A letter, its checks and the summary of a case of twenty messages: below 30 ms at the median, without a model.

CPU time of the thread, so that other work on the machine does not count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from training.draft_cases import DraftCase, company, read_cases
from triage.adapters.models.static_encoder import StaticEncoder
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author
from triage.stages.extract import extract
from triage.stages.summarise import History, summarise

pytestmark = pytest.mark.benchmark
AIM_MS = 30.0
ROUNDS = 60
SAID = {
    Author.CUSTOMER: (
        "Ekspres BrewOne K400 z zamówienia 45871 nadal nie mieli kawy, na wyświetlaczu E05. Proszę o naprawę.",
        "Nikt nie przyjechał. Kiedy odbierzecie ekspres? Czekam już drugi tydzień i żądam wymiany na nowy egzemplarz.",
        "Wysyłam zdjęcie tabliczki, numer seryjny BO4-2210-00417. Dziękuję za szybką odpowiedź.",
    ),
    Author.AGENT: (
        "Dzień dobry, dziękujemy za zgłoszenie. Kurier odbierze ekspres 25.11.2026, prosimy o przygotowanie paczki.",
        "Przepraszamy za opóźnienie. Sprawdzimy to z kurierem i odpowiemy do końca tygodnia.",
        "Czy mogą Państwo przesłać zdjęcie tabliczki znamionowej? Wystarczy odpowiedź na tę wiadomość.",
    ),
}


def history(case: DraftCase, messages: int) -> DraftCase:
    """The case with a history of this length, its last message the customer's."""
    first = case.ticket.messages[0]
    said = tuple(
        RedactedMessage(
            f"m{n}", author, first.at - timedelta(hours=6 * (messages - n)), RedactedText(SAID[author][n % 3])
        )
        for n in range(messages)
        for author in [Author.AGENT if (messages - n) % 2 == 0 else Author.CUSTOMER]
    )
    ticket: RedactedTicket = replace(case.ticket, messages=said, revision=messages)
    return replace(case, ticket=ticket, facts=extract(ticket, today=case.today))


def median_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    work()
    spent = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        spent.append(1000 * (time.thread_time() - started))
    return statistics.median(spent)


@pytest.mark.parametrize("id", ["G01", "G05", "G28"])
def test_letter_checks_and_summary_of_twenty_messages_take_less_than_thirty_ms(id: str) -> None:
    encoder = StaticEncoder.load()
    case = history(next(case for case in read_cases() if case.id == id), 20)

    def work() -> None:
        case.lint(case.compose(company()), company())
        summarise(case.ticket, case.classification, case.facts, case.deadlines, encoder)

    took = median_ms(work)
    assert took < AIM_MS, f"{took:.1f} ms"


def test_two_hundred_messages_are_summarised_in_budget_and_a_new_one_costs_less() -> None:
    encoder = StaticEncoder.load()
    case = history(next(case for case in read_cases() if case.id == "G01"), 200)
    read = History.of(case.ticket)
    about = case.classification, case.facts, case.deadlines, encoder
    whole = median_ms(lambda: summarise(case.ticket, *about), rounds=10)
    grown = median_ms(lambda: summarise(case.ticket, *about, history=read), rounds=10)
    assert whole < 1000, f"{whole:.1f} ms"
    assert grown < whole, f"{grown:.1f} ms updated, {whole:.1f} ms from scratch"
    assert summarise(case.ticket, *about, history=read) == summarise(case.ticket, *about)
