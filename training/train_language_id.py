"""Make ``knowledge_base/tokenise/language.json``: log odds of character trigrams, Polish against English.

    python -m training.train_language_id --pairs en_pl_pairs.jsonl.gz

Trains on the pairs of split "train" and reports accuracy on split "dev", whole and cut to three words.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
from collections import Counter
from pathlib import Path

from knowledge_base.tokenise.language import detect_language, trigrams

OUT = Path(__file__).parent.parent / "knowledge_base" / "tokenise" / "language.json"
KEPT = 5000
SMOOTHING = 5.0


def read_pairs(path: Path, split: str) -> list[tuple[str, str]]:
    """(English, Polish) sentences of one split."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return [(row["en"], row["pl"]) for row in rows if row["split"] == split]


def log_odds(pairs: list[tuple[str, str]]) -> dict[str, float]:
    """Smoothed log P(trigram | Polish) / P(trigram | English) of the trigrams that tell most."""
    english = Counter(gram for en, _ in pairs for gram in trigrams(en))
    polish = Counter(gram for _, pl in pairs for gram in trigrams(pl))
    grams = english.keys() | polish.keys()
    total_en = english.total() + SMOOTHING * len(grams)
    total_pl = polish.total() + SMOOTHING * len(grams)
    odds = {
        g: math.log((polish[g] + SMOOTHING) / total_pl) - math.log((english[g] + SMOOTHING) / total_en) for g in grams
    }
    telling = sorted(grams, key=lambda g: (-abs(odds[g]) * (english[g] + polish[g]), g))[:KEPT]
    return {gram: round(odds[gram], 1) for gram in sorted(telling)}


def accuracy(pairs: list[tuple[str, str]], words: int | None) -> float:
    """Share of sentences told right, each cut to so many words."""
    hits = sum(
        (detect_language(" ".join(en.split()[:words])) == "en")
        + (detect_language(" ".join(pl.split()[:words])) == "pl")
        for en, pl in pairs
    )
    return hits / (2 * len(pairs))


def main() -> None:
    """Train, write, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    arguments = parser.parse_args()
    digest = hashlib.sha256(arguments.pairs.read_bytes()).hexdigest()
    train = read_pairs(arguments.pairs, "train")
    dev = [(en, pl) for en, pl in read_pairs(arguments.pairs, "dev") if en.lower() != pl.lower()]
    print(f"pairs: {len(train)} train, {len(dev)} dev, sha256 {digest}")
    model = {"data": "English–Polish sentence pairs", "data_sha256": digest, "log_odds": log_odds(train)}
    OUT.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"accuracy on dev: whole {accuracy(dev, None):.4f}, three words {accuracy(dev, 3):.4f}")


if __name__ == "__main__":
    main()
