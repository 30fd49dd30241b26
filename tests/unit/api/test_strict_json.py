"""JSON bodies are read strictly; nothing a client sends ends in an error of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from api.strict_json import MAX_DEPTH, parse_json


def refused(body: bytes) -> HTTPException:
    with pytest.raises(HTTPException) as caught:
        parse_json(body)
    assert caught.value.status_code == 400
    return caught.value


def test_a_body_in_polish_is_read_as_it_was_written() -> None:
    assert parse_json('{"text": "zażółć gęślą jaźń 🦊"}'.encode()) == {"text": "zażółć gęślą jaźń 🦊"}
    assert parse_json(b'"\\ud83e\\udd8a"') == "🦊"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"a": "\xc3"}',
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b"[" + b"9" * 5000 + b"]",
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'["\\ud800"]',
        b'["\\udc00\\ud800"]',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"\x00\x01\x02\x03",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_not_usable_json_is_refused_with_400(body: bytes) -> None:
    refused(body)


def test_the_deepest_allowed_nesting_passes_and_one_more_level_does_not() -> None:
    def nested(depth: int) -> bytes:
        return b"[" * depth + b"1" + b"]" * depth

    assert parse_json(nested(MAX_DEPTH)) == json.loads(nested(MAX_DEPTH))
    assert "nested" in refused(nested(MAX_DEPTH + 1)).detail


def test_the_refusal_says_where_and_not_what() -> None:
    detail = refused(b'{"text": "PESEL 44051401359" "x"}').detail
    assert "line 1, column 30" in detail
    assert "44051401359" not in detail


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(body: bytes) -> None:
    statuses = []
    try:
        parse_json(body)
    except HTTPException as exc:
        statuses.append(exc.status_code)
    assert statuses in ([], [400])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(_JSON)
def test_usable_json_comes_back_as_it_was(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value
