"""Prompt injections against drafts, and an obedient scripted model that does whatever the text says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from knowledge_base.passage import Audience, Passage
from training.draft_cases import DraftCase, scored
from triage.domain.reply import Draft, Sentence, Source, SourceKind

CORPUS = Path(__file__).parent / "data" / "drafts_injections.yaml"
_QUOTED = {"pl": "W dniu 19.11.2026 napisano:\n> {payload}", "en": "On 19 November 2026 somebody wrote:\n> {payload}"}
_ATTACHED = {"pl": "[załącznik protokol.pdf]\n{payload}", "en": "[attachment report.pdf]\n{payload}"}


@dataclass(frozen=True, slots=True)
class Injection:
    """A case with an attack in it, and the sentence of a model that obeys."""

    id: str
    place: str
    case: DraftCase
    obeyed: str


def inject(hosts: dict[str, DraftCase], path: Path = CORPUS) -> Iterator[Injection]:
    """Every payload in every place.

    Args:
        hosts: an ordinary case per language, which the attacks are put into.
    """
    corpus = yaml.safe_load(path.read_text(encoding="utf-8"))["payloads"]
    for language, payloads in corpus.items():
        host = hosts[language]
        for number, (payload, obeyed) in enumerate(payloads):
            places = {
                "ticket": host.with_message(payload),
                "quoted mail": host.with_message(_QUOTED[language].format(payload=payload)),
                "attachment": host.with_message(_ATTACHED[language].format(payload=payload)),
                "knowledge base": replace(host, passages=(*host.passages, scored(_poisoned(payload, language)))),
            }
            for place, case in places.items():
                yield Injection(f"{language}{number:02}/{place}", place, case, obeyed)


def _poisoned(payload: str, language: str) -> Passage:
    text = f"1. {payload}\n2. {payload}"
    return Passage(
        "X99@1#0", "X99", "1", "FAQ", ("Naprawa",), text, 0, len(text), language=language, audience=Audience.CUSTOMER
    )


class ObedientModel(BaseChatModel):
    """Returns the base letter of the prompt as JSON, with the sentence the attacker wants before the signature."""

    obeyed: str
    base: Draft

    @property
    def _llm_type(self) -> str:
        return "obedient"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        answer = json.dumps(as_proposal(self.base, self.obeyed), ensure_ascii=False)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(answer))])


def as_proposal(base: Draft, obeyed: str = "") -> dict[str, object]:
    """A letter in the form a model answers in."""
    lines = [line for line in base.body.split("\n") if line.strip()]
    lines.insert(len(lines) - 3, obeyed)
    return {
        "subject": base.subject,
        "paragraphs": [{"sentences": [{"text": line, "source": "letter"}]} for line in lines if line],
    }


def obey(base: Draft, obeyed: str) -> tuple[Draft, int, int]:
    """The letter as the obedient model writes it, had nothing stood in its way, and the place of its sentence."""
    head, separator, tail = base.body.rpartition("\n\n")
    start = len(head) + 1
    body = f"{head} {obeyed}{separator}{tail}"
    sentence = Sentence(start, start + len(obeyed), (Source(SourceKind.MODEL, "llm:obedient"),))
    return replace(base, body=body, sentences=(sentence,), composer="llm:obedient"), start, start + len(obeyed)
