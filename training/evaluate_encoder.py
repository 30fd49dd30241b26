"""Measure an encoder: few-shot classification, sentence similarity, translation search.

    python -m training.evaluate_encoder --encoder DIR --massive F --stsb F --bitext F [--json]

DIR is ``shipped``, a directory with ``manifest.json`` (a static encoder), or any sentence-transformers directory or
name. All texts are encoded as queries: the tasks are symmetric, and E5 wants ``query: `` there.

- Classification follows MTEB (Muennighoff et al. 2023, section 3): 8 examples per label drawn from the training
  rows, logistic regression, accuracy on the other rows, mean of 10 draws.
- Similarity is Spearman's rank correlation of cosine and human score.
- Bitext accuracy: how often the nearest English sentence is the translation.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression

from knowledge_base.passage import Encoder
from training.embedding_data import read_rows
from training.encoders import open_encoder

PER_LABEL = 8
DRAWS = 10
FIRST_SEED = 42


def few_shot_accuracy(
    train: NDArray[np.float32], train_labels: Sequence[str], test: NDArray[np.float32], test_labels: Sequence[str]
) -> dict[str, float]:
    """MTEB's classification protocol: mean accuracy and its spread over the draws, in percent.

    Args:
        train: vectors to draw from, shape (n, dim).
        train_labels: their n labels.
        test: vectors to classify, shape (m, dim).
        test_labels: their m labels.
    """
    labels = np.asarray(train_labels)
    scores = []
    for seed in range(FIRST_SEED, FIRST_SEED + DRAWS):
        drawn = _draw(labels, np.random.default_rng(seed))
        model = LogisticRegression(max_iter=100).fit(train[drawn], labels[drawn])
        scores.append(100 * float(model.score(test, np.asarray(test_labels))))
    return {"accuracy": round(float(np.mean(scores)), 2), "deviation": round(float(np.std(scores)), 2)}


def _draw(labels: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.intp]:
    """Row numbers of up to 8 random examples of each label."""
    order = rng.permutation(len(labels))
    return np.concatenate([order[labels[order] == label][:PER_LABEL] for label in np.unique(labels)])


def similarity_correlation(first: NDArray[np.float32], second: NDArray[np.float32], scores: Sequence[float]) -> float:
    """Spearman's correlation of row-wise cosine and human score, in percent."""
    return round(100 * float(spearmanr((first * second).sum(axis=1), scores).statistic), 2)


def translation_accuracy(queries: NDArray[np.float32], translations: NDArray[np.float32]) -> float:
    """How often row i of the translations is the nearest to query i, in percent."""
    nearest = (queries @ translations.T).argmax(axis=1)
    return round(100 * float((nearest == np.arange(len(queries))).mean()), 2)


def measure_massive(encoder: Encoder, path: Path) -> dict[str, Any]:
    """Few-shot intents and scenarios in both languages; rows: partition, intent, scenario, utt_pl, utt_en."""
    rows = list(read_rows(path))
    train = [row for row in rows if row["partition"] == "train"]
    test = [row for row in rows if row["partition"] != "train"]
    result: dict[str, Any] = {"train_rows": len(train), "test_rows": len(test)}
    for language in ("pl", "en"):
        known = encoder.encode_queries([row[f"utt_{language}"] for row in train])
        asked = encoder.encode_queries([row[f"utt_{language}"] for row in test])
        for label in ("intent", "scenario"):
            result[f"{label}_{language}"] = few_shot_accuracy(
                known, [row[label] for row in train], asked, [row[label] for row in test]
            )
    return result


def measure_similarity(encoder: Encoder, path: Path) -> dict[str, Any]:
    """Similarity within Polish, within English and across; rows: pl [a, b], en [a, b], score."""
    rows = list(read_rows(path))
    scores = [float(row["score"]) for row in rows]
    side = {lang: [encoder.encode_queries([row[lang][i] for row in rows]) for i in (0, 1)] for lang in ("pl", "en")}
    return {
        "rows": len(rows),
        "pl": similarity_correlation(side["pl"][0], side["pl"][1], scores),
        "en": similarity_correlation(side["en"][0], side["en"][1], scores),
        "en_pl": similarity_correlation(side["en"][0], side["pl"][1], scores),
    }


def measure_bitext(encoder: Encoder, path: Path) -> dict[str, Any]:
    """Translation search over the rows that are not for training; rows: split, pl, en."""
    rows = [row for row in read_rows(path) if row["split"] != "train"]
    polish, english = (
        encoder.encode_queries([row["pl"] for row in rows]),
        encoder.encode_queries([row["en"] for row in rows]),
    )
    return {
        "rows": len(rows),
        "pl_en": translation_accuracy(polish, english),
        "en_pl": translation_accuracy(english, polish),
    }


def main() -> None:
    """Measure what the arguments name and print it."""
    parser = argparse.ArgumentParser(description="Measure an encoder.")
    parser.add_argument("--encoder", required=True, help="'shipped', a directory, or a sentence-transformers name")
    parser.add_argument("--massive", type=Path, help="utterances with intents and scenarios, JSON lines")
    parser.add_argument("--stsb", type=Path, help="sentence pairs with similarity scores, JSON lines")
    parser.add_argument("--bitext", type=Path, help="translations with a split column, JSON lines")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    arguments = parser.parse_args()
    started = time.perf_counter()
    encoder = open_encoder(arguments.encoder)
    result: dict[str, Any] = {"encoder": encoder.name, "load_seconds": round(time.perf_counter() - started, 3)}
    measures = {"massive": measure_massive, "stsb": measure_similarity, "bitext": measure_bitext}
    for name, measure in measures.items():
        if path := getattr(arguments, name):
            result[name] = measure(encoder, path)
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for section, values in result.items():
        for key, value in values.items() if isinstance(values, dict) else [("", values)]:
            print(f"{section:14} {key:12} {value}")


if __name__ == "__main__":
    main()
