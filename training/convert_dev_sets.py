"""Bring the development sets for search into BEIR's form, for ``evaluate_retrieval`` and ``tune_fusion``.

    python -m training.convert_dev_sets --data DIR --out DIR

Writes the folders poquad, scifact-train, galaxy-s10, galaxy-s10-among-others (the same questions, over the sections of
38 more manuals too, to measure speed), procedures-en-pl (every section whose English heading names it alone, over all
sections) and procedures-en-pl-quarter (the same over every fourth document).
"""

from __future__ import annotations

import argparse
import re
import zlib
from collections import Counter
from pathlib import Path

from training.beir_files import RetrievalSet, read_rows, read_set, write_set


def poquad(data: Path) -> RetrievalSet:
    """Polish questions → the passage they were asked about."""
    documents: dict[str, tuple[str, str]] = {}
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, float]] = {}
    ids: dict[str, str] = {}
    for row in read_rows(data / "poquad_2022.jsonl.gz"):
        document = ids.setdefault(row["passage"], f"p{len(ids)}")
        documents[document] = ("", row["passage"])
        for question in row["questions"]:
            query = f"q{len(queries)}"
            queries[query] = question
            qrels[query] = {document: 1.0}
    return RetrievalSet(documents, queries, qrels)


def galaxy(data: Path) -> RetrievalSet:
    """Questions → the manual's section named last in the gold path."""
    rows = list(read_rows(data / "manual_galaxy_s10.jsonl.gz"))
    documents = {f"s{number}": (row["title"], row["text"]) for number, row in enumerate(rows)}
    queries: dict[str, str] = {}
    qrels: dict[str, dict[str, float]] = {}
    for row in read_rows(data / "manual_galaxy_s10_questions.jsonl.gz"):
        wanted = _plain(row["section_path"].split(">")[-1])
        queries[row["question_id"]] = row["question"]
        qrels[row["question_id"]] = {i: 1.0 for i, (title, _) in documents.items() if _plain(title) == wanted}
    return RetrievalSet(documents, queries, qrels)


def galaxy_among_others(data: Path) -> RetrievalSet:
    """The same questions over the sections of other phones' manuals too; only those of the manual asked about count."""
    found = galaxy(data)
    others = enumerate(read_rows(data / "manuals_other_phones.jsonl.gz"))
    documents = {f"o{number}": (f"{row['manual']} {row['title']}", row["text"]) for number, row in others}
    return RetrievalSet({**found.documents, **documents}, found.queries, found.qrels)


def procedures(data: Path, part: int) -> RetrievalSet:
    """English headings → the Polish section; of every ``part``-th document."""
    rows = [
        row for row in read_rows(data / "procedures_pl.jsonl.gz") if zlib.crc32(row["doc"].encode("utf-8")) % part == 0
    ]
    named = Counter(row["heading_en_slug"] for row in rows)
    documents = {f"s{number}": (row["heading_pl"], row["text"]) for number, row in enumerate(rows)}
    asked = {f"s{n}": row["heading_en_slug"] for n, row in enumerate(rows) if row["heading_en_slug"]}
    queries = {f"q{i}": slug.replace("-", " ") for i, slug in asked.items() if named[slug] == 1}
    return RetrievalSet(documents, queries, {query: {query[1:]: 1.0} for query in queries})


def _plain(title: str) -> str:
    return re.sub(r"\W+", " ", title).strip().lower()


def main() -> None:
    """Convert all sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    data: Path = arguments.data
    sets = {
        "poquad": poquad(data),
        "galaxy-s10": galaxy(data),
        "galaxy-s10-among-others": galaxy_among_others(data),
        "procedures-en-pl": procedures(data, 1),
        "procedures-en-pl-quarter": procedures(data, 4),
        "scifact-train": read_set(
            data / "scifact_corpus.jsonl.gz", data / "scifact_queries.jsonl.gz", data / "scifact_qrels_train.tsv.gz"
        ),
    }
    for name, found in sets.items():
        write_set(arguments.out / name, found)
        print(f"{name}: {len(found.documents)} documents, {len(found.queries)} queries")


if __name__ == "__main__":
    main()
