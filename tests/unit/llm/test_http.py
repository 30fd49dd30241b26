"""The drafter over HTTP: what it asks of a server, and that a good answer is used."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from training.draft_cases import company, read_cases
from training.injections import as_proposal
from triage.adapters.llm import LanguageModelDrafter
from triage.stages.draft import Composer

CASE = next(case for case in read_cases() if case.id == "G01")
BASE = CASE.compose(company())


@dataclass
class Server:
    """A chat server that answers one text and remembers what it was sent."""

    url: str = ""
    answer: str = ""
    status: int = 200
    requests: list[dict[str, object]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    """A running server on a free port of this machine."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": state.answer}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            content = json.dumps(reply).encode()
            self.send_response(state.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield state
        http.shutdown()


def test_a_good_answer_over_http_is_used(server: Server) -> None:
    server.answer = json.dumps(as_proposal(BASE), ensure_ascii=False)
    drafter = LanguageModelDrafter(server.url, "m", "", 30.0, 700, Composer())
    draft = drafter.draft(CASE.ticket, CASE.triage_case(), company(), today=CASE.today)
    assert draft.degraded == ""
    assert draft.body == BASE.body
    assert draft.composer.startswith("llm:m@")


def test_the_request_has_no_tools_a_token_limit_and_asks_for_json(server: Server) -> None:
    server.answer = "nothing"
    LanguageModelDrafter(server.url, "m", "", 30.0, 700, Composer()).draft(
        CASE.ticket, CASE.triage_case(), company(), today=CASE.today
    )
    assert len(server.requests) == 2
    first = server.requests[0]
    assert "tools" not in first
    assert first["response_format"] == {"type": "json_object"}
    assert first["temperature"] == 0
    assert 700 in (first.get("max_tokens"), first.get("max_completion_tokens"))


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_status_is_a_labelled_fallback(server: Server, status: int) -> None:
    server.status = status
    drafter = LanguageModelDrafter(server.url, "m", "", 30.0, 700, Composer())
    draft = drafter.draft(CASE.ticket, CASE.triage_case(), company(), today=CASE.today)
    assert draft.body == BASE.body
    assert draft.degraded.startswith("llm:m: ")
    assert len(server.requests) == 1
