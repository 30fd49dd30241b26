"""The fine-tuning code path, on a transformer of a few thousand weights built here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.models.test_linear_classifier import tickets
from training.encoders import FINE_TUNED
from training.finetune_classifier import CLASSIFIER, main
from training.finetune_encoder import FineTuning, draw_pairs, finetune, finetune_with_twins
from triage.adapters.models.linear import LinearClassifier
from triage.adapters.models.sentence_encoder import SentenceTransformerEncoder
from triage.domain.redaction import RedactedText
from triage.errors import InvalidInput


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A one-layer BERT with random weights and a vocabulary of whole words."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = sorted({word for text in tickets(300, seed=1)[0] for word in text.lower().replace(",", " , ").split()})
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: number for number, word in enumerate([*specials, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), specials, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **names).save_pretrained(folder / "bert")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    torch.manual_seed(7)
    BertModel(config).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


def spread(encoder: SentenceTransformerEncoder, texts: list[str], labels: list[str]) -> float:
    """Mean cosine within a category less the mean cosine between categories."""
    vectors = encoder.encode(texts)
    cosine = vectors @ vectors.T
    same = np.array(labels)[:, None] == np.array(labels)[None, :]
    apart = ~same
    np.fill_diagonal(same, val=False)
    return float(cosine[same].mean() - cosine[apart].mean())


def test_pairs_are_half_of_one_category_and_never_a_text_with_itself() -> None:
    texts = [f"t{n}" for n in range(30)]
    labels = ["a", "b", "c"] * 10
    pairs = draw_pairs(texts, labels, 4, seed=0)
    label_of = dict(zip(texts, labels, strict=True))
    assert len(pairs) == 30 * 4 * 2
    assert sum(pair.same for pair in pairs) == 30 * 4
    assert all((label_of[pair.left] == label_of[pair.right]) == bool(pair.same) for pair in pairs)
    assert all(pair.left != pair.right for pair in pairs)


def test_an_unknown_method_or_a_single_category_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no method 'magic'"):
        finetune("unused", ["a", "b"], ["x", "y"], FineTuning(method="magic"), tmp_path)
    with pytest.raises(InvalidInput, match="two categories"):
        finetune("unused", ["a", "b"], ["x", "x"], FineTuning(), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "epochs"), [("cosine", 30), ("contrastive", 3), ("full", 10)])
@pytest.mark.filterwarnings("ignore")
def test_fine_tuning_draws_categories_apart_on_unseen_texts(
    tiny: Path, tmp_path: Path, method: str, epochs: int
) -> None:
    texts, labels = tickets(60, seed=1)
    unseen, truth = tickets(60, seed=2)
    before = spread(SentenceTransformerEncoder(tiny), unseen, truth)
    tuning = FineTuning(method=method, epochs=epochs, pairs_per_text=4, learning_rate=2e-3)
    encoder = finetune(str(tiny), texts, labels, tuning, tmp_path)
    assert spread(encoder, unseen, truth) > before + 0.3
    classifier = LinearClassifier.train(texts, labels, encoder)
    predicted = classifier.predict([RedactedText(text) for text in unseen])
    right = [p.alternatives[0].code == label for p, label in zip(predicted, truth, strict=True)]
    assert np.mean(right) > 0.9


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_program_writes_an_encoder_and_a_classifier_that_load(tiny: Path, tmp_path: Path) -> None:
    texts, labels = tickets(80, seed=3)
    data = tmp_path / "history.jsonl"
    rows = [{"text": text, "label": label} for text, label in zip(texts, labels, strict=True)]
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    out = tmp_path / "out"
    main(["--data", str(data), "--model", str(tiny), "--out", str(out), "--pairs-per-text", "1"])
    loaded = LinearClassifier.load(out / CLASSIFIER, SentenceTransformerEncoder(out / FINE_TUNED))
    assert loaded.labels == ("fault", "return", "status")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_encoder_is_taught_all_and_twins_judge_what_each_was_not_taught(tiny: Path, tmp_path: Path) -> None:
    texts, labels = tickets(60, seed=1)
    tuned = finetune_with_twins(str(tiny), texts, labels, FineTuning("cosine", epochs=1), tmp_path)
    assert sorted(row for twin in tuned.twins for row in twin.judged) == list(range(60))
    for twin in tuned.twins:
        kept = [labels[row] for row in twin.judged]
        for label in set(labels):
            assert kept.count(label) in (labels.count(label) // 5, labels.count(label) // 5 + 1)
    classifier = LinearClassifier.train(texts, labels, tuned.encoder, twins=tuned.twins)
    assert classifier.held_out.n == 60
