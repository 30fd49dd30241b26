"""Bodies are cut off at their limit while they stream; keys slow down at their rate."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.buckets import OwnBuckets
from api.limits import BodyLimit, InFlightLimit, Limits, RateLimiter

LIMITS = Limits(json_bytes=10, mail_bytes=20, bulk_bytes=30)


class Reader:
    """An application that reads its whole body and answers 200; it keeps count of what reached it."""

    def __init__(self, *, hides_errors: bool = False) -> None:
        self.read = 0
        self.hides_errors = hides_errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while True:
                message = await receive()
                self.read += len(message.get("body", b""))
                if not message.get("more_body"):
                    break
        except Exception:
            if not self.hides_errors:
                raise
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


def answer(
    app: Reader,
    chunks: Iterable[bytes],
    *,
    path: str = "/v1/keys",
    media_type: str = "application/json",
    length: str | None = None,
) -> tuple[int, bytes]:
    headers = [(b"content-type", media_type.encode())] + ([(b"content-length", length.encode())] if length else [])
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(BodyLimit(app, LIMITS)(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_a_body_of_exactly_the_limit_passes() -> None:
    assert answer(Reader(), [b"12345", b"67890"]) == (200, b"ok")


def test_a_body_is_cut_off_at_the_chunk_that_goes_over() -> None:
    app = Reader()
    status, body = answer(app, [b"1234567", b"89012", b"x" * 1000])
    assert (status, json.loads(body)["type"]) == (413, "urn:triage:problem:body-too-large")
    assert app.read == 7


def test_an_announced_length_over_the_limit_is_refused_before_anything_is_read() -> None:
    app = Reader()
    assert answer(app, [b"1"], length="11")[0] == 413
    assert answer(app, [b"1"], length="9" * 400)[0] == 413
    assert answer(app, [b"1"], length="-1")[0] == 413
    assert app.read == 0


def test_an_application_that_swallows_the_cut_off_still_answers_413() -> None:
    assert answer(Reader(hides_errors=True), [b"x" * 11])[0] == 413


def test_mail_and_bulk_have_limits_of_their_own() -> None:
    assert answer(Reader(), [b"x" * 20], path="/v1/tickets", media_type="message/rfc822; charset=x")[0] == 200
    assert answer(Reader(), [b"x" * 21], path="/v1/tickets", media_type="message/rfc822")[0] == 413
    assert answer(Reader(), [b"x" * 11], path="/v1/keys", media_type="message/rfc822")[0] == 413
    assert answer(Reader(), [b"x" * 30], path="/v1/tickets/bulk", media_type="application/x-ndjson")[0] == 200
    assert answer(Reader(), [b"x" * 31], path="/v1/tickets/bulk", media_type="application/x-ndjson")[0] == 413


class Stopwatch:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def granted(limiter: RateLimiter, name: str, tries: int) -> int:
    """How many of ``tries`` requests go through; the others are told to wait."""
    refusals = []
    for _ in range(tries):
        try:
            limiter.take(name)
        except HTTPException as exc:
            refusals.append((exc.status_code, int((exc.headers or {})["Retry-After"]) >= 1))
    assert set(refusals) <= {(429, True)}
    return tries - len(refusals)


def test_a_key_gets_its_minutes_worth_at_once_and_then_one_every_so_often() -> None:
    watch = Stopwatch()
    limiter = RateLimiter("requests", 60, OwnBuckets(watch))
    assert granted(limiter, "k", 100) == 60
    watch.s += 10
    assert granted(limiter, "k", 100) == 10
    watch.s += 3600
    assert granted(limiter, "k", 100) == 60


def test_one_key_does_not_use_up_anothers_rate() -> None:
    limiter = RateLimiter("requests", 5, OwnBuckets(Stopwatch()))
    assert granted(limiter, "a", 9) == 5
    assert granted(limiter, "b", 9) == 5


def test_the_buckets_do_not_grow_without_bound() -> None:
    buckets = OwnBuckets(Stopwatch(), most=100)
    for number in range(1000):
        buckets.take(str(number), 5)
    assert len(buckets._buckets) == 100


def test_the_wait_that_is_told_is_long_enough() -> None:
    watch = Stopwatch()
    limiter = RateLimiter("requests", 7, OwnBuckets(watch))
    assert granted(limiter, "k", 7) == 7
    with pytest.raises(HTTPException) as caught:
        limiter.take("k")
    watch.s += int((caught.value.headers or {})["Retry-After"])
    limiter.take("k")


def test_more_at_once_than_can_be_worked_on_is_told_when_to_come_back_and_probes_are_answered() -> None:
    release = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            await release.wait()
        await PlainTextResponse("done")(scope, receive, send)

    async def ask(limited: InFlightLimit, path: str) -> tuple[int, dict[str, str]]:
        told: list[Message] = []

        async def send(message: Message) -> None:
            told.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        await limited({"type": "http", "path": path, "method": "GET", "headers": []}, receive, send)
        return told[0]["status"], {name.decode(): value.decode() for name, value in told[0]["headers"]}

    async def day() -> None:
        limited = InFlightLimit(app, most=2)
        slow = [asyncio.create_task(ask(limited, "/slow")) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers = await ask(limited, "/quick")
        assert (status, headers["retry-after"]) == (503, "1")
        assert (await ask(limited, "/ready"))[0] == 200
        release.set()
        assert [status for status, _ in await asyncio.gather(*slow)] == [200, 200]
        assert (await ask(limited, "/quick"))[0] == 200

    asyncio.run(day())
