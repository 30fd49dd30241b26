"""The shipped Polish-English transformer on disk: 4-bit matrices, tokenizer, card, manifest; unpacked to be taught."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from training.embedding_data import sha256_of
from training.packed_transformer import FourBitMatrix
from triage.adapters.models.static_encoder import SHIPPED
from triage.errors import ModelTampered, ModelUnavailable

SHIPPED_TRANSFORMER = SHIPPED.parent / "transformer-pl-en"
WEIGHTS, TOKENIZER, SHAPE, MANIFEST = "model.safetensors", "tokenizer.json", "shape.json", "manifest.json"
START, PAD, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"
_NUMBERS, _SCALES = ".numbers", ".scales"
Tensors = dict[str, FourBitMatrix | NDArray[np.float32]]


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


def write_transformer(folder: Path, shape: Shape, tensors: Tensors, tokenizer: Tokenizer) -> None:
    """Write shape, weights and tokenizer; tensors are called as in transformers' ``BertModel``."""
    folder.mkdir(parents=True, exist_ok=True)
    flat: dict[str, NDArray[np.generic]] = {}
    for name, tensor in sorted(tensors.items()):
        if isinstance(tensor, FourBitMatrix):
            flat[name + _NUMBERS] = np.ascontiguousarray(tensor.numbers)
            flat[name + _SCALES] = np.ascontiguousarray(tensor.scales)
        else:
            flat[name] = np.ascontiguousarray(tensor, dtype=np.float16 if tensor.ndim == 2 else np.float32)
    save_file(flat, folder / WEIGHTS)
    (folder / TOKENIZER).write_text(tokenizer.to_str(pretty=False), encoding="utf-8")
    (folder / SHAPE).write_text(json.dumps(asdict(shape), indent=2) + "\n", encoding="utf-8")


def write_manifest(folder: Path) -> None:
    """Record the SHA-256 of every file in the folder."""
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    text = json.dumps({"format": "four-bit-transformer/1", "files": files}, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def unpack_transformer(out: Path, folder: Path = SHIPPED_TRANSFORMER) -> Path:
    """Write it as a sentence-transformers model (float32, mean of the sub-words), to be fine-tuned.

    Args:
        out: folder to write.
        folder: as :func:`write_transformer` wrote it; checked against its manifest.

    Returns:
        The folder of the model.

    Raises:
        ModelUnavailable: files are missing.
        ModelTampered: a file differs from the manifest.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    _check(folder)
    shape = Shape(**json.loads((folder / SHAPE).read_text(encoding="utf-8")))
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
    values = {name: torch.from_numpy(each) for name, each in _values(folder).items()}
    model.load_state_dict(model.state_dict() | values)
    model.save_pretrained(out / "bert")
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_file(str(folder / TOKENIZER)),
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
    return out / "model"


def _values(folder: Path) -> dict[str, NDArray[np.float32]]:
    tensors = load_file(folder / WEIGHTS)
    found = {
        name: values.astype(np.float32) for name, values in tensors.items() if not name.endswith((_NUMBERS, _SCALES))
    }
    for name in (each.removesuffix(_SCALES) for each in tensors if each.endswith(_SCALES)):
        found[name] = FourBitMatrix(tensors[name + _NUMBERS], tensors[name + _SCALES]).values()
    return found


def _check(folder: Path) -> None:
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(f"{folder.name} holds no transformer: install the package again.") from error
    for name, digest in files.items():
        if not (folder / name).is_file() or sha256_of(folder / name) != digest:
            raise ModelTampered(f"{name} of {folder.name} differs from its manifest: install the package again.")
