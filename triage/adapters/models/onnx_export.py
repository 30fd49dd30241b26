"""Any sentence-transformers model to ONNX with 8-bit weights, once; the export is kept and checked against PyTorch.

The whole chain of modules is traced (transformer, pooling, dense layers), so whatever pooling a model was trained with
is in the graph. An export whose vectors differ from PyTorch's is refused, and PyTorch goes on serving.

Source: ONNX Runtime, "Quantize ONNX models" (dynamic quantisation of matrix products, weights per channel).
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from triage.adapters.models.onnx_encoder import MANIFEST, MODEL, TOKENIZER, OnnxEncoder, OnnxManifest, digest_of
from triage.adapters.models.onnx_rows import round_by_rows
from triage.adapters.models.sentence_encoder import EncoderSource, SentenceTransformerEncoder, model_identity
from triage.errors import ModelUnavailable

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]+")
_INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
_OPSET: Final = 17
#: Cosine of an exported vector and PyTorch's, of which the worst of the samples must have this much.
LEAST_COSINE: Final = 0.95
_SAMPLES: Final = (
    "Pralka wywala E18 i nie odpompowuje wody.",
    "How long do we have to refund the customer after withdrawal?",
    "zwrot",
    "Reklamacja ekspresu BrewOne K400: cieknie spod spodu, klient żąda wymiany albo zwrotu pieniędzy. " * 4,
)


def open_onnx(model: str, cache: Path) -> OnnxEncoder:
    """The exported encoder of a model; exported first when the cache does not hold it.

    Args:
        model: a sentence-transformers directory or hub name.
        cache: folder of exports, one for each model and content.

    Raises:
        ModelUnavailable: the model is not there, or cannot be exported; says why.
    """
    return open_export(EncoderSource(model_identity(model), lambda: SentenceTransformerEncoder(model)), cache)


def open_export(source: EncoderSource, cache: Path) -> OnnxEncoder:
    """The exported encoder of a source, as ``open_onnx`` gives it."""
    name = source.identity
    folder = cache / f"{_NOT_IN_NAMES.sub('_', name)}-int8"
    if (folder / MANIFEST).exists():
        return OnnxEncoder(folder)
    encoder = source.load()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".exporting-", dir=cache) as waiting:
        made = Path(waiting) / "encoder"
        export_onnx(encoder, f"{name}-int8", made)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(made, folder)
    logger.info("encoder exported", extra={"action": "encoder_exported", "encoder": name})
    return OnnxEncoder(folder)


def export_onnx(encoder: SentenceTransformerEncoder, name: str, folder: Path, *, by_rows: bool = False) -> None:
    """Export an encoder into a new folder, and compare.

    Args:
        name: of the export.
        by_rows: round each sub-word's values by themselves, not by the whole batch: a text's vector is then PyTorch's
            up to a cosine of 0.998, whatever texts are beside it, at nearly the same speed.

    Raises:
        ModelUnavailable: it cannot be exported, or its export says something else; says why.
    """
    folder.mkdir()
    try:
        _export(encoder, name, folder, _quantise_rows if by_rows else _quantise)
    except ImportError as error:
        raise ModelUnavailable(f"onnx is not installed (pip install onnx onnxscript): {error.name}") from error
    except Exception as error:
        # exporters fail in as many ways as there are architectures; PyTorch still serves
        raise ModelUnavailable(f"it cannot be exported to ONNX ({type(error).__name__})") from error
    _compare(encoder, OnnxEncoder(folder))


def _export(
    encoder: SentenceTransformerEncoder, name: str, folder: Path, quantise: Callable[[Path, Path], None]
) -> None:
    """Write graph, tokenizer and manifest."""
    import torch

    model = encoder.model
    features = model.preprocess(list(_SAMPLES[:2]))
    inputs = tuple(key for key in _INPUTS if key in features)
    axes: dict[str, dict[int, str]] = {key: {0: "texts", 1: "tokens"} for key in inputs}
    whole = folder / "whole.onnx"
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of every Python comparison in the model
        torch.onnx.export(
            _chain(model, inputs),
            tuple(features[key] for key in inputs),
            str(whole),
            input_names=list(inputs),
            output_names=["vectors"],
            dynamic_axes=axes | {"vectors": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    quantise(whole, folder / MODEL)
    whole.unlink()
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    OnnxManifest(
        name=name,
        dim=encoder.dim,
        inputs=inputs,
        max_tokens=int(model.max_seq_length or 512),
        pad_id=int(model.tokenizer.pad_token_id or 0),
        query_prefix=encoder.query_prefix,
        passage_prefix=encoder.passage_prefix,
        files={file: digest_of(folder / file) for file in (MODEL, TOKENIZER)},
    ).write(folder)


def _chain(model: Any, inputs: tuple[str, ...]) -> torch.nn.Module:  # noqa: ANN401  (sentence-transformers has no types)
    """The model's modules as one that takes tensors and gives sentence vectors."""
    import torch

    class Chain(torch.nn.Module):  # type: ignore[misc]  # torch is not followed
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            features: Mapping[str, torch.Tensor] = dict(zip(inputs, tensors, strict=True))
            for module in self.model:
                features = module(features)
            return features["sentence_embedding"]

    return Chain().eval()


def _quantise(whole: Path, small: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with _without_advice():
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True)


def _quantise_rows(whole: Path, small: Path) -> None:
    """Matrix products row by row; the vectors of sub-words with one scale."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(whole)
    round_by_rows(model)
    onnx.save(model, whole)
    with _without_advice():
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"])


@contextmanager
def _without_advice() -> Iterator[None]:
    """Quiet: it advises pre-processing that changes nothing here."""
    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)


def _compare(torch_encoder: SentenceTransformerEncoder, exported: OnnxEncoder) -> None:
    """Refuse an export whose vectors point elsewhere."""
    wanted, got = torch_encoder.encode(_SAMPLES), exported.encode(_SAMPLES)
    worst = float(np.min(np.sum(wanted * got, axis=1)))
    if not worst >= LEAST_COSINE:
        raise ModelUnavailable(f"its 8-bit export differs too much from it (cosine {worst:.2f})")
