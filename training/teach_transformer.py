"""Fine-tune a transformer on labelled tickets and export it.

The whole transformer learns the categories through a softmax layer over the mean of its sub-words, in 16-bit floats
where the processor computes with them. It is exported to ONNX with 8-bit weights at once, so that torch is not needed
to use it.

Rates, epochs and smoothing were chosen on 1,500 rows held out of MASSIVE's Polish training part. MiniLM holds texts of
one category together before it is taught any, so its softmax layer begins with the categories' means and four epochs
do what six did from nothing, with a third less time: of 1,213 rows held out of Banking77's training part 0.928 were
right by either alone, and 0.935-0.937 beside the head (0.933 without). It is taught three, so that all of Banking77
takes two cores less than five minutes: 0.943 of its development rows are right, as with four. On the 1,213 the mean of
two to eight such readers, or the shipped transformer in MiniLM's place, brought no more: for 0.040 head and reader
agree on a label not given.

A history too long to be read six times is read fewer times, and of each ticket half as much: of 6,887 IT tickets held
out of the training part 0.878 were right with a transformer that had read 27,555 others once, 0.864 without. Read once,
nothing is learnt by heart, and no value is dropped on the way.

Source: Devlin et al. 2019, "BERT" (fine-tuning); Szegedy et al. 2016, "Rethinking the Inception Architecture"
(smoothed labels).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from training.finetune_cosine import batches_of_like_length, mean_vectors, rate_at
from training.shipped_transformer import SHIPPED_TRANSFORMER, unpack_transformer
from training.sixteen_bits import in_16_bits
from triage.adapters.models.linear.opinion import Reader
from triage.adapters.models.onnx_encoder import OnnxFiles
from triage.adapters.models.onnx_export import export_onnx
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True, slots=True)
class Teaching:
    """How to fine-tune.

    Attributes:
        sub_words: longer texts are cut, when taught and later.
        start: length of the categories' directions before the first step, those of their texts' means; 0 for none.
        rate: peak of AdamW's, after a tenth of the steps and falling to 0 from there.
        words_rate: share of it for the vectors of sub-words; layer_rate: of the softmax layer.
        smoothing: share of a label that is spread over the others.
        dropout: share of a text's vector that is dropped; inner_dropout: of what a layer adds.
    """

    epochs: int = 6
    batch: int = 64
    sub_words: int = 128
    start: float = 0.0
    rate: float = 3e-4
    words_rate: float = 0.3
    layer_rate: float = 1e-3
    decay: float = 0.01
    smoothing: float = 0.1
    dropout: float = 0.1
    inner_dropout: float = 0.1
    seed: int = 0


#: Attention as plain products: one core is taught 3,300 sub-words of IT tickets a second, 2,000-2,400 by the fused one.
_PLAIN = {"attn_implementation": "eager"}
USUAL = Teaching()
MINILM = Teaching(epochs=3, start=16.0)
LONG_HISTORY = Teaching(epochs=1, batch=32, sub_words=64, inner_dropout=0.0)
#: Letters that are read of each ticket, all together: of a usual history at most, and by all epochs of a longer one.
USUAL_LETTERS, LETTERS_IN_ALL = 1_000_000, 6_000_000
_LETTERS = 320  # of 64 sub-words
_MEAN_OF = 50  # texts of a category, at most
#: Texts of so many batches are sorted together: of Banking77 18 sub-words a text are computed, of which 16 are its own.
_BATCHES_ALIKE = 32


def letters_read(texts: Sequence[str]) -> int:
    """Letters of all texts, of a long one its first."""
    return sum(min(len(text), _LETTERS) for text in texts)


def teaching_for(texts: Sequence[str], base: Path | None = None) -> Teaching:
    """How to fine-tune a transformer on so many letters.

    >>> teaching_for(["Gdzie jest moja paczka?"] * 5_000).epochs, teaching_for(["a" * 300] * 9_000).epochs
    (6, 2)
    """
    letters = letters_read(texts)
    if letters > USUAL_LETTERS:
        return replace(LONG_HISTORY, epochs=max(1, LETTERS_IN_ALL // letters))
    return USUAL if base is None else MINILM


def teach(
    texts: Sequence[str],
    labels: Sequence[str],
    teaching: Teaching | None = None,
    base: Path | None = None,
    *,
    shown_as: str = "transformer",
) -> Reader:
    """Fine-tune and export.

    Args:
        teaching: by the length of the history when None.
        base: a sentence-transformers folder; the shipped transformer when None.
        shown_as: what the progress bar calls it.

    Raises:
        ModelUnavailable: the shipped transformer is damaged, or onnx is not installed.
    """
    from sentence_transformers import SentenceTransformer

    teaching = teaching or teaching_for(texts, base)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        transformer = SentenceTransformer(
            str(base or unpack_transformer(here / "base")),
            device="cpu",
            model_kwargs=_PLAIN,
            config_kwargs={"hidden_dropout_prob": teaching.inner_dropout, "attention_probs_dropout_prob": 0.0},
        )
        transformer.max_seq_length = min(teaching.sub_words, int(transformer.max_seq_length or teaching.sub_words))
        weights, intercept = _fit(transformer, texts, labels, teaching, shown_as)
        transformer.save(str(here / "taught"))
        began_as = "/".join(base.parts[-2:]) if base else SHIPPED_TRANSFORMER.name
        taught = SentenceTransformerEncoder(here / "taught")
        taught.model[0].auto_model.set_attn_implementation(_PLAIN["attn_implementation"])
        export_onnx(taught, began_as, here / "export", by_rows=True)
        files = OnnxFiles.read(here / "export")
    return Reader(files, tuple(sorted(set(labels))), weights, intercept)


def _fit(
    transformer: SentenceTransformer, texts: Sequence[str], labels: Sequence[str], teaching: Teaching, shown_as: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fine-tune in place; the softmax layer over vectors of length one: (dim, n_labels) and (n_labels,)."""
    import torch
    from torch.nn import functional
    from tqdm import tqdm

    torch.manual_seed(teaching.seed)
    rng = np.random.default_rng(teaching.seed)
    truth = torch.from_numpy(np.unique(np.asarray(labels), return_inverse=True)[1])
    layer = _layer(transformer, texts, truth, teaching, rng)
    stretch = layer.in_features**0.5  # a vector of length one has values as small as the softmax layer's
    optimiser = torch.optim.AdamW(
        list(_parameters(transformer, layer, teaching)), betas=(0.9, 0.98), weight_decay=teaching.decay, fused=True
    )
    steps = teaching.epochs * -(-len(texts) // teaching.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_at(step, steps))
    transformer.train()
    lengths = _sub_words(transformer, texts)
    batches = batches_of_like_length(lengths, teaching.epochs, teaching.batch, rng, alike=_BATCHES_ALIKE)
    for rows in tqdm(batches, desc=shown_as, total=steps, unit="step", file=sys.stderr):
        with in_16_bits():
            vectors = transformer(transformer.preprocess([texts[row] for row in rows]))["sentence_embedding"]
        read = functional.dropout(stretch * functional.normalize(vectors.float(), dim=-1), teaching.dropout)
        loss = functional.cross_entropy(layer(read), truth[rows], label_smoothing=teaching.smoothing)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(transformer.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    transformer.eval()
    with torch.no_grad():
        return (stretch * layer.weight.T).numpy().astype(np.float32), layer.bias.numpy().astype(np.float32)


def _layer(
    transformer: SentenceTransformer,
    texts: Sequence[str],
    truth: torch.Tensor,
    teaching: Teaching,
    rng: np.random.Generator,
) -> torch.nn.Linear:
    """The softmax layer before it is taught: each category has the direction of its texts' mean, or none yet."""
    import torch

    layer = torch.nn.Linear(int(transformer.get_embedding_dimension()), int(truth.max()) + 1)
    torch.nn.init.normal_(layer.weight, std=0.02)
    torch.nn.init.zeros_(layer.bias)
    if teaching.start:
        order = rng.permutation(len(texts))
        some = np.concatenate([order[truth.numpy()[order] == k][:_MEAN_OF] for k in range(layer.out_features)])
        with in_16_bits():
            means = mean_vectors(transformer, [texts[row] for row in some], truth.numpy()[some])
        directions = torch.nn.functional.normalize(means.float(), dim=-1)
        layer.weight.data = teaching.start / layer.in_features**0.5 * directions
    return layer


def _sub_words(transformer: SentenceTransformer, texts: Sequence[str]) -> NDArray[np.intp]:
    """How many sub-words are read of each text: shape (n,)."""
    read = transformer.tokenizer(list(texts), truncation=True, max_length=transformer.max_seq_length)
    return np.array([len(ids) for ids in read["input_ids"]])


def _parameters(
    transformer: SentenceTransformer, layer: torch.nn.Module, teaching: Teaching
) -> Iterator[dict[str, object]]:
    """The groups of parameters with their rates."""
    words: list[torch.nn.Parameter] = []
    others: list[torch.nn.Parameter] = []
    for name, parameter in transformer.named_parameters():
        (words if "embeddings." in name else others).append(parameter)
    yield {"params": words, "lr": teaching.rate * teaching.words_rate}
    yield {"params": others, "lr": teaching.rate}
    yield {"params": list(layer.parameters()), "lr": teaching.layer_rate}
