"""A linear classifier on disk: safetensors and JSON, a card to read, and a manifest with the digest of each file."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from knowledge_base.passage import Encoder
from triage.adapters.models.history_encoder import HistoryEncoder
from triage.adapters.models.linear.calibration import LINKS, Calibration
from triage.adapters.models.linear.card import model_card
from triage.adapters.models.linear.features import FeatureExtractor
from triage.adapters.models.linear.ngrams import Kind, NgramBlock
from triage.adapters.models.linear.parameters import (
    DemandHead,
    Examples,
    Head,
    HeldOut,
    Judged,
    Promise,
    TrainedParameters,
)
from triage.adapters.models.onnx_encoder import OnnxFiles, OnnxManifest
from triage.adapters.models.paired_encoder import PairedEncoder
from triage.errors import ModelTampered, ModelUnavailable

FORMAT, WITH_TRANSFORMER, SELF_TAUGHT, WITH_ASIDES = 3, 4, 5, 6
#: The second knew no other pairs than those of neighbouring words, and no history.
READABLE = (2, FORMAT, WITH_TRANSFORMER, SELF_TAUGHT, WITH_ASIDES)
WORD_KINDS: dict[str, Kind] = {"word": "word", "spread": "spread"}
MANIFEST, WEIGHTS, MODEL, CARD = "manifest.json", "model.safetensors", "model.json", "README.md"
HISTORY = "history.vectors"
TRANSFORMER, TRANSFORMER_TOKENIZER = "transformer.onnx", "transformer.tokenizer.json"


def write_model(
    directory: Path,
    name: str,
    extractor: FeatureExtractor,
    parameters: TrainedParameters,
    provenance: Mapping[str, str] | None = None,
) -> None:
    """Write a model in place of the one that is there, which stays as it is when not all can be written.

    Args:
        provenance: what the model was made from, kept in the manifest.
    """
    head, examples = parameters.head, parameters.examples
    encoder = extractor.encoder
    history: dict[str, NDArray[np.float16]] = {}
    transformer: dict[str, bytes] = {}
    reads: dict[str, object] = {}
    began_as = ""
    if isinstance(encoder, PairedEncoder):
        files = encoder.transformer
        transformer = {TRANSFORMER: files.model, TRANSFORMER_TOKENIZER: files.tokenizer}
        reads, began_as = {"transformer": asdict(files.manifest)}, files.manifest.name
        encoder = encoder.encoder
    if isinstance(encoder, HistoryEncoder):
        history = {HISTORY: encoder.history.astype(np.float16)}
        encoder = encoder.encoder
    tensors = history | {
        "head.ngrams": head.ngram_weights.astype(np.float16),
        "head.dense": head.dense_weights,
        "head.closeness": head.closeness_weights.astype(np.float16),
        "head.intercept": head.intercept,
        "words.idf": extractor.words.idf,
        "chars.idf": extractor.chars.idf,
        "examples.vectors": examples.vectors.astype(np.float16),
    }
    if parameters.judged is not None:
        tensors |= {f"judged.{each.name}": getattr(parameters.judged, each.name) for each in fields(Judged)}
    if (demands := parameters.demands) is not None:
        tensors |= {
            "demands.ngrams": demands.head.ngram_weights.astype(np.float16),
            "demands.closeness": demands.head.closeness_weights.astype(np.float16),
        }
        reads |= {"demands": {"codes": demands.codes, "slope": demands.slope, "offset": demands.offset}}
    model = {
        "format": _format_of(examples, hears=bool(transformer)),
        "name": name,
        "encoder": encoder.name,
        "labels": parameters.labels,
        "calibration": asdict(parameters.calibration),
        "promise": asdict(parameters.promise),
        "held_out": asdict(parameters.held_out),
        "settings": parameters.settings,
        "example_ids": examples.ids,
        "asides": examples.n_asides,
        "word_kind": extractor.words.kind,
        "words": extractor.words.vocabulary,
        "chars": extractor.chars.vocabulary,
    } | reads
    contents = transformer | {
        WEIGHTS: save_tensors({key: np.ascontiguousarray(value) for key, value in tensors.items()}),
        MODEL: json.dumps(model, ensure_ascii=False).encode(),
        CARD: model_card(name, encoder.name, parameters, len(history.get(HISTORY, ())), began_as).encode(),
    }
    digests = {file_name: hashlib.sha256(content).hexdigest() for file_name, content in contents.items()}
    manifest = {"files": digests, "provenance": dict(provenance or {})}
    _replace(directory, contents | {MANIFEST: json.dumps(manifest, indent=2).encode()})


def _replace(directory: Path, contents: Mapping[str, bytes]) -> None:
    """Write all files beside their places, then move them there; the manifest last, so that half a model is refused."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".writing-") as beside:
        for file_name, content in contents.items():
            (Path(beside) / file_name).write_bytes(content)
        (directory / MANIFEST).unlink(missing_ok=True)
        for of_another in {TRANSFORMER, TRANSFORMER_TOKENIZER} - contents.keys():
            (directory / of_another).unlink(missing_ok=True)
        for file_name in contents:
            os.replace(Path(beside) / file_name, directory / file_name)


