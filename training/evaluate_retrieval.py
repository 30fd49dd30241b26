"""Measure search on a retrieval set in BEIR's form: raw BM25, lexical, dense and hybrid.

    python -m training.evaluate_retrieval --corpus C.jsonl --queries Q.jsonl --qrels R.tsv [--encoder DIR] [--json]

Prints nDCG@10, Recall@10 and @100, MRR@10 as means over all judged queries (one for which nothing is found counts 0),
queries per second, seconds to index and MiB on disk. Files may be gzipped.
"""

from __future__ import annotations

import json
import time
from statistics import fmean

from training.beir_files import RetrievalSet, read_set, set_arguments
from training.encoders import open_service_encoder
from training.retrieval_metrics import ndcg, recall, reciprocal_rank
from training.retrieval_runs import Ranker, rankers_of


def measure(found: RetrievalSet, ranker: Ranker) -> dict[str, float]:
    """Run all queries and average."""
    names = list(found.documents)
    started = time.perf_counter()
    runs = {query: [names[number] for number in ranker.rank(text)] for query, text in found.queries.items()}
    seconds = time.perf_counter() - started
    judged = [(runs[query], found.qrels[query]) for query in found.queries]
    return {
        "ndcg@10": round(fmean(ndcg(ranked, gains, 10) for ranked, gains in judged), 4),
        "recall@10": round(fmean(recall(ranked, gains, 10) for ranked, gains in judged), 4),
        "recall@100": round(fmean(recall(ranked, gains, 100) for ranked, gains in judged), 4),
        "mrr@10": round(fmean(reciprocal_rank(ranked, gains, 10) for ranked, gains in judged), 4),
        "queries_per_s": round(len(judged) / seconds, 1),
        "index_s": round(ranker.index_s, 2),
        "index_mb": round(ranker.index_mb, 2),
    }


def main() -> None:
    """Read, run, print."""
    parser = set_arguments(__doc__)
    arguments = parser.parse_args()
    found = read_set(arguments.corpus, arguments.queries, arguments.qrels)
    if not found.queries:
        parser.error("no query has a relevant document: check that the ids of --queries and --qrels are the same")
    encoder = open_service_encoder(arguments.encoder)
    measured = {name: measure(found, ranker) for name, ranker in rankers_of(found, encoder).items()}
    if arguments.json:
        about = {"encoder": encoder.name, "documents": len(found.documents), "queries": len(found.queries)}
        print(json.dumps({**about, "rankers": measured}, indent=1))
        return
    print(f"{len(found.documents)} documents, {len(found.queries)} queries, encoder {encoder.name}")
    columns = list(measured["hybrid"])
    print(f"{'':8}" + "".join(f"{column:>14}" for column in columns))
    for name, row in measured.items():
        print(f"{name:8}" + "".join(f"{row[column]:14}" for column in columns))


if __name__ == "__main__":
    main()
