"""Make the files of common words, so that an index is built without asking dictionary and tokenizer for them again.

    python -m training.common_words --pairs en_pl_pairs.jsonl.gz --sections procedures_pl.jsonl.gz

``knowledge_base/tokenise/common_words.npz`` holds ids of the search keys of Polish words,
``triage/adapters/models/common_pieces.npz`` the shipped encoder's sub-words of pieces of words, both by 64-bit hashes.
Words are all of the Polish sections, of the shipped example tickets, and of the pairs of split "train": of both
languages, as English words stand in Polish texts too. Sources and licences: model card of
``triage/adapters/models/shipped/encoder-pl-en``; lemmas are those of SGJP (BSD-2-Clause, through morfeusz2).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from knowledge_base.sparse.key_terms import keys_of
from knowledge_base.tokenise import HashedRows, fold_all, term_ids, words_of
from knowledge_base.tokenise.common_words import COMMON_WORDS, made_with
from knowledge_base.tokenise.words import stems
from training.count_words import sentences_of
from triage.adapters.company import SHIPPED as COMPANY
from triage.adapters.models.piece_tokens import COMMON_PIECES, PieceSplitter
from triage.adapters.models.static_encoder import SHIPPED, TOKENIZER
from triage.adapters.models.text_pieces import pieces_of

SEEDS = COMPANY / "seed"
_TEXTS_AT_ONCE = 20_000


def common_words(pairs: Path, sections: Path) -> list[str]:
    """Different words of letters in order."""
    seeds = [row["text"] for path in sorted(SEEDS.rglob("*.jsonl")) for row in map(json.loads, path.open("rb"))]
    sentences = [*seeds, *(sentence for sentence, _ in sentences_of(pairs, sections))]
    batches = (sentences[first : first + _TEXTS_AT_ONCE] for first in range(0, len(sentences), _TEXTS_AT_ONCE))
    return sorted({word for batch in batches for word in words_of(batch).distinct if word.isalpha()})


def write_keys(words: Sequence[str], out: Path) -> None:
    """Write the search keys of Polish words, as written and in ASCII, and English stems that are other words."""
    found = words_of(["\n".join({*words, *fold_all(words)})])
    order = found.hashes.argsort()
    folded = fold_all([found.distinct[number] for number in order.tolist()])
    of_folded = term_ids(stems("english", folded))
    stemmed = (of_folded != term_ids(folded)).nonzero()[0].astype(np.uint32)
    rows = HashedRows.of(found.hashes, keys_of(found.distinct, "pl"))
    rows.write(out, made_with(), np.uint64, stemmed=stemmed, stems=of_folded[stemmed])


def write_pieces(words: Sequence[str], out: Path) -> None:
    """Write the sub-words of the pieces of words."""
    file = SHIPPED / TOKENIZER
    pieces = pieces_of(["\n".join(words)])
    plain = pieces.plain.nonzero()[0]
    split = PieceSplitter(Tokenizer.from_file(str(file))).plain(pieces.spelt(plain))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    HashedRows.of(pieces.hashes[plain], split).write(out, digest, np.uint16)


def main() -> None:
    """Collect and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--sections", type=Path, required=True)
    arguments = parser.parse_args()
    words = common_words(arguments.pairs, arguments.sections)
    write_keys(words, COMMON_WORDS)
    write_pieces(words, COMMON_PIECES)
    sizes = ", ".join(f"{path.name} {path.stat().st_size} bytes" for path in (COMMON_WORDS, COMMON_PIECES))
    print(f"{len(words)} words; {sizes}")


if __name__ == "__main__":
    main()
