from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.redaction import PersonalSpan
from triage.domain.ticket import Author, Message, Requester, Ticket
from triage.errors import RedactionFailed
from triage.recognisers import Recognisers
from triage.stages.redact import redact, redact_text

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RECOGNISERS = Recognisers()


def ticket(
    *bodies: str, subject: str = "", requester: Requester | None = None, order: dict[str, str] | None = None
) -> Ticket:
    messages = tuple(Message(f"m{number}", Author.CUSTOMER, AT, body, body) for number, body in enumerate(bodies, 1))
    return Ticket("T-1", subject, messages, AT, requester=requester or Requester(), order=order or {})


class EveryCapital:
    """Calls every run of capitals a person, so that random text has many spans."""

    def find(self, text: str) -> tuple[PersonalSpan, ...]:
        return tuple(PersonalSpan(m.start(), m.end(), "person", m.group()) for m in re.finditer(r"[A-Z⟦⟧·_0-9]+", text))


class Broken:
    def find(self, text: str) -> tuple[PersonalSpan, ...]:
        raise ValueError(f"cannot read {text}")


class Lying:
    def __init__(self, *spans: PersonalSpan) -> None:
        self.spans = spans

    def find(self, text: str) -> tuple[PersonalSpan, ...]:
        return self.spans


def test_the_same_value_gets_the_same_placeholder_in_subject_and_every_message() -> None:
    result = redact(
        ticket("tel. 601 234 567, Jan Kowalski", "Jan Kowalski ponownie", subject="Jan Kowalski"),
        RECOGNISERS,
        token="k3f9",
    )
    assert result.ticket.subject == "⟦PERSON_1·k3f9⟧"
    assert result.ticket.messages[0].body == "tel. ⟦PHONE_1·k3f9⟧, ⟦PERSON_1·k3f9⟧"
    assert result.ticket.messages[1].body == "⟦PERSON_1·k3f9⟧ ponownie"
    assert result.map.originals == {"⟦PERSON_1·k3f9⟧": "Jan Kowalski", "⟦PHONE_1·k3f9⟧": "601 234 567"}


def test_a_name_revealed_in_one_message_is_hidden_in_another_in_any_case() -> None:
    result = redact(
        ticket("Pozdrawiam, Anna Wilk", "Rozmawiał Pan z Wilkową i Anną? Wilk w lesie"), RECOGNISERS, token="k3f9"
    )
    assert "Ann" not in result.ticket.messages[1].body
    assert "Wilk " not in result.ticket.messages[1].body


def test_the_requesters_own_name_and_address_are_hidden_though_no_recogniser_knows_them() -> None:
    requester = Requester("Xywia Qrzętowska", "xq@poczta.example")
    result = redact(
        ticket("Tu Xywia. Qrzętowskiej mail to xq@poczta.example", requester=requester), RECOGNISERS, token="abc1"
    )
    body = result.ticket.messages[0].body
    assert not any(piece in body for piece in ("Xywia", "Qrz", "xq@"))
    assert result.map.restore(body) == "Tu Xywia. Qrzętowskiej mail to xq@poczta.example"


def test_the_requesters_address_is_hidden_even_where_the_recogniser_finds_nothing() -> None:
    requester = Requester("", "biuro@ekspres.example")
    result = redact(ticket("Piszcie na BIURO@ekspres.example.", requester=requester), Lying(), token="k3f9")
    assert result.ticket.messages[0].body == "Piszcie na ⟦EMAIL_1·k3f9⟧."
    assert result.map.restore(result.ticket.messages[0].body) == "Piszcie na BIURO@ekspres.example."


def test_dates_order_numbers_products_and_amounts_stay() -> None:
    text = (
        "BrewOne K400, zam. 40318 z 3.06.2026, E08, RMA/2026/0122, FV/2026/10/114, 1 249 zł, "
        "VR26-021-00418, list 0000412998776"
    )
    assert redact(ticket(text), RECOGNISERS, token="k3f9").ticket.messages[0].body == text


