"""The sample company's documents, indexed once with an encoder that needs no model."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import knowledge_base
from knowledge_base.build import build_index
from knowledge_base.hybrid import KnowledgeIndex
from knowledge_base.store import open_index
from tests.fakes.hashing_encoder import HashingEncoder

DOCUMENTS = Path(knowledge_base.__file__).parent / "documents"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def documents() -> Path:
    return DOCUMENTS


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeIndex:
    folder = tmp_path_factory.mktemp("index")
    report = build_index(DOCUMENTS, folder, HashingEncoder())
    assert report.faults == ()
    return open_index(folder, HashingEncoder(), today=lambda: TODAY)
