"""Writes a transformer from its numbers as a sentence-transformers model: the mean of its sub-words' vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from triage.adapters.models.packed_transformer import FourBitMatrix, PackedTransformer

START, PAD, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"
SPECIAL: Final = 4  # start, padding, end, unknown
Tensors = dict[str, FourBitMatrix | NDArray[np.float32]]
_MATRICES: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS: Final = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a BERT-shaped transformer.

    Attributes:
        positions: longest text in sub-words, start and end included; longer ones are cut.
    """

    vocabulary: int
    width: int
    layers: int
    heads: int
    feed_forward: int
    positions: int


def tokenizer_of(pieces: list[tuple[str, float]]) -> Tokenizer:
    """A Unigram tokenizer of these sub-words, their places being the ids; the first four are the special ones."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=SPECIAL - 1))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces, normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, 0), (END, 2)]
    )
    return tokenizer


def tensors_of(packed: PackedTransformer, kept: NDArray[np.intp], shape: Shape) -> Tensors:
    """The tensors of the lower layers and of the kept sub-words, called as in transformers' ``BertModel``."""
    vectors, matrices = packed.vectors, packed.matrices
    tensors: Tensors = {
        "embeddings.word_embeddings.weight": matrices["emb.word"].take(kept),
        "embeddings.position_embeddings.weight": vectors["emb.pos"].reshape(-1, shape.width)[: shape.positions],
        "embeddings.token_type_embeddings.weight": vectors["emb.type"].reshape(-1, shape.width),
        "embeddings.LayerNorm.weight": vectors["emb.ln.w"],
        "embeddings.LayerNorm.bias": vectors["emb.ln.b"],
    }
    for layer in range(shape.layers):
        for short, name in _MATRICES.items():
            tensors[f"encoder.layer.{layer}.{name}.weight"] = matrices[f"l{layer}.{short}.w"]
            tensors[f"encoder.layer.{layer}.{name}.bias"] = vectors[f"l{layer}.{short}.b"]
        for short, name in _NORMS.items():
            tensors[f"encoder.layer.{layer}.{name}.weight"] = vectors[f"l{layer}.{short}.w"]
            tensors[f"encoder.layer.{layer}.{name}.bias"] = vectors[f"l{layer}.{short}.b"]
    return tensors


def unpack_packed(packed: PackedTransformer, out: Path) -> None:
    """Write all of a packed transformer as a sentence-transformers model (float32).

    Args:
        out: folder to write; it names the model.
    """
    positions = len(packed.vectors["emb.pos"]) // packed.width
    rows = np.arange(len(packed.pieces), dtype=np.intp)
    shape = Shape(len(rows), packed.width, packed.layers, packed.heads, packed.feed_forward, positions)
    values = {
        name: tensor.values() if isinstance(tensor, FourBitMatrix) else np.array(tensor)
        for name, tensor in tensors_of(packed, rows, shape).items()
    }
    write_sentence_model(out, shape, values, tokenizer_of(packed.pieces))


def write_sentence_model(
    out: Path, shape: Shape, values: Mapping[str, NDArray[np.float32]], tokenizer: Tokenizer
) -> None:
    """Write a sentence-transformers model (float32, mean of the sub-words).

    Args:
        out: folder to write.
        values: by the names of transformers' ``BertModel``.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        pad_token_id=1,
    )
    model = BertModel(config)
    torch.nn.init.zeros_(model.pooler.dense.weight)  # not there and not used: vectors are means
    torch.nn.init.zeros_(model.pooler.dense.bias)
    model.load_state_dict(model.state_dict() | {name: torch.from_numpy(each) for name, each in values.items()})
    model.save_pretrained(out / "bert")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=shape.positions,
        bos_token=START,
        cls_token=START,
        eos_token=END,
        sep_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
    ).save_pretrained(out / "bert")
    modules = [Transformer(str(out / "bert"), max_seq_length=shape.positions), Pooling(shape.width)]
    SentenceTransformer(modules=modules, device="cpu").save(str(out / "model"))