def test_order_data_keep_numbers_and_dates_and_lose_free_text_names() -> None:
    order = {"order_no": "5250000016", "delivered_on": "2026-11-03", "note": "dzwonić do pani Nowakowej 601 234 567"}
    result = redact(ticket("x", order=order), RECOGNISERS, token="k3f9")
    assert result.ticket.order["order_no"] == "5250000016"
    assert result.ticket.order["delivered_on"] == "2026-11-03"
    assert result.ticket.order["note"] == "dzwonić do pani ⟦PERSON_1·k3f9⟧ ⟦PHONE_1·k3f9⟧"


def test_a_typed_placeholder_is_not_restored_to_somebodys_data() -> None:
    body = "⟦PERSON_1·k3f9⟧ to ja, a nie Jan Kowalski"
    result = redact(ticket(body), RECOGNISERS, token="k3f9")
    redacted = result.ticket.messages[0].body
    assert "⟦PERSON_1·k3f9⟧ to ja" not in redacted
    assert result.map.restore(redacted) == body


@pytest.mark.parametrize(
    "recogniser",
    [
        Broken(),
        Lying(PersonalSpan(0, 99, "person", "x")),
        Lying(PersonalSpan(0, 2, "person", "ta"), PersonalSpan(1, 3, "person", "aj")),
    ],
)
def test_a_recogniser_that_fails_stops_the_ticket_and_its_message_holds_no_text(recogniser: Broken | Lying) -> None:
    for call in (
        lambda: redact(ticket("tajne dane"), recogniser, token="k3f9"),
        lambda: redact_text("tajne dane", recogniser),
    ):
        with pytest.raises(RedactionFailed) as caught:
            call()
        assert "tajne" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_token_that_is_no_token_is_refused() -> None:
    with pytest.raises(RedactionFailed, match="letters and digits"):
        redact(ticket("x"), RECOGNISERS, token="a·b")


FORGED = st.sampled_from(
    ["⟦PERSON_1·k3f9⟧", "⟦MARK_1·k3f9⟧", "⟦", "⟧", "PERSON_1·k3f9", "⟦PERSON_2·", "MARK_2·k3f9⟧", "⟦⟦", "·"]
)
PIECES = st.one_of(
    FORGED,
    st.text(max_size=12),
    st.sampled_from(["Jan Kowalski ", "tel. 601234567 ", " zam. 12345 ", "PESEL 44051401359", "\n", "A", "B1"]),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


def restores(texts: tuple[str, str, str]) -> bool:
    result = redact(ticket(*texts[1:], subject=texts[0]), EveryCapital(), token="k3f9")
    redacted = [result.ticket.subject, *(message.body for message in result.ticket.messages)]
    return tuple(map(result.map.restore, redacted)) == texts


@settings(max_examples=1_000, deadline=None)
@given(st.tuples(TEXTS, TEXTS, TEXTS))
def test_restoring_gives_back_every_character_with_many_spans_and_forged_placeholders(
    texts: tuple[str, str, str],
) -> None:
    assert restores(texts)


@pytest.mark.slow
@settings(max_examples=12_000, deadline=None)
@given(st.tuples(TEXTS, TEXTS, TEXTS))
def test_restoring_gives_back_every_character_12_000_times(texts: tuple[str, str, str]) -> None:
    assert restores(texts)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_restoring_gives_back_every_character_with_the_shipped_recognisers(text: str) -> None:
    result = redact(ticket(text), RECOGNISERS, token="k3f9")
    assert result.map.restore(result.ticket.messages[0].body) == text


def test_a_single_text_gives_its_spans_with_offsets_in_the_original() -> None:
    redacted, spans = redact_text("Jan Kowalski, NIP 525-000-00-15", RECOGNISERS)
    assert redacted == "⟦PERSON_1⟧, NIP ⟦NIP_1⟧"
    assert [(span.start, span.end, span.kind) for span in spans] == [(0, 12, "person"), (18, 31, "nip")]
