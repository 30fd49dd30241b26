"""A history that grows gives the summary it would from scratch; a model's lines are believed only if supported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.hashing_encoder import HashingEncoder
from triage.domain.classification import Classification
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.summary import Summary, SummaryLine, SummarySection
from triage.domain.ticket import Author, Channel
from triage.stages.extract import extract
from triage.stages.summarise import History, summarise

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
FOUND = Classification("C01", "label", 0.9, "pl", remedies=("NAPRAWA",))
SAID = (
    "Ekspres BrewOne K400 nie mieli kawy, kod E05. Proszę o naprawę.",
    "Kurier odbierze ekspres do piątku.",
    "Nadal nikt nie przyjechał. Kiedy odbierzecie ekspres?",
    "Dzień dobry, prosimy o zdjęcie tabliczki.",
    "Wysyłam zdjęcie, numer seryjny BO4-2210-00417.",
    "Wysłaliśmy ekspres 9.11.2026, dziękujemy za cierpliwość.",
    "ok", "", "Żądam zwrotu 1249 zł!", "Potwierdzenie automatyczne. Nie odpowiadaj.",
)  # fmt: skip
turns = st.lists(
    st.tuples(st.sampled_from(SAID), st.sampled_from(list(Author)), st.integers(0, 3)), min_size=1, max_size=30
)


def ticket(said: Sequence[tuple[str, Author, int]]) -> RedactedTicket:
    at, messages = START, []
    for number, (text, author, days) in enumerate(said):
        at += timedelta(days=days, minutes=1)
        messages.append(RedactedMessage(f"m{number}", author, at, RedactedText(text)))
    return RedactedTicket("T", RedactedText(""), tuple(messages), START, Channel.EMAIL, len(messages))


def summary_of(written: RedactedTicket, **options: object) -> Summary:
    facts = extract(written, today=date(2026, 11, 22))
    return summarise(written, FOUND, facts, (), HashingEncoder(), **options)  # type: ignore[arg-type]


@given(said=turns, steps=st.lists(st.integers(1, 30), max_size=4))
@settings(max_examples=150)
def test_a_summary_updated_message_by_message_is_the_one_made_from_scratch(
    said: list[tuple[str, Author, int]], steps: list[int]
) -> None:
    history = History()
    for step in sorted({min(step, len(said)) for step in [*steps, len(said)]}):
        growing = ticket(said[:step])
        history = history.updated(growing)
        assert summary_of(growing, history=history) == summary_of(growing)


def test_what_was_read_is_not_read_again() -> None:
    before = History.of(ticket([(SAID[0], Author.CUSTOMER, 0), (SAID[1], Author.AGENT, 1)]))
    after = before.updated(
        ticket([(SAID[0], Author.CUSTOMER, 0), (SAID[1], Author.AGENT, 1), (SAID[2], Author.CUSTOMER, 1)])
    )
    assert [one is other for one, other in zip(before.messages, after.messages, strict=False)] == [True, True]
    assert len(after.messages) == 3


def test_a_message_that_reads_differently_now_is_read_again() -> None:
    """A later message may reveal a name, which then is hidden in the earlier ones too."""
    before = ticket([("Proszę o kontakt z Nowak.", Author.CUSTOMER, 0)])
    masked = replace(
        before, messages=(replace(before.messages[0], body=RedactedText("Proszę o kontakt z ⟦PERSON_1·ab⟧.")),)
    )
    assert "Nowak" not in str(History.of(before).updated(masked))


@dataclass
class Scripted:
    lines: tuple[SummaryLine, ...]
    name: str = "scripted"

    def write(self, ticket: RedactedTicket, language: str) -> tuple[SummaryLine, ...]:
        return self.lines


def line(text: str, *ids: str, section: SummarySection = SummarySection.TIMELINE) -> SummaryLine:
    return SummaryLine(section, text, ids)


TOLD = ticket([(SAID[0], Author.CUSTOMER, 0), (SAID[1], Author.AGENT, 1), (SAID[2], Author.CUSTOMER, 5)])


def test_supported_lines_of_a_writer_tell_the_history_and_the_writer_is_named() -> None:
    good = line("Klient prosi o naprawę ekspresu BrewOne K400, kod E05.", "m0")
    made = summary_of(TOLD, writer=Scripted((good,)))
    assert made.of(SummarySection.TIMELINE) == (good,)
    assert made.of(SummarySection.INTENT)  # what the customer wants stays in the customer's words
    assert (made.dropped, made.summariser) == (0, "scripted")


@pytest.mark.parametrize(
    "invented",
    [
        line("Klient prosi o zwrot 500 zł.", "m0"),  # a number nobody named
        line("Klient zgłasza wyciek wody i hałas wirowania.", "m0"),  # words nobody used
        line("Ekspres BrewOne K400 mieli kawę bez kodu E07.", "m0"),  # another code
        line("Klient prosi o naprawę ekspresu, kod E05.", "m1"),  # another message than the one that says so
        line("Klient prosi o naprawę ekspresu, kod E05.", "m9"),  # a message that does not exist
        line("Klient prosi o naprawę ekspresu, kod E05."),  # no message
        line("Kurier nie odbierze ekspresu do piątku.", "m1"),  # denies what the message affirms
        line("naprawa " * 200, "m0"),  # endless
        line("", "m0"),
        line("Klient prosi o naprawę ekspresu BrewOne K400.", "m0", section=SummarySection.DEADLINES),
    ],
)
def test_a_line_without_support_is_dropped_and_counted_and_the_messages_speak(invented: SummaryLine) -> None:
    made = summary_of(TOLD, writer=Scripted((invented,)))
    plain = summary_of(TOLD)
    assert made.lines == plain.lines
    assert (made.dropped, made.summariser) == (1, "extractive")
