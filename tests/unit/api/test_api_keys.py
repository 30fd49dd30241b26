"""API keys: random, unguessable, compared in constant time, in force only as long as they should be."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from api.auth import is_loopback
from tests.fakes.clock import START
from triage.domain.access import SCOPES, Role, Scope
from triage.domain.api_keys import KEY_LIFE, issue_key, split_key
from triage.errors import InvalidTicket


def test_a_keys_text_proves_it_until_it_expires() -> None:
    issued = issue_key("t1", "zmiana A", Role.AGENT, START)
    parts = split_key(issued.text)
    assert parts is not None
    assert parts[0] == issued.key.id
    assert issued.key.accepts(parts[1], START)
    assert issued.key.accepts(parts[1], START + KEY_LIFE - timedelta(seconds=1))
    assert not issued.key.accepts(parts[1], START + KEY_LIFE)
    assert not issued.key.accepts(parts[1][:-1] + "#", START)


def test_only_the_digest_of_the_secret_is_in_the_key_and_repr_does_not_show_the_text() -> None:
    issued = issue_key("t1", "n", Role.ADMIN, START)
    secret = issued.text.split("_", 2)[2]
    assert issued.key.secret_sha256 == hashlib.sha256(secret.encode()).digest()
    assert secret not in repr(issued.key)
    assert secret not in repr(issued)


def test_a_secret_has_256_bits_and_no_two_keys_are_alike() -> None:
    texts = {issue_key("t1", "n", Role.AGENT, START).text for _ in range(500)}
    assert len(texts) == 500
    assert {len(text.split("_", 2)[2]) for text in texts} == {43}  # 43 base64 characters: 32 bytes


@pytest.mark.parametrize(
    "text",
    ["", "trk_", "trk_abcd2345", "trk_ABCD2345_" + "x" * 43, "trk_abcd2345_" + "x" * 42, " trk_abcd2345_" + "x" * 43],
)
def test_other_words_are_not_keys(text: str) -> None:
    assert split_key(text) is None


def test_a_key_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidTicket):
        issue_key("t1", "n", Role.AGENT, START.replace(tzinfo=None))


def test_each_role_may_do_what_the_one_before_may_and_more() -> None:
    assert SCOPES[Role.AGENT] < SCOPES[Role.APPROVER] < SCOPES[Role.LEAD] < SCOPES[Role.ADMIN] == frozenset(Scope)
    assert SCOPES[Role.DPO].isdisjoint({Scope.EDIT, Scope.DECIDE, Scope.TICKETS, Scope.ADMINISTER})
    assert Scope.DECIDE not in SCOPES[Role.AGENT]
    assert Scope.ADMINISTER not in SCOPES[Role.APPROVER]


def test_a_key_for_some_scopes_never_may_more_than_its_role() -> None:
    wanted = frozenset({Scope.CASES, Scope.DECIDE, Scope.ADMINISTER})
    caller = issue_key("t1", "n", Role.AGENT, START, only=wanted).key.caller
    assert caller.scopes == {Scope.CASES}
    assert not caller.may(Scope.ADMINISTER)
    assert issue_key("t1", "n", Role.AGENT, START).key.caller.scopes == SCOPES[Role.AGENT]


def test_only_addresses_of_this_machine_are_loopback() -> None:
    assert [host for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8") if is_loopback(host)] == [
        "127.0.0.1", "::1", "localhost", "127.8.8.8"
    ]  # fmt: skip
    assert not any(map(is_loopback, ("0.0.0.0", "::", "", "10.0.0.1", "localhost.example.com", "example.com")))
