"""Every promise of the reply sender, kept by the fake, by the file outbox and by the sender over HTTP alike."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.helpdesk import RunningHelpdesk, started
from tests.fakes.sender import FakeSender
from triage.adapters.company import load_company
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.helpdesk.http_endpoint import HttpEndpoint
from triage.adapters.outgoing import Allowed, OutgoingClient, OutgoingLimits
from triage.bootstrap.sending import reply_sender
from triage.config import Settings
from triage.domain.reply import ApprovedReply
from triage.errors import ConfigurationError, DeliveryDeferred, DeliveryRefused, DeliveryUnknown
from triage.ports import ReplySender

BODY = "Dzień dobry,\n\nzażółć gęślą jaźń.\n.\nFrom wiersz z kropką\n\n-- \nDomex Serwis"


@pytest.fixture
def outbox(tmp_path: Path) -> FileOutbox:
    return FileOutbox(tmp_path / "outbox", "Domex Serwis sp. z o.o.", "serwis@domex.example", FakeClock().now)


@pytest.fixture(scope="module")
def helpdesk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHelpdesk]:
    with started(tmp_path_factory.mktemp("helpdesk")) as running:
        yield running


@pytest.fixture
def endpoint(helpdesk: RunningHelpdesk) -> HttpEndpoint:
    helpdesk.be("fair")
    (helpdesk.folder / "ledger").unlink(missing_ok=True)
    allowed = Allowed(frozenset({helpdesk.host}))
    return HttpEndpoint(helpdesk.url, OutgoingClient(allowed, OutgoingLimits(total_s=1.0)), "geheim-token")


@pytest.fixture(params=["fake", "file", "http"])
def any_sender(request: pytest.FixtureRequest) -> ReplySender:
    if request.param == "fake":
        return FakeSender()
    found: ReplySender = request.getfixturevalue({"file": "outbox", "http": "endpoint"}[request.param])
    return found


def reply(approval_id: str = "apr_1", body: str = BODY) -> ApprovedReply:
    return ApprovedReply(builders.approval(approval_id), "Re: Reklamacja – ekspres", body, "<T1@example.pl>")


def test_what_was_sent_can_be_read_back(any_sender: ReplySender) -> None:
    assert any_sender.find_delivery("apr_1") is None
    delivery = any_sender.send(reply())
    assert any_sender.find_delivery("apr_1") == delivery
    assert delivery.approval_id == "apr_1"
    assert any_sender.find_delivery("apr_2") is None


@pytest.mark.parametrize("sender", ["fake", "file"])  # over HTTP that is the receiver's to promise, by the key
def test_sending_an_approval_twice_delivers_once(sender: str, outbox: FileOutbox) -> None:
    any_sender = FakeSender() if sender == "fake" else outbox
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


def test_a_folder_that_cannot_be_written_is_tried_later_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    blocked = FileOutbox(tmp_path / "file", "Domex", "serwis@domex.example", FakeClock().now)
    with pytest.raises(DeliveryDeferred):
        blocked.send(reply())


def test_a_full_disk_defers_and_leaves_nothing(outbox: FileOutbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DeliveryDeferred):
            outbox.send(reply())
    assert list(outbox.folder.iterdir()) == []
    outbox.send(reply())
    assert [path.name for path in outbox.folder.iterdir()] == ["apr_1.eml"]


def test_reading_back_clears_what_an_interrupted_send_left(outbox: FileOutbox) -> None:
    outbox.send(reply())
    (outbox.folder / "apr_2.abc.tmp").write_text("Dzień dobry")
    assert outbox.find_delivery("apr_2") is None
    assert [path.name for path in outbox.folder.iterdir()] == ["apr_1.eml"]


def test_what_is_posted_is_what_was_approved_under_the_approvals_key(
    endpoint: HttpEndpoint, helpdesk: RunningHelpdesk
) -> None:
    endpoint.send(reply())
    [kept] = helpdesk.ledger
    assert kept == {
        "id": "apr_1",
        "tenant": "default",
        "ticket_id": "T1",
        "in_reply_to": "<T1@example.pl>",
        "channel": "email",
        "to": ["anna.zielińska@example.pl"],
        "subject": "Re: Reklamacja – ekspres",
        "body": BODY,
        "key": "apr_1",
        "authorization": "Bearer geheim-token",
    }


def test_a_way_out_is_named_by_its_server_without_what_may_be_secret(outbox: FileOutbox) -> None:
    url = "https://user:pass@desk.example:8443/hooks/s3cret?key=abc"
    assert HttpEndpoint(url, OutgoingClient(), "geheim").way == "https://desk.example:8443"
    assert outbox.way == "outbox"


REFUSED = ["400", "403", "404", "410", "422"]
UNCLEAR = ["500", "502", "503", "302", "408", "409", "425", "garbage", "other", "never", "reset"]


@pytest.mark.parametrize("mood", REFUSED)
def test_a_plain_refusal_certainly_delivered_nothing(
    endpoint: HttpEndpoint, helpdesk: RunningHelpdesk, mood: str
) -> None:
    helpdesk.be(mood)
    with pytest.raises(DeliveryRefused) as refused:
        endpoint.send(reply())
    assert not isinstance(refused.value, DeliveryDeferred)
    assert helpdesk.ledger == []


def test_a_token_that_is_not_accepted_costs_no_reply_its_approval(
    endpoint: HttpEndpoint, helpdesk: RunningHelpdesk
) -> None:
    helpdesk.be("401")
    with pytest.raises(DeliveryDeferred, match="TRIAGE_REPLY_TOKEN") as deferred:
        endpoint.send(reply())
    assert deferred.value.asked_s == 0
    assert helpdesk.ledger == []


def test_a_helpdesk_that_asks_for_patience_is_tried_again_no_earlier_than_it_says(
    endpoint: HttpEndpoint, helpdesk: RunningHelpdesk
) -> None:
    helpdesk.be("429")
    with pytest.raises(DeliveryDeferred) as deferred:
        endpoint.send(reply())
    assert deferred.value.asked_s == 3600
    assert helpdesk.ledger == []


@pytest.mark.parametrize("kept", ["", "kept_"])
@pytest.mark.parametrize("mood", UNCLEAR)
def test_an_unclear_answer_is_unknown_whether_or_not_the_reply_was_kept_and_the_read_back_tells(
    endpoint: HttpEndpoint, helpdesk: RunningHelpdesk, mood: str, kept: str
) -> None:
    helpdesk.be(kept + mood)
    with pytest.raises(DeliveryUnknown):
        endpoint.send(reply())
    with pytest.raises(DeliveryUnknown):
        endpoint.find_delivery("apr_1")
    helpdesk.be("fair")
    found = endpoint.find_delivery("apr_1")
    assert (found is not None) == bool(kept)
    assert len(helpdesk.ledger) == bool(kept)


def test_a_helpdesk_that_is_not_there_gets_nothing(endpoint: HttpEndpoint) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    away = HttpEndpoint(f"http://{host}/replies", OutgoingClient(Allowed(frozenset({host}))))
    with pytest.raises(DeliveryDeferred):
        away.send(reply())
    with pytest.raises(DeliveryUnknown):
        away.find_delivery("apr_1")


def test_an_address_that_may_not_be_called_gets_nothing_and_its_token_is_not_shown() -> None:
    inside = HttpEndpoint("https://10.0.0.1/replies", OutgoingClient(), "geheim-token")
    with pytest.raises(DeliveryRefused):
        inside.send(reply())
    assert "geheim-token" not in repr(inside)


def test_the_settings_choose_the_sender_and_a_url_that_may_not_be_called_is_refused_at_the_start(
    tmp_path: Path,
) -> None:
    company = load_company()
    assert isinstance(reply_sender(Settings(data_dir=tmp_path), company, FakeClock()), FileOutbox)
    told = Settings(data_dir=tmp_path, reply_url="http://desk.internal/replies/", private_hosts={"desk.internal"})
    chosen = reply_sender(told, company, FakeClock())
    assert isinstance(chosen, HttpEndpoint)
    assert chosen.url == "http://desk.internal/replies"
    with pytest.raises(ConfigurationError, match="TRIAGE_REPLY_URL"):
        reply_sender(Settings(data_dir=tmp_path, reply_url="http://desk.internal/"), company, FakeClock())
