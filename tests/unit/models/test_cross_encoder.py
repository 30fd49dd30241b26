"""Re-ranking by a cross-encoder as a setting: the model's order, the fusion's floor, and no harm when it is missing."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.answer import NO_FILTERS
from tests.fakes.hashing_encoder import HashingEncoder
from tests.tiny_models import tiny_bert
from triage.adapters.models.cross_encoder import CrossEncoderReranker
from triage.bootstrap.knowledge import Knowledge
from triage.config import Settings
from triage.errors import ModelUnavailable

QUESTION = "zwrot pieniędzy za reklamację"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("cross"), labels=1)


@pytest.fixture(scope="module")
def settings(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("documents")
    for number in range(6):
        (folder / f"P{number}.md").write_text(
            f"---\nid: P{number}\n---\n## Zwrot {number}\n\nZwrot pieniędzy za reklamację numer {number}{number}.\n"
        )
    return Settings(data_dir=tmp_path_factory.mktemp("data"), documents_dir=folder)


def reranking(settings: Settings, model: str, depth: int = 20) -> Knowledge:
    changed = settings.model_copy(update={"reranker": model, "rerank_depth": depth})
    return Knowledge.open(changed, HashingEncoder())


def test_the_first_results_come_in_the_models_order(settings: Settings, model: Path) -> None:
    plain, reranked = reranking(settings, ""), reranking(settings, str(model))
    before, after = plain.search(QUESTION, NO_FILTERS, 6), reranked.search(QUESTION, NO_FILTERS, 6)
    texts = [f"{hit.passage.heading}\n{hit.passage.text}" for hit in before]
    scores = CrossEncoderReranker(str(model)).scores(QUESTION, texts)
    wanted = [before[number].passage.id for number in np.argsort(-scores, kind="stable")]
    assert [hit.passage.id for hit in after] == wanted
    assert len(set(scores.tolist())) > 1
    assert {hit.passage.id for hit in after} == {hit.passage.id for hit in before}
    assert [hit.relevance for hit in after] == [hit.relevance for hit in before]
    texts_of = {hit.passage.id: hit.quote for hit in before}
    assert all(hit.quote == texts_of[hit.passage.id] for hit in after)


def test_what_lies_deeper_keeps_its_place(settings: Settings, model: Path) -> None:
    plain, reranked = reranking(settings, ""), reranking(settings, str(model), depth=2)
    before, after = plain.search(QUESTION, NO_FILTERS, 6), reranked.search(QUESTION, NO_FILTERS, 6)
    assert [hit.passage.id for hit in after[2:]] == [hit.passage.id for hit in before[2:]]
    assert {hit.passage.id for hit in after[:2]} == {hit.passage.id for hit in before[:2]}


def test_a_question_without_an_answer_gets_none(settings: Settings, model: Path) -> None:
    assert reranking(settings, str(model)).search("kto wygrał mecz", NO_FILTERS, 5) == ()


def test_a_missing_model_leaves_the_order_as_it_is_within_a_second_and_says_so(settings: Settings) -> None:
    plain = reranking(settings, "")
    started = time.perf_counter()
    missing = reranking(settings, "nobody/no-such-reranker")
    assert time.perf_counter() - started < 1.5
    assert "nobody/no-such-reranker" in missing.degraded
    assert missing.search(QUESTION, NO_FILTERS, 6) == plain.search(QUESTION, NO_FILTERS, 6)


def test_a_model_that_gives_more_than_one_score_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="not one"):
        CrossEncoderReranker(str(tiny_bert(tmp_path / "two", labels=2)))
