"""Fine-tune a sentence-transformers encoder on labelled tickets.

``cosine`` (from ten examples per category): the upper layers draw each ticket to its category's direction.
``contrastive`` (few examples per category): pairs of tickets are drawn together when they share a category and apart
when not. ``full`` (hundreds per category): the whole transformer learns the categories through a softmax layer, which
is thrown away afterwards.

Source: Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts" (SetFit: contrastive pairs, linear head);
Devlin et al. 2019, "BERT" (full fine-tuning).
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.encoders import FINE_TUNED
from training.finetune_cosine import fit_cosine
from triage.adapters.models.linear.grouping import spread_over_folds
from triage.adapters.models.linear.twins import Twin
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder
from triage.errors import InvalidInput

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

METHODS = ("cosine", "contrastive", "full")
KEPT_FROM_TWIN = 5  # one part in so many
JUDGED_ENOUGH = 450  # texts that were kept from some twin; of 300 the share that is right is known to some 2 points


@dataclass(frozen=True, slots=True)
class FineTuning:
    """How to fine-tune.

    Attributes:
        method: ``cosine``, ``contrastive`` or ``full``.
        epochs: passes over the pairs or texts.
        pairs_per_text: contrastive pairs of each kind (same and other category) drawn for each text.
        learning_rate: peak of AdamW's, after a tenth of the steps.
        max_tokens: longer texts are cut.
    """

    method: str = "contrastive"
    epochs: int = 1
    pairs_per_text: int = 10
    batch_size: int = 16
    learning_rate: float = 2e-5
    max_tokens: int = 128
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and 1.0 when they share a category, else 0.0."""

    left: str
    right: str
    same: float


#: Chosen on one draw of ten examples of each Banking77 intent.
COSINE = FineTuning(method="cosine", epochs=8, batch_size=32, learning_rate=2e-4)


def draw_pairs(texts: Sequence[str], labels: Sequence[str], pairs_per_text: int, seed: int) -> list[Pair]:
    """For each text as many partners of its own category as of others; a text is never its own partner.

    >>> sorted({pair.same for pair in draw_pairs(["a", "b", "c"], ["x", "x", "y"], 2, seed=0)})
    [0.0, 1.0]
    """
    rng = random.Random(seed)
    rows_of: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        rows_of.setdefault(label, []).append(row)
    others = sorted(rows_of)
    pairs = []
    for row, label in enumerate(labels):
        kin = [other for other in rows_of[label] if other != row]
        for _ in range(pairs_per_text):
            if kin:
                pairs.append(Pair(texts[row], texts[rng.choice(kin)], 1.0))
            stranger = rng.choice([other for other in others if other != label])
            pairs.append(Pair(texts[row], texts[rng.choice(rows_of[stranger])], 0.0))
    rng.shuffle(pairs)
    return pairs


def finetune(
    model: str, texts: Sequence[str], labels: Sequence[str], tuning: FineTuning, out: Path, *, shown_as: str = "encoder"
) -> SentenceTransformerEncoder:
    """Fine-tune an encoder and write it to ``out / "encoder"``.

    Args:
        model: a sentence-transformers directory or hub name.
        shown_as: what the progress bar calls it.

    Raises:
        InvalidInput: an unknown method, or fewer than two categories.
    """
    if tuning.method not in METHODS:
        raise InvalidInput(f"There is no method {tuning.method!r}: choose {' or '.join(METHODS)}.")
    if len(set(labels)) < 2:
        raise InvalidInput("Fine-tuning needs examples of at least two categories.")
    from sentence_transformers import SentenceTransformer

    transformer = SentenceTransformer(model)
    transformer.max_seq_length = min(transformer.max_seq_length or tuning.max_tokens, tuning.max_tokens)
    if tuning.method == "cosine":
        fit_cosine(
            transformer,
            texts,
            labels,
            epochs=tuning.epochs,
            batch_size=tuning.batch_size,
            learning_rate=tuning.learning_rate,
            seed=tuning.seed,
            shown_as=shown_as,
        )
    elif tuning.method == "contrastive":
        _fit_contrastive(transformer, texts, labels, tuning, out)
    else:
        _fit_full(transformer, texts, labels, tuning)
    transformer.save(str(out / FINE_TUNED))
    return SentenceTransformerEncoder(out / FINE_TUNED)


