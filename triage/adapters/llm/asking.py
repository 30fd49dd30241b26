"""Asking a chat model within a time budget, over any OpenAI-compatible server; no tools, no tracing."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_openai import ChatOpenAI
from langsmith import tracing_context
from pydantic import SecretStr


class Unusable(Exception):
    """The model's answer cannot be used; the message holds no ticket text."""


@dataclass(frozen=True, slots=True)
class BoundedChat:
    """A chat model that is given up when its time is spent.

    Attributes:
        chat: another chat model than ``ChatOpenAI``; tests bring a scripted one.
    """

    base_url: str
    model: str
    api_key: str = field(repr=False)
    max_tokens: int
    chat: BaseChatModel | None = None

    def ask(self, conversation: list[BaseMessage], ends: float) -> str:
        """One call, given up when the budget is spent: a server that drips bytes never times out by itself.

        Args:
            ends: moment of ``time.monotonic`` at which the time is over.

        Raises:
            Unusable: the time is over, or the model was silent.
        """
        left = ends - time.monotonic()
        if left <= 0:
            raise Unusable("time budget spent")
        chat = self.chat or self._server(left)
        box: queue.Queue[AIMessage | Exception] = queue.Queue(maxsize=1)

        def call() -> None:
            try:
                with tracing_context(enabled=False):  # tickets never leave for a tracing service
                    box.put(chat.invoke(conversation))
            except Exception as error:
                box.put(error)

        threading.Thread(target=call, name="llm", daemon=True).start()
        try:
            answer = box.get(timeout=left)
        except queue.Empty:
            raise Unusable("time budget spent") from None
        if isinstance(answer, Exception):
            raise answer
        text = answer.text if isinstance(answer.content, str | list) else ""
        if not text.strip():
            raise Unusable("empty answer")
        return str(text)

    def _server(self, timeout_s: float) -> BaseChatModel:
        return ChatOpenAI(
            model=self.model,
            base_url=self.base_url,
            api_key=SecretStr(self.api_key or "not-needed"),
            temperature=0,
            timeout=timeout_s,
            max_retries=0,
            max_tokens=self.max_tokens,  # type: ignore[call-arg]  # pydantic alias of max_completion_tokens
            extra_body={"response_format": {"type": "json_object"}},  # where the server knows it
        )
