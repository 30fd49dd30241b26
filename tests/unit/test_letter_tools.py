"""The wiring of letters: a model's letter is checked like every other, and who tells histories is a setting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.llm.test_drafter import ScriptedModel
from training.draft_cases import company, read_cases
from training.injections import as_proposal
from triage.adapters.llm import LanguageModelDrafter, LanguageModelLineWriter
from triage.bootstrap import tools
from triage.config import Settings
from triage.errors import ConfigurationError, ModelUnavailable
from triage.stages.draft import Composer

CASE = next(case for case in read_cases() if case.id == "G01")
LLM = {"llm_base_url": "http://127.0.0.1:9/v1", "llm_model": "tiny"}


def test_the_language_model_of_the_settings_is_checked_by_the_lint_stage(tmp_path: Path) -> None:
    drafter = tools._drafter(Settings(data_dir=tmp_path, **LLM))  # type: ignore[arg-type]
    assert isinstance(drafter, LanguageModelDrafter)
    assert drafter.check is tools.check_letter


@pytest.mark.parametrize(
    "unlawful", ["Bez paragonu nie przyjmujemy reklamacji.", "Jako model językowy nie mogę podjąć decyzji."]
)
def test_a_models_letter_that_a_check_blocks_gives_way_to_the_composers_labelled(unlawful: str) -> None:
    base = CASE.compose(company())
    answer = json.dumps(as_proposal(base, unlawful), ensure_ascii=False)
    chat = ScriptedModel(script=[answer, answer], prompts=[])
    drafter = LanguageModelDrafter(
        "http://127.0.0.1:9/v1", "tiny", "", 5.0, 500, Composer(), tools.check_letter, chat
    )  # fmt: skip
    draft = drafter.draft(CASE.ticket, CASE.triage_case(), company(), today=CASE.today)
    assert unlawful not in draft.body
    assert replace(draft, degraded="") == base
    assert draft.degraded.startswith("llm:tiny: not usable after repair")


def test_nobody_tells_histories_unless_a_setting_says_who(tmp_path: Path) -> None:
    assert tools._line_writer(Settings(data_dir=tmp_path)) is None
    writer = tools._line_writer(Settings(data_dir=tmp_path, summariser="llm", **LLM))  # type: ignore[arg-type]
    assert isinstance(writer, LanguageModelLineWriter)
    with pytest.raises(ConfigurationError, match="TRIAGE_LLM_BASE_URL"):
        tools._line_writer(Settings(data_dir=tmp_path, summariser="llm"))
    with pytest.raises(ModelUnavailable, match="sequence-to-sequence"):
        tools._line_writer(Settings(data_dir=tmp_path, summariser=str(tmp_path)))
