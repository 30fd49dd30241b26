"""What the search benchmark asks of every system: passages, queries and which passages answer them."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge_base.answer import NO_FILTERS
from knowledge_base.build import build_index
from knowledge_base.passage import Passage
from knowledge_base.store import open_index
from tests.fakes.hashing_encoder import HashingEncoder
from training.beir_files import open_text, read_set
from training.evaluate_questions import DOCUMENTS, TODAY
from training.questions import QUESTIONS, read_questions, retrieval_set
from training.retrieval_runs import passages_of

SEED = 5
MAX_QUERIES = 300
#: Asked first, as first use loads dictionaries.
QUESTION = "pralka pokazuje E18 i nie odpompowuje"
_OTHER_QUESTIONS = ("questions_fresh.jsonl", "questions_hard.jsonl", "questions_near_misses.jsonl")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Workload:
    """Passages and judged queries.

    Attributes:
        queries: query id → text.
        qrels: query id → passage id → gain > 0.
        asked_before: other questions, which a process has answered before it is measured.
    """

    passages: tuple[Passage, ...]
    queries: dict[str, str]
    qrels: dict[str, dict[str, float]]
    asked_before: tuple[str, ...]


def sample_workload() -> Workload:
    """The sample company's documents in force and its answerable questions; every passage of a gold section gains 1."""
    with tempfile.TemporaryDirectory() as folder:
        # By another process: this one must not know the words before it is measured.
        subprocess.run([sys.executable, "-m", "tests.benchmarks.search_workload", folder], check=True)
        index = open_index(Path(folder), HashingEncoder(), today=lambda: TODAY)
        in_force = index.parts.facets.mask(NO_FILTERS, TODAY).nonzero()[0].tolist()
        passages = tuple(index.parts.passages[number] for number in in_force)
    found = retrieval_set(read_questions(), passages)
    before = [question.text for name in _OTHER_QUESTIONS for question in read_questions(QUESTIONS.with_name(name))]
    return Workload(passages, found.queries, found.qrels, tuple(before))


def set_workload(folder: Path) -> Workload:
    """A retrieval set in BEIR's form: corpus.jsonl, queries.jsonl, qrels.tsv; its later queries are asked before."""
    found = read_set(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")
    queries = list(found.queries.items())
    measured, before = queries[:MAX_QUERIES], queries[MAX_QUERIES:][:MAX_QUERIES]
    passages = tuple(passages_of(found.documents))
    return Workload(passages, dict(measured), found.qrels, tuple(text for _, text in before))


def many_passages(count: int, text: Path | None) -> Iterator[Passage]:
    """Passages of 4 sentences each, drawn anew from a file of texts, or from the sample documents.

    Args:
        count: how many.
        text: JSON lines with a ``text``, or plain text; may be gzipped.
    """
    sentences = _sentences(text)
    rng = random.Random(SEED)
    about = Passage("", "", "1", "", (), "", 0, 0)
    for number in range(count):
        body = " ".join(rng.choices(sentences, k=4))
        name = f"d{number // 20}"
        yield replace(about, id=f"{name}@1#{number}", document_id=name, title=body[:40], text=body, end=len(body))


def _sentences(text: Path | None) -> Sequence[str]:
    if text is None:
        whole = "\n".join(passage.text for passage in sample_workload().passages)
    else:
        with open_text(text) as lines:
            whole = lines.read()
    return [sentence for sentence in _SENTENCE.split(whole) if 30 <= len(sentence) <= 400]


if __name__ == "__main__":
    build_index(DOCUMENTS, Path(sys.argv[1]), HashingEncoder())
