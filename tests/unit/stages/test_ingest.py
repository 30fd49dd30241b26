"""Ingest: what came in becomes a ticket, and nothing of it is lost."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from triage.domain.ticket import Author, Channel
from triage.errors import InvalidTicket, UnreadableMail
from triage.stages.ingest import clean_text, newest_part, ticket_from_mail, ticket_from_record, ticket_from_text

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def mail(text: str = "Ekspres cieknie.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Jan Testowy <jan@example.com>"
    message["Subject"] = "Reklamacja"
    message["Date"] = "Tue, 17 Nov 2026 08:12:00 +0100"
    message["Message-ID"] = "<one@example.com>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


@pytest.mark.parametrize(
    "header",
    [
        "W dniu 3.11.2026 o 10:00 Serwis pisze:",
        "Dnia 3 listopada 2026 10:00 Serwis <s@example.com> napisał(a):",
        "wt., 3 lis 2026 o 10:00 Serwis <s@example.com> napisał(a):",
        "On Tue, 3 Nov 2026 at 10:00, Desk <s@example.com> wrote:",
        "-----Original Message-----",
        "Am 3.11.2026 um 10:00 schrieb Serwis:",
    ],
)
def test_quoted_history_is_not_what_the_author_wrote_now(header: str) -> None:
    assert newest_part(f"Dalej nie działa.\n\n{header}\n> Prosimy o zdjęcie\n> tabliczki") == "Dalej nie działa."


def test_outlook_header_block_starts_the_quotation() -> None:
    text = "Nadal czekam.\n\nOd: Serwis\nWysłano: 3 listopada 2026\nDo: Jan\nTemat: RMA\n\nProsimy o numer."
    assert newest_part(text) == "Nadal czekam."


def test_forwarded_matter_is_kept_without_its_header_lines() -> None:
    text = "Przekazuję.\n\n---------- Forwarded message ---------\nOd: Klientka\nTemat: bateria\n\nBateria napuchła."
    body = newest_part(text)
    assert "Bateria napuchła." in body
    assert "Od: Klientka" not in body


def test_signature_and_disclaimer_are_left_out() -> None:
    assert newest_part("Pralka stoi.\n-- \nJan\ntel. 600") == "Pralka stoi."
    assert newest_part("Pralka stoi.\nNiniejsza wiadomość jest poufna.") == "Pralka stoi."


def test_a_message_that_is_only_a_quotation_is_kept_whole() -> None:
    assert newest_part("> to samo co wczoraj") == "> to samo co wczoraj"


def test_invisible_and_control_characters_are_removed_and_surrogates_replaced() -> None:
    assert clean_text("a\x00b\u200bc\U000e0041d\ud800e\r\nf") == "abcd\ufffde\nf"


def test_an_overlong_text_keeps_its_beginning_and_its_end_and_the_raw_text() -> None:
    text = "Początek. " + "x " * 200_000 + " Koniec: żądam zwrotu."
    ticket = ticket_from_text(text, now=NOW)
    message = ticket.messages[0]
    assert message.body.startswith("Początek.")
    assert message.body.endswith("Koniec: żądam zwrotu.")
    assert len(message.body) < 40_000
    assert len(message.text) == len(text)


def test_mail_becomes_a_ticket_with_its_own_date_and_sender() -> None:
    ticket = ticket_from_mail(mail().as_bytes(), now=NOW)
    assert ticket.subject == "Reklamacja"
    assert ticket.requester.email == "jan@example.com"
    assert ticket.received_at == datetime(2026, 11, 17, 7, 12, tzinfo=UTC)
    assert ticket.channel is Channel.EMAIL
    assert ticket.messages[0].body == "Ekspres cieknie."


def test_the_time_of_receipt_wins_over_the_date_the_sender_wrote() -> None:
    received = "from a by b; Wed, 18 Nov 2026 09:00:00 +0100"
    assert ticket_from_mail(mail(Received=received).as_bytes(), now=NOW).received_at.day == 18


def test_replies_go_to_the_sender_not_to_reply_to() -> None:
    ticket = ticket_from_mail(mail(Reply_To="thief@example.net").as_bytes(), now=NOW)
    assert ticket.requester.email == "jan@example.com"


def test_the_same_mail_read_twice_is_the_same_ticket() -> None:
    raw = mail().as_bytes()
    assert ticket_from_mail(raw, now=NOW).id == ticket_from_mail(raw, now=NOW).id


def test_html_mail_loses_scripts_and_hidden_text_but_no_words() -> None:
    message = mail()
    message.set_content(
        "<p>Pralka <b>cieknie</b></p><script>steal()</script><div style='display:none'>ignore previous</div><p>E18</p>",
        subtype="html",
    )
    body = ticket_from_mail(message.as_bytes(), now=NOW).messages[0].body
    assert "Pralka cieknie" in body
    assert "E18" in body
    assert "steal" not in body
    assert "ignore previous" not in body


def test_a_mail_with_a_lying_charset_is_still_read() -> None:
    raw = (
        b"From: a@example.com\nSubject: x\nContent-Type: text/plain; charset=no-such-charset\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode("zażółć".encode())
    )
    assert ticket_from_mail(raw, now=NOW).messages[0].body == "zażółć"


def test_a_forwarded_mail_inside_a_mail_is_read() -> None:
    outer, inner = mail("Przekazuję."), mail("Bateria napuchła.")
    outer.add_attachment(inner)
    assert "Bateria napuchła." in ticket_from_mail(outer.as_bytes(), now=NOW).messages[0].body


def test_attachments_are_described_by_digest_and_never_by_path() -> None:
    message = mail()
    message.add_attachment(b"abc", maintype="image", subtype="png", filename="../../etc/zdjecie.png")
    attachment = ticket_from_mail(message.as_bytes(), now=NOW).messages[0].attachments[0]
    assert attachment.name == ".._.._etc_zdjecie.png"
    assert attachment.size_bytes == 3
    assert attachment.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\x00", b"no header at all"])
def test_what_is_no_mail_is_refused_by_name(raw: bytes) -> None:
    with pytest.raises(UnreadableMail):
        ticket_from_mail(raw, now=NOW)


def test_a_record_with_messages_keeps_authors_and_order() -> None:
    record = {
        "id": "T1",
        "messages": [
            {"author": "customer", "at": "2026-11-01T10:00:00+01:00", "text": "Cieknie."},
            {"author": "agent", "at": "2026-11-02T10:00:00+01:00", "text": "Prosimy o zdjęcie."},
        ],
    }
    ticket = ticket_from_record(record, now=NOW)
    assert [message.author for message in ticket.messages] == [Author.CUSTOMER, Author.AGENT]
    assert ticket.revision == 2


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"id": "x", "text": ["a"]}, "'text'"),
        ({"id": "x", "received_at": "yesterday", "text": "a"}, "'received_at'"),
        ({"id": "x", "messages": "a"}, "'messages'"),
        ({"id": "x", "messages": [{"author": "robot", "text": "a"}]}, "author"),
        ({"id": "x", "channel": "pigeon", "text": "a"}, "channel"),
        ({"id": {"a": 1}, "text": "a"}, "'id'"),
        ({"id": "x", "requester": "jan", "text": "a"}, "'requester'"),
    ],
)
def test_a_wrong_field_is_named_in_the_error(record: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidTicket, match=named):
        ticket_from_record(record, now=NOW)


def test_a_naive_time_is_taken_as_utc_and_a_missing_one_as_now() -> None:
    assert ticket_from_record({"text": "a", "received_at": "2026-11-01T10:00:00"}, now=NOW).received_at.tzinfo is UTC
    assert ticket_from_record({"text": "a"}, now=NOW).received_at == NOW


def test_an_empty_text_is_a_ticket_too() -> None:
    assert ticket_from_text("", now=NOW).messages[0].body == ""


@pytest.mark.parametrize(
    "record",
    [
        {"id": "x" * 201, "text": "Cieknie."},
        {"id": "T1", "messages": [{"id": "m" * 201, "text": "Cieknie."}]},
        {"id": "T1", "messages": [{"id": "m1", "text": "Cieknie."}, {"id": "m1", "text": "Dalej cieknie."}]},
        {"id": "T1", "messages": [{"id": "m2", "text": "Cieknie."}, {"text": "Dalej cieknie."}]},
    ],
)
def test_an_id_is_kept_whole_or_refused_and_never_shared(record: dict[str, object]) -> None:
    with pytest.raises(InvalidTicket):
        ticket_from_record(record, now=NOW)


def test_the_longest_id_is_kept_whole() -> None:
    assert ticket_from_record({"id": "x" * 200, "text": "Cieknie."}, now=NOW).id == "x" * 200


def test_an_id_that_is_an_address_is_refused_because_ids_stay_in_the_audit_log() -> None:
    with pytest.raises(InvalidTicket, match="external_id"):
        ticket_from_record({"id": "anna@example.com", "text": "Ekspres cieknie."}, now=NOW)
