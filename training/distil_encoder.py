"""Distil the bilingual static encoder from an English teacher, over Polish-English sentence pairs.

    python -m training.distil_encoder --pairs PAIRS.jsonl.gz --out DIR --seed 0 [--without massive] [--english F …]

Writes ``model.safetensors`` (int8), ``tokenizer.json``, ``metrics.json``, ``README.md`` (model card) and
``manifest.json`` to DIR. Teacher vectors are kept in ``--cache`` and reused.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.embedding_data import PairSplit, attribution, read_rows, sha256_of, split_pairs
from training.encoder_card import model_card
from training.encoder_files import CARD, METRICS, write_encoder, write_manifest
from training.encoder_student import Recipe, principal_directions, train_student
from training.encoder_tokenizer import WORD, train_tokenizer
from training.evaluate_encoder import translation_accuracy
from training.inflection import other_forms
from training.teacher_vectors import packaged_teacher, teacher_vectors
from training.word_bags import WordBags
from triage.adapters.models.static_encoder import StaticEncoder

VOCABULARY = 32_000


def main() -> None:
    """Read, train, write, measure on the held-out pairs."""
    arguments = _arguments()
    recipe = Recipe(**{field.name: getattr(arguments, field.name) for field in fields(Recipe)})
    torch.set_num_threads(arguments.threads)
    started = time.perf_counter()
    pairs = split_pairs(read_rows(arguments.pairs), frozenset(arguments.without))
    extra = [row["text"] for path in arguments.english for row in read_rows(path)]
    inputs = {path.name: sha256_of(path) for path in [arguments.pairs, *arguments.english]}
    inputs["teacher"] = sha256_of(arguments.teacher / "model.safetensors")
    print(f"seed {recipe.seed}, {arguments.device}, {len(pairs.train)} pairs, {len(pairs.held_out)} held out,")
    print(f"{len(extra)} English sentences more, vocabulary {arguments.vocabulary}, inputs:")
    for name, digest in inputs.items():
        print(f"  {digest}  {name}")
    tokenizer, table = _train(pairs, extra, recipe, arguments)
    write_encoder(arguments.out, table, tokenizer)
    metrics = {
        "recipe": asdict(recipe),
        "vocabulary": len(table),
        "pairs": len(pairs.train),
        "english_only": len(extra),
        "left_out_sources": sorted(arguments.without),
        "inputs_sha256": inputs,
        "held_out": _measure(StaticEncoder.load(arguments.out), pairs),
    }
    (arguments.out / METRICS).write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    command = _shown_command(sys.argv[1:])
    card = model_card(metrics, attribution(pairs.train), [path.name for path in arguments.english], command)
    (arguments.out / CARD).write_text(card, encoding="utf-8")
    write_manifest(arguments.out)
    name = StaticEncoder.load(arguments.out).name
    print(f"{name} in {time.perf_counter() - started:.0f} s; held out: {metrics['held_out']}")


def _train(
    pairs: PairSplit, extra: list[str], recipe: Recipe, arguments: argparse.Namespace
) -> tuple[Tokenizer, NDArray[np.float32]]:
    """Tokenizer and table; an English sentence without a translation stands on both sides."""
    english = [pair.english for pair in pairs.train] + extra
    polish = [pair.polish for pair in pairs.train] + extra
    tokenizer = train_tokenizer(english + polish[: len(pairs.train)], arguments.vocabulary)
    words = {word for pair in pairs.train for word in WORD.findall(pair.polish.lower())}
    forms = other_forms(sorted(words)) if recipe.swap else {}
    vectors = teacher_vectors(english, arguments.teacher, arguments.cache, arguments.device)
    targets = vectors @ principal_directions(vectors, recipe.dim)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    bags = WordBags(english, tokenizer, {}), WordBags(polish, tokenizer, forms)
    table = train_student(*bags, targets, tokenizer.get_vocab_size(), recipe, arguments.device)
    return tokenizer, table


def _measure(encoder: StaticEncoder, pairs: PairSplit) -> dict[str, float]:
    """Translation search among the held-out pairs, both ways, in percent."""
    polish = encoder.encode([pair.polish for pair in pairs.held_out])
    english = encoder.encode([pair.english for pair in pairs.held_out])
    return {
        "rows": len(pairs.held_out),
        "pl_en": translation_accuracy(polish, english),
        "en_pl": translation_accuracy(english, polish),
    }


def _shown_command(arguments: list[str]) -> str:
    """The command as others can run it: files by name, not by their place on this machine."""
    shown = [Path(each).name if Path(each).is_absolute() else each for each in arguments]
    return shlex.join(["python", "-m", "training.distil_encoder", *shown])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Distil the bilingual static encoder.")
    parser.add_argument("--pairs", type=Path, required=True, help="source, licence, split, en, pl as JSON lines")
    parser.add_argument("--english", type=Path, nargs="*", default=[], help="English sentences (text) as JSON lines")
    parser.add_argument("--without", nargs="*", default=[], help="sources of pairs to leave out")
    parser.add_argument("--out", type=Path, required=True, help="directory to write; its name begins the model's id")
    parser.add_argument("--teacher", type=Path, default=None, help="sentence-transformers directory of the teacher")
    parser.add_argument("--cache", type=Path, default=Path(".scratch/teacher"), help="directory of teacher vectors")
    parser.add_argument("--vocabulary", type=int, default=VOCABULARY)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    for field in fields(Recipe):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    arguments = parser.parse_args()
    arguments.teacher = arguments.teacher or packaged_teacher()
    return arguments


if __name__ == "__main__":
    main()
