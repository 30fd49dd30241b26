"""Read and write retrieval sets in BEIR's form; every file may be gzipped."""

from __future__ import annotations

import argparse
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Documents, queries, and which document answers which query.

    Attributes:
        documents: id → (title, text).
        queries: id → text; only those with a judgement.
        qrels: query id → document id → gain > 0.
    """

    documents: dict[str, tuple[str, str]]
    queries: dict[str, str]
    qrels: dict[str, dict[str, float]]


def open_text(path: Path) -> IO[str]:
    """Open a text file, unpacking it if it begins like gzip, whatever its name."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8") if packed else path.open(encoding="utf-8")


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """JSON lines."""
    with open_text(path) as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def set_arguments(description: str | None) -> argparse.ArgumentParser:
    """Command line of a program that asks the queries of a set: its three files, ``--encoder``, ``--json``."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for file in ("corpus", "queries", "qrels"):
        parser.add_argument(f"--{file}", type=Path, required=True)
    parser.add_argument("--encoder", default="shipped", help="shipped, or what TRIAGE_ENCODER may say")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def read_set(corpus: Path, queries: Path, qrels: Path) -> RetrievalSet:
    """Read a set; queries without a relevant document are left out, as trec_eval does."""
    judged: dict[str, dict[str, float]] = {}
    with open_text(qrels) as lines:
        for line in lines:
            columns = line.split()
            # BEIR has a header; TREC has four columns and none
            if len(columns) < 3 or columns[0] == "query-id":
                continue
            if float(columns[-1]) > 0:
                judged.setdefault(columns[0], {})[columns[-2]] = float(columns[-1])
    documents = {str(row["_id"]): (row.get("title") or "", row["text"]) for row in read_rows(corpus)}
    asked = {str(row["_id"]): row["text"] for row in read_rows(queries)}
    return RetrievalSet(documents, {query: asked[query] for query in judged if query in asked}, judged)


def write_set(folder: Path, found: RetrievalSet) -> None:
    """Write ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(folder / "corpus.jsonl", ({"_id": i, "title": t, "text": x} for i, (t, x) in found.documents.items()))
    _write_rows(folder / "queries.jsonl", ({"_id": i, "text": text} for i, text in found.queries.items()))
    rows = (f"{q}\t{d}\t{gain:g}\n" for q, gains in found.qrels.items() for d, gain in gains.items())
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(rows), encoding="utf-8")


def _write_rows(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