def read_model(directory: Path, encoder: Encoder) -> tuple[str, FeatureExtractor, TrainedParameters]:
    """Read and check a model.

    Raises:
        ModelUnavailable: files are missing or of another format, or the encoder is another one.
        ModelTampered: a file differs from the manifest.
    """
    files = verified_files(directory)
    try:
        model = json.loads(files[MODEL])
        tensors = load_tensors(files[WEIGHTS])
        if model["format"] not in READABLE:
            raise ModelUnavailable(f"{directory} holds a model of format {model['format']}, not {FORMAT}: train again.")
        if model["encoder"] != encoder.name:
            raise ModelUnavailable(
                f"The model in {directory} was trained with encoder {model['encoder']}, not with {encoder.name}:"
                " give that encoder or train again."
            )
        if HISTORY in tensors:
            encoder = HistoryEncoder(encoder, tensors[HISTORY])
        if "transformer" in model:
            exported = OnnxManifest.of(model["transformer"])
            encoder = PairedEncoder(encoder, OnnxFiles(exported, files[TRANSFORMER], files[TRANSFORMER_TOKENIZER]))
        words = NgramBlock(WORD_KINDS[model.get("word_kind", "word")], model["words"], tensors["words.idf"])
        chars = NgramBlock("char", model["chars"], tensors["chars.idf"])
        return model["name"], FeatureExtractor(words, chars, encoder), _parameters(model, tensors)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{directory} does not hold a linear classifier: {type(error).__name__}.") from error


def verified_files(directory: Path) -> dict[str, bytes]:
    """Content of every file the manifest names, each checked against it.

    Raises:
        ModelUnavailable: files are missing.
        ModelTampered: a file differs from the manifest.
    """
    return {file_name: _checked(directory / file_name, digest) for file_name, digest in _digests(directory).items()}


def read_provenance(directory: Path) -> dict[str, str]:
    """What the model in a directory was made from; empty when there is no readable manifest."""
    try:
        return dict(json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["provenance"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def read_encoder_name(directory: Path) -> str:
    """Name of the encoder the model in a directory was trained with; empty when there is no readable model."""
    try:
        return str(json.loads((directory / MODEL).read_text(encoding="utf-8"))["encoder"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _format_of(examples: Examples, *, hears: bool) -> int:
    """The oldest format that says all of a model; no model has two of what makes it another one."""
    if hears:
        return WITH_TRANSFORMER
    return WITH_ASIDES if examples.n_asides else SELF_TAUGHT if examples.n_past else FORMAT


def _parameters(model: dict[str, object], tensors: dict[str, NDArray[np.float32]]) -> TrainedParameters:
    known: dict[str, object] = dict(model)
    promise, held_out, settings = known["promise"], known["held_out"], known["settings"]
    labels, ids, calibration = known["labels"], known["example_ids"], known["calibration"]
    if not (isinstance(promise, dict) and isinstance(held_out, dict) and isinstance(settings, dict)):
        raise TypeError("promise")
    if not (isinstance(labels, list) and isinstance(ids, list) and isinstance(calibration, dict)):
        raise TypeError("labels")
    if calibration.get("link", "logistic") not in LINKS:
        raise ValueError("link")
    n_asides = known.get("asides", 0)  # older formats know none
    if not isinstance(n_asides, int):
        raise TypeError("asides")
    return TrainedParameters(
        labels=tuple(labels),
        head=Head(
            ngram_weights=tensors["head.ngrams"].astype(np.float32),
            dense_weights=tensors["head.dense"],
            closeness_weights=tensors["head.closeness"].astype(np.float32),
            intercept=tensors["head.intercept"],
        ),
        calibration=Calibration(**calibration),
        promise=Promise(**promise),
        examples=Examples(tuple(ids), tensors["examples.vectors"].astype(np.float32), n_asides),
        held_out=HeldOut(**held_out),
        judged=_judged(tensors),
        settings=settings,
        demands=_demands(known.get("demands"), tensors),
    )


def _demands(known: object, tensors: Mapping[str, NDArray[Any]]) -> DemandHead | None:
    """What reads demands, in models that have it (shipped ones of recipe 11 on)."""
    if not isinstance(known, dict):
        return None
    ngrams = tensors["demands.ngrams"].astype(np.float32)
    none = np.zeros(ngrams.shape[1], dtype=np.float32)
    dense = np.zeros((tensors["head.dense"].shape[0], len(none)), dtype=np.float32)
    head = Head(ngrams, dense, tensors["demands.closeness"].astype(np.float32), none)
    return DemandHead(tuple(known["codes"]), head, float(known["slope"]), float(known["offset"]))


def _judged(tensors: Mapping[str, NDArray[Any]]) -> Judged | None:
    if "judged.confidence" not in tensors:
        return None
    return Judged(**{each.name: tensors[f"judged.{each.name}"] for each in fields(Judged)})


def _digests(directory: Path) -> dict[str, str]:
    try:
        files = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["files"]
        digests = {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(
            f"{directory} holds no readable {MANIFEST}: train or install the model again."
        ) from error
    if missing := {MODEL, WEIGHTS} - digests.keys():
        raise ModelTampered(f"The manifest in {directory} does not name {', '.join(sorted(missing))}.")
    if foreign := [name for name in digests if Path(name).name != name]:
        raise ModelTampered(f"The manifest in {directory} names a file elsewhere: {foreign[0]!r}.")
    return digests


def _checked(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read: train or install the model again.") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelTampered(f"{path} is not the file named in {MANIFEST} (SHA-256 differs): install the model again.")
    return content
