"""Language-model letters: used only when they keep every fact; there is always a valid letter, in time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from training.draft_cases import DraftCase, company, read_cases
from training.injections import as_proposal
from triage.adapters.llm import LanguageModelDrafter
from triage.adapters.llm.acceptance import faults_of
from triage.adapters.llm.drafter import visible_facts
from triage.adapters.llm.proposal import read_proposal
from triage.domain.classification import Fact, Facts
from triage.domain.redaction import RedactedText
from triage.domain.reply import Draft, Finding, Severity, SourceKind
from triage.stages.draft import Composer

CASES = {case.id: case for case in read_cases()}
ACK = CASES["G01"]
BASE = ACK.compose(company())


class ScriptedModel(BaseChatModel):
    """Answers what the script says, call by call; an exception in the script is raised."""

    script: list[object]
    prompts: list[str] = []  # noqa: RUF012  # a pydantic field, copied per instance
    waits_s: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        self.prompts.append("\n".join(str(message.content) for message in messages))
        time.sleep(self.waits_s)
        answer = self.script[min(len(self.prompts), len(self.script)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return ChatResult(generations=[ChatGeneration(message=AIMessage(str(answer)))])


def drafter(*script: object, timeout_s: float = 5.0, waits_s: float = 0.0) -> LanguageModelDrafter:
    chat = ScriptedModel(script=list(script), prompts=[], waits_s=waits_s)
    return LanguageModelDrafter("http://127.0.0.1:9/v1", "tiny", "secret-key", timeout_s, 500, Composer(), chat=chat)


def draft_with(made: LanguageModelDrafter, case: DraftCase = ACK) -> Draft:
    return made.draft(case.ticket, case.triage_case(), company(), today=case.today, decision=case.decision)


def prompts(made: LanguageModelDrafter) -> list[str]:
    assert isinstance(made.chat, ScriptedModel)
    return made.chat.prompts


def answer(edit: Callable[[str], str] = lambda text: text, base: Draft = BASE) -> str:
    """The base letter as a model would send it, edited."""
    proposal = as_proposal(base)
    return edit(json.dumps(proposal, ensure_ascii=False))


def polished() -> str:
    """A good answer: one sentence reworded, nothing else."""
    return answer(lambda text: text.replace("Wystarczy odpowiedź na tę wiadomość.", "Prosimy po prostu odpowiedzieć."))


def test_a_good_answer_becomes_the_letter_with_the_model_as_source() -> None:
    draft = draft_with(drafter(polished()))
    assert draft.degraded == ""
    assert "Prosimy po prostu odpowiedzieć." in draft.body
    assert draft.composer.startswith("llm:tiny@")
    assert draft.kind == BASE.kind
    for sentence in draft.sentences:
        assert draft.body[sentence.start : sentence.end].strip()
        assert sentence.sources[-1].kind is SourceKind.MODEL
    assert not [f for f in ACK.lint(draft, company()) if f.severity is Severity.BLOCK]


def test_lines_that_stand_together_in_the_base_letter_stay_together() -> None:
    draft = draft_with(drafter(answer()))
    assert draft.body == BASE.body


def _bad_answers() -> Iterator[tuple[str, object]]:
    yield "nothing", ""
    yield "white space", "  \n "
    yield "prose", "Oczywiście, chętnie pomogę!"
    yield "refusal", "I'm sorry, but I cannot help with that."
    yield "broken JSON", answer()[:-40]
    yield "JSON array", "[1, 2, 3]"
    yield "JSON number", "42"
    yield "empty object", "{}"
    yield "null fields", '{"subject": null, "paragraphs": null}'
    yield "wrong types", '{"subject": 5, "paragraphs": "text"}'
    yield "no paragraphs", '{"subject": "x", "paragraphs": []}'
    yield "empty sentences", '{"subject": "x", "paragraphs": [{"sentences": []}]}'
    yield "nested a thousand times", '{"a":' * 5000 + "1" + "}" * 5000
    yield "endless", "a" * 100_000
    yield "too short", '{"subject": "x", "paragraphs": [{"sentences": [{"text": "Dziękujemy."}]}]}'
    yield "other language", answer().translate(str.maketrans("aeiouy", "ууееои"))
    yield "repetition", answer(lambda t: t.replace("Szanowni Państwo,", "bardzo " * 300))
    yield "changed date", answer(lambda t: t.replace("4.12.2026", "14.12.2026"))
    yield "dropped date", answer(lambda t: t.replace("najpóźniej 4.12.2026", "wkrótce"))
    yield "new amount", answer(lambda t: t.replace("Szanowni Państwo,", "Szanowni Państwo, 500 zł,"))
    yield "new link", answer(lambda t: t.replace("Szanowni Państwo,", "Szanowni Państwo, https://zly.example.net,"))
    yield "new address", answer(lambda t: t.replace("serwis@domex.example", "serwis@zly.example"))
    yield "new account", answer(lambda t: t.replace("Szanowni", "PL61109010140000071219812874 Szanowni"))
    yield "invented placeholder", answer(lambda t: t.replace("Szanowni Państwo", "Szanowny ⟦PERSON_9·zzzz⟧"))
    yield "acceptance", answer(lambda t: t.replace("Szanowni Państwo,", "Szanowni Państwo, uwzględniamy reklamację,"))
    yield "refund", answer(lambda t: t.replace("Szanowni Państwo,", "Szanowni Państwo, zwrócimy pieniądze,"))
    yield "lost signature", answer(lambda t: t.replace('"Domex Serwis sp. z o.o."', '"Ktoś inny"'))
    yield "changed case number", answer(lambda t: t.replace("G01", "G99"))
    yield "markup", answer(lambda t: t.replace("Szanowni Państwo,", "<b>Szanowni Państwo,</b>"))
    yield "code fence inside", answer(lambda t: t.replace("Szanowni Państwo,", "```Szanowni Państwo,```"))
    yield "lone brackets", answer(lambda t: t.replace("Szanowni Państwo,", "⟧ Szanowni Państwo,"))
    yield "server error", RuntimeError("500 with ticket text")
    yield "connection error", ConnectionError("refused")
    yield "timeout error", TimeoutError()
    yield "null answer", ValueError("no choices")


BAD = dict(_bad_answers())


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_answer_falls_back_to_the_composer_and_says_so(bad: object) -> None:
    started = time.monotonic()
    draft = draft_with(drafter(bad))
    assert time.monotonic() - started < 5.0
    assert replace(draft, degraded="") == BASE
    assert draft.degraded.startswith("llm:tiny: ")
    assert "ticket text" not in draft.degraded


CALM = "Szanowni Państwo, to jest zdanie, które jest tu dla nas i dla państwa, i nie ma w nim nic nowego."


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("nie mieli kawy", "nie mieliło kawy", "a quotation of the base letter is missing or changed"),
        ("Szanowni Państwo,", f"{CALM} " * 12, "the letter is much shorter or longer than the base letter"),
        ("4.12.2026", "wkrótce", "1 figures, dates or numbers of the base letter are missing"),
        ("Szanowni Państwo,", "Szanowni Państwo, 500 zł,", "1 figures, dates or numbers are not in the base letter"),
        ("Szanowni Państwo,", "Szanowni Państwo, zly.pl,", "an address is not in the base letter"),
        ("Szanowni Państwo,", "Szanowni Państwo ⟦PERSON·x⟧,", "a placeholder is not in the base letter"),
        (
            "Szanowni Państwo,",
            "Szanowni Państwo, odrzucamy zgłoszenie,",
            "the letter decides or promises what the base letter does not",
        ),
    ],
)
def test_each_check_stands_alone_and_says_what_is_wrong(old: str, new: str, fault: str) -> None:
    edited = answer(lambda text: text.replace(old, new))
    assert faults_of(read_proposal(edited), BASE, "") == (fault,)


def test_a_letter_in_another_language_than_the_base_letters_is_refused() -> None:
    english = CASES["G02"].compose(company())
    letter = read_proposal(answer(base=english))
    assert faults_of(letter, english, "") == ()
    assert faults_of(letter, replace(english, language="pl"), "") == ("the letter is in the wrong language",)


def test_more_than_thirty_kinds_of_bad_answers_are_tried() -> None:
    assert len(BAD) >= 30


@pytest.mark.parametrize("bad", ["prose", "broken JSON", "changed date", "acceptance", "new link"])
def test_one_repair_round_is_granted_and_told_what_was_wrong(bad: str) -> None:
    made = drafter(BAD[bad], polished())
    assert draft_with(made).degraded == ""
    assert len(prompts(made)) == 2
    assert "cannot be used" in prompts(made)[1]


def test_there_is_no_second_repair_round() -> None:
    made = drafter("prose", "prose", polished())
    assert draft_with(made).degraded != ""
    assert len(prompts(made)) == 2


def test_prose_and_fences_around_the_object_are_tolerated() -> None:
    assert draft_with(drafter(f"Here you are:\n```json\n{polished()}\n```\n")).degraded == ""


def test_the_time_budget_holds_for_a_model_that_never_ends() -> None:
    started = time.monotonic()
    draft = draft_with(drafter(polished(), timeout_s=0.3, waits_s=3.0))
    assert time.monotonic() - started < 1.5
    assert draft.degraded.endswith("time budget spent")


def test_the_budget_covers_both_rounds() -> None:
    made = drafter("prose", polished(), timeout_s=0.5, waits_s=0.35)
    assert draft_with(made).degraded.endswith("time budget spent")


@pytest.mark.parametrize("id", ["G33", "G38", "G45"])
def test_danger_recalls_and_lawyers_are_never_given_to_a_model(id: str) -> None:
    made = drafter(polished())
    draft = draft_with(made, CASES[id])
    assert prompts(made) == []
    assert draft.degraded == ""
    assert draft.kind == CASES[id].kind


def test_a_blocking_check_sends_the_letter_back() -> None:
    def check(draft: Draft, *_: object) -> tuple[Finding, ...]:
        blocked = draft.composer.startswith("llm")
        return (Finding("FORBIDDEN_WORD", Severity.BLOCK, "no"),) if blocked else ()

    made = replace(drafter(polished(), polished()), check=check)
    draft = draft_with(made)
    assert draft.degraded.endswith("not usable after repair: FORBIDDEN_WORD")
    assert "FORBIDDEN_WORD" in prompts(made)[1]


def test_the_model_sees_no_fact_that_redaction_hides() -> None:
    hidden = Fact("serial", "SN-4711-XY", "SN-4711-XY", "m1", 0, 10)
    masked = replace(ACK.ticket.messages[0], body=RedactedText("Ekspres ⟦PERSON_1·ab12⟧ nie mieli kawy."))
    case = replace(ACK, ticket=replace(ACK.ticket, messages=(masked,)), facts=Facts((hidden,)))
    made = drafter("prose")
    draft = draft_with(made, case)
    assert all("SN-4711-XY" not in prompt for prompt in prompts(made))
    assert "SN-4711-XY" in draft.body  # the composer's own letter stays inside
    assert visible_facts(Facts((hidden,)), case.ticket) == Facts()


def test_internal_passages_and_the_key_are_not_shown() -> None:
    made = drafter("prose")
    draft_with(made, CASES["G31"])
    inside = CASES["G31"].passages[0].passage.text
    assert all(inside[:60] not in prompt and "secret-key" not in prompt for prompt in prompts(made))
    assert "secret-key" not in repr(made)


def test_a_server_that_is_down_costs_nothing_but_a_label() -> None:
    started = time.monotonic()
    nowhere = LanguageModelDrafter("http://127.0.0.1:9/v1", "m", "k", 5.0, 100, Composer())
    draft = draft_with(nowhere)
    assert draft.body == BASE.body
    assert draft.degraded.startswith("llm:m: ")
    assert time.monotonic() - started < 5.0
