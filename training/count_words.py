"""Make ``knowledge_base/tokenise/word_counts.txt``: how common words are in Polish and English at large.

    python -m training.count_words --pairs en_pl_pairs.jsonl.gz --sections procedures_pl.jsonl.gz

Counts in how many sentences a word's stem stands: both languages of the pairs of split "train", and the Polish
sections. A line of the file holds the stems of about as many sentences: the binary logarithm, rounded, then the stems.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from knowledge_base.tokenise import split_words, word_keys

OUT = Path(__file__).parent.parent / "knowledge_base" / "tokenise" / "word_counts.txt"
# A word of fewer sentences counts as one that never occurs.
LEAST = 5
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
HEADER = """\
# How common words are in Polish and English at large: log2 of the number of sentences, then stems.
# Made by training/count_words.py of {sentences} sentences from en_pl_pairs (train) and procedures_pl;
# sources and licences: model card of triage/adapters/models/shipped/encoder-pl-en. SHA-256 of the data:
# {digests}
"""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def sentences_of(pairs: Path, sections: Path) -> Iterator[tuple[str, str]]:
    """Sentences with their languages."""
    for row in read_rows(pairs):
        if row["split"] == "train":
            yield row["pl"], "pl"
            yield row["en"], "en"
    for row in read_rows(sections):
        yield from ((sentence, "pl") for sentence in _SENTENCE_END.split(row["text"]))


def count_stems(sentences: Iterable[tuple[str, str]]) -> Counter[str]:
    """In how many sentences a stem stands, in the language where it stands in more."""
    counts: dict[str, Counter[str]] = {"pl": Counter(), "en": Counter()}
    for sentence, language in sentences:
        words = filter(str.isalpha, split_words(sentence))
        counts[language].update({stem for word in words for stem in word_keys(word, language)[-1:]})
    return counts["pl"] | counts["en"]


def lines_of(counts: Counter[str]) -> list[str]:
    """Lines of the file, the commonest stems last."""
    classes: defaultdict[int, list[str]] = defaultdict(list)
    for stem, count in sorted(counts.items()):
        if count >= LEAST:
            classes[round(math.log2(count))].append(stem)
    return [f"{level} {' '.join(stems)}" for level, stems in sorted(classes.items())]


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--sections", type=Path, required=True)
    arguments = parser.parse_args()
    files = (arguments.pairs, arguments.sections)
    digests = ", ".join(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)
    sentences = list(sentences_of(*files))
    lines = lines_of(count_stems(sentences))
    OUT.write_text(HEADER.format(sentences=len(sentences), digests=digests) + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(sentences)} sentences, {sum(line.count(' ') for line in lines)} stems, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
