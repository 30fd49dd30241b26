"""Other tools use the knowledge base as a langchain retriever: in a chain, in batches, and only what they may see."""

from __future__ import annotations

import pytest
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from triage.adapters.langchain_retriever import KnowledgeRetriever
from triage.bootstrap.retriever import open_retriever
from triage.config import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "M03.md").write_text(
        "---\nid: M03\nversion: '3'\ntitle: AquaSpin\naudience: customer\n---\n"
        "## Kod E18\n\nE18 oznacza, że pralka nie wypompowuje wody: oczyścić filtr pompy.\n"
    )
    (folder / "P09.md").write_text(
        "---\nid: P09\nversion: '1'\ntitle: Eskalacje\naudience: internal\n---\n"
        "## Kod E18\n\nE18 zgłasza się liderowi.\n"
    )
    return Settings(data_dir=tmp_path_factory.mktemp("data"), documents_dir=folder)


@pytest.fixture(scope="module")
def retriever(settings: Settings) -> KnowledgeRetriever:
    return open_retriever(audience="customer", settings=settings)


def test_documents_carry_their_proof(retriever: KnowledgeRetriever, settings: Settings) -> None:
    [found] = retriever.invoke("pralka wywala E-18")
    assert isinstance(found, Document)
    about = found.metadata
    assert (found.id, about["document"], about["version"], about["section"]) == ("M03@3#0", "M03", "3", ["Kod E18"])
    text = (settings.documents_dir / about["source"]).read_text()
    assert text[about["quote_start"] : about["quote_end"]] == about["quote"]
    assert about["quote"] in found.page_content


def test_internal_documents_stay_inside_unless_asked_for(retriever: KnowledgeRetriever, settings: Settings) -> None:
    assert {found.metadata["document"] for found in retriever.invoke("E18")} == {"M03"}
    everything = open_retriever(settings=settings)
    assert {found.metadata["document"] for found in everything.invoke("E18")} == {"M03", "P09"}


def test_it_works_in_a_chain_with_a_prompt(retriever: KnowledgeRetriever) -> None:
    seen: list[str] = []

    def told(prompt: object) -> object:
        seen.append(str(prompt))
        return prompt

    def joined(found: list[Document]) -> str:
        return "\n".join(document.page_content for document in found)

    prompt = ChatPromptTemplate.from_template("Odpowiedz tylko z tego:\n{context}\n\nPytanie: {question}")
    chain = (
        {"context": retriever | joined, "question": RunnablePassthrough()}
        | prompt
        | RunnableLambda(told)
        | FakeListChatModel(responses=["Oczyścić filtr."])
        | StrOutputParser()
    )
    assert chain.invoke("co znaczy E18?") == "Oczyścić filtr."
    assert "oczyścić filtr pompy" in seen[0]
    assert "co znaczy E18?" in seen[0]


def test_batches_and_questions_without_an_answer(retriever: KnowledgeRetriever) -> None:
    first, second = retriever.batch(["E18", "kto wygrał mecz w sobotę"])
    assert [found.metadata["document"] for found in first] == ["M03"]
    assert second == []