@dataclass(frozen=True, slots=True)
class Tuned:
    """An encoder fine-tuned on all tickets, and its twins, each on four fifths of them."""

    encoder: SentenceTransformerEncoder
    twins: tuple[Twin, ...]


def finetune_with_twins(
    model: str,
    texts: Sequence[str],
    labels: Sequence[str],
    tuning: FineTuning,
    out: Path,
    groups: Sequence[int] | None = None,
) -> Tuned:
    """Fine-tune on all tickets, and as many twins as it takes to judge ``JUDGED_ENOUGH`` tickets they were not taught.

    On tickets that an encoder was taught it is never wrong, so its twins say how far to trust it: one of them for much
    data, five for little.

    Args:
        groups: tickets with the same number stay together; each ticket is a group of its own when None.
    """
    truth = np.unique(np.asarray(labels), return_inverse=True)[1]
    together = np.arange(len(truth)) if groups is None else np.asarray(groups)
    fold_of = spread_over_folds(truth, together, KEPT_FROM_TWIN, tuning.seed)
    twins: list[Twin] = []
    for number in np.unique(fold_of):
        if sum(len(twin.judged) for twin in twins) >= JUDGED_ENOUGH:
            break
        taught = np.flatnonzero(fold_of != number).tolist()
        if len({labels[row] for row in taught}) < 2:
            continue
        with tempfile.TemporaryDirectory() as folder:
            texts_taught, labels_taught = [texts[row] for row in taught], [labels[row] for row in taught]
            shown_as = f"twin {len(twins) + 1}"
            twin = finetune(model, texts_taught, labels_taught, tuning, Path(folder), shown_as=shown_as)
        twins.append(Twin(twin, tuple(np.flatnonzero(fold_of == number).tolist())))
    return Tuned(finetune(model, texts, labels, tuning, out), tuple(twins))


def _fit_contrastive(
    transformer: SentenceTransformer, texts: Sequence[str], labels: Sequence[str], tuning: FineTuning, out: Path
) -> None:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.losses import CosineSimilarityLoss

    pairs = draw_pairs(texts, labels, tuning.pairs_per_text, tuning.seed)
    columns = {
        "sentence1": [pair.left for pair in pairs],
        "sentence2": [pair.right for pair in pairs],
        "score": [pair.same for pair in pairs],
    }
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(out / "steps"),
        num_train_epochs=tuning.epochs,
        per_device_train_batch_size=tuning.batch_size,
        learning_rate=tuning.learning_rate,
        warmup_steps=max(1, len(pairs) * tuning.epochs // tuning.batch_size // 10),
        save_strategy="no",
        report_to="none",
        seed=tuning.seed,
    )
    SentenceTransformerTrainer(
        model=transformer,
        args=arguments,
        train_dataset=Dataset.from_dict(columns),
        loss=CosineSimilarityLoss(transformer),
    ).train()


def _fit_full(
    transformer: SentenceTransformer, texts: Sequence[str], labels: Sequence[str], tuning: FineTuning
) -> None:
    """Cross-entropy through a softmax layer over the sentence vector; the layer is not kept."""
    import torch
    from tqdm import trange

    torch.manual_seed(tuning.seed)
    categories = {label: number for number, label in enumerate(sorted(set(labels)))}
    truth = torch.tensor([categories[label] for label in labels], device=transformer.device)
    dim = int(transformer.get_embedding_dimension())
    layer = torch.nn.Linear(dim, len(categories), device=transformer.device)
    # The new layer starts from nothing and may learn faster than the transformer under it.
    optimiser = torch.optim.AdamW(
        [
            {"params": transformer.parameters(), "lr": tuning.learning_rate},
            {"params": layer.parameters(), "lr": 50 * tuning.learning_rate},
        ]
    )
    transformer.train()
    for _ in trange(tuning.epochs, unit="epoch", file=sys.stderr):
        for rows in torch.randperm(len(texts)).split(tuning.batch_size):
            batch = transformer.preprocess([texts[int(row)] for row in rows])
            on_device = {key: value.to(transformer.device) for key, value in batch.items() if hasattr(value, "to")}
            vectors = transformer(on_device)["sentence_embedding"]
            loss = torch.nn.functional.cross_entropy(layer(vectors), truth[rows.to(truth.device)])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    transformer.eval()
