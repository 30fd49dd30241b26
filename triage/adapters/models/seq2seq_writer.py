"""A line writer on a local transformers sequence-to-sequence model; answers to the ``LineWriter`` port."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.domain.redaction import RedactedMessage, RedactedTicket
from triage.domain.summary import SummaryLine, SummarySection
from triage.domain.ticket import Author
from triage.errors import ModelUnavailable

logger = logging.getLogger(__name__)

WINDOW_TOKENS = 480
LINE_TOKENS = 48
LEAST_TOKENS = 4
MOST_WINDOWS = 8


@dataclass(frozen=True, slots=True)
class Seq2SeqLineWriter:
    """Tells a history window by window: one line for each run of messages the model can read at once.

    Attributes:
        budget_s: seconds for one history; windows that are not reached are left to the extractive summary.
    """

    name: str
    tokenizer: Any
    model: Any
    budget_s: float = 20.0

    @classmethod
    def load(cls, folder: Path, budget_s: float = 20.0) -> Seq2SeqLineWriter:
        """Load a model such as BART, T5 or mT5.

        Raises:
            ModelUnavailable: the folder holds no such model.
        """
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForSeq2SeqLM.from_pretrained(folder, local_files_only=True).eval()
        except (OSError, ValueError) as exc:
            raise ModelUnavailable(f"{folder} holds no sequence-to-sequence model: {type(exc).__name__}.") from None
        return cls(f"seq2seq:{folder.name}", tokenizer, model, budget_s)

    def write(self, ticket: RedactedTicket, language: str) -> tuple[SummaryLine, ...]:
        """One line for each window, the newest windows first to be told; greedy, so the same history gives the same."""
        ends = time.monotonic() + self.budget_s
        windows = list(self._windows([one for one in ticket.messages if one.author is not Author.SYSTEM]))
        told: list[SummaryLine] = []
        for window in reversed(windows[-MOST_WINDOWS:]):
            if time.monotonic() >= ends:
                logger.warning("summary budget spent", extra={"action": "summary_budget", "windows": len(windows)})
                break
            text = self._line(window)
            if text:
                told.append(SummaryLine(SummarySection.TIMELINE, text, tuple(message.id for message in window)))
        return tuple(reversed(told))

    def _windows(self, messages: Sequence[RedactedMessage]) -> Iterator[list[RedactedMessage]]:
        window: list[RedactedMessage] = []
        used = 0
        for message in messages:
            length = len(self.tokenizer(_said(message))["input_ids"])
            if window and used + length > WINDOW_TOKENS:
                yield window
                window, used = [], 0
            window.append(message)
            used += length
        if window:
            yield window

    def _line(self, window: Sequence[RedactedMessage]) -> str:
        import torch

        text = "\n".join(map(_said, window))
        inputs = self.tokenizer(text, return_tensors="pt", truncation=True, max_length=WINDOW_TOKENS)
        with torch.inference_mode():
            output = self.model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                min_new_tokens=LEAST_TOKENS,
                max_new_tokens=LINE_TOKENS,
                do_sample=False,
                num_beams=1,
            )
        return " ".join(str(self.tokenizer.decode(output[0], skip_special_tokens=True)).split())


def _said(message: RedactedMessage) -> str:
    return f"{message.author.value}: {message.body}"
