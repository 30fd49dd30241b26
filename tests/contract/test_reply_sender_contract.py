"""Every promise of the reply sender, kept by the fake and by the file outbox alike."""

from __future__ import annotations

import os
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.domain.reply import ApprovedReply
from triage.errors import DeliveryRefused
from triage.ports import ReplySender

BODY = "Dzień dobry,\n\nzażółć gęślą jaźń.\n.\nFrom wiersz z kropką\n\n-- \nDomex Serwis"


@pytest.fixture
def outbox(tmp_path: Path) -> FileOutbox:
    return FileOutbox(tmp_path / "outbox", "Domex Serwis sp. z o.o.", "serwis@domex.example", FakeClock().now)


@pytest.fixture(params=["fake", "file"])
def any_sender(request: pytest.FixtureRequest, outbox: FileOutbox) -> ReplySender:
    return FakeSender() if request.param == "fake" else outbox


def reply(approval_id: str = "apr_1", body: str = BODY) -> ApprovedReply:
    return ApprovedReply(builders.approval(approval_id), "Re: Reklamacja – ekspres", body, "<T1@example.pl>")


def test_what_was_sent_can_be_read_back(any_sender: ReplySender) -> None:
    assert any_sender.find_delivery("apr_1") is None
    delivery = any_sender.send(reply())
    assert any_sender.find_delivery("apr_1") == delivery
    assert delivery.approval_id == "apr_1"
    assert any_sender.find_delivery("apr_2") is None


def test_sending_an_approval_twice_delivers_once(any_sender: ReplySender) -> None:
    assert any_sender.send(reply()) == any_sender.send(reply())


def test_the_file_holds_the_approved_words_byte_for_byte(outbox: FileOutbox) -> None:
    outbox.send(reply())
    (path,) = outbox.folder.iterdir()
    raw = path.read_bytes()
    head, _, body = raw.partition(b"\n\n")
    assert body == BODY.encode() + b"\n"
    mail = message_from_bytes(raw, policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("anna.zielińska@example.pl", "Re: Reklamacja – ekspres")
    assert (mail["X-Triage-Approval"], mail["In-Reply-To"]) == ("apr_1", "<T1@example.pl>")
    assert b"\nBcc:" not in head


def test_a_reply_that_left_is_never_replaced(outbox: FileOutbox) -> None:
    outbox.send(reply())
    outbox.send(reply(body="Inna treść"))
    (path,) = outbox.folder.iterdir()
    assert "zażółć" in path.read_text(encoding="utf-8")


def test_a_line_break_in_a_subject_makes_no_second_header(outbox: FileOutbox) -> None:
    outbox.send(replace(reply(), subject="Re: zwrot\nBcc: obcy@example.com\r\nX-Zly: 1"))
    (path,) = outbox.folder.iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["X-Zly"] is None


def test_an_address_that_is_none_is_refused(outbox: FileOutbox) -> None:
    forged = replace(builders.approval(), recipients=("anna@example.pl\nBcc: obcy@example.com",))
    with pytest.raises(DeliveryRefused):
        outbox.send(replace(reply(), approval=forged))
    assert outbox.find_delivery("apr_1") is None


def test_a_folder_that_cannot_be_written_refuses_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    blocked = FileOutbox(tmp_path / "file", "Domex", "serwis@domex.example", FakeClock().now)
    with pytest.raises(DeliveryRefused):
        blocked.send(reply())


def test_a_full_disk_refuses_and_leaves_nothing(outbox: FileOutbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DeliveryRefused):
            outbox.send(reply())
    assert list(outbox.folder.iterdir()) == []
    outbox.send(reply())
    assert [path.name for path in outbox.folder.iterdir()] == ["apr_1.eml"]


def test_reading_back_clears_what_an_interrupted_send_left(outbox: FileOutbox) -> None:
    outbox.send(reply())
    (outbox.folder / "apr_2.abc.tmp").write_text("Dzień dobry")
    assert outbox.find_delivery("apr_2") is None
    assert [path.name for path in outbox.folder.iterdir()] == ["apr_1.eml"]
