"""The line writer on a tiny sequence-to-sequence model made here: it runs, is bounded, and its babble is not kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.adapters.models.seq2seq_writer import MOST_WINDOWS, Seq2SeqLineWriter
from triage.domain.classification import Classification, Facts
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.ticket import Author, Channel
from triage.errors import ModelUnavailable
from triage.stages.summarise import summarise

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
PATIENCE_S = 250.0  # on a busy machine the usual budget may cut a history short


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BART of some thousand parameters with a byte-level tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-bart")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=["<s>", "<pad>", "</s>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(["ekspres nie mieli kawy, prosimy o naprawę"], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    fast.save_pretrained(folder)
    config = BartConfig(
        vocab_size=len(fast), d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=512,
        bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=2,
    )  # fmt: skip
    torch.manual_seed(7)
    model = BartForConditionalGeneration(config)
    model.generation_config.suppress_tokens = [0, 1]
    model.save_pretrained(folder)
    return folder


def ticket(n: int) -> RedactedTicket:
    messages = tuple(
        RedactedMessage(
            f"m{i}",
            Author.AGENT if i % 2 else Author.CUSTOMER,
            START + timedelta(hours=i),
            RedactedText(f"Ekspres BrewOne K400 nie mieli kawy, wiadomość numer {i}."),
        )
        for i in range(n)
    )
    return RedactedTicket("T", RedactedText(""), messages, START, Channel.EMAIL, n)


def test_every_window_gives_a_line_that_names_its_messages(tiny_model: Path) -> None:
    writer = Seq2SeqLineWriter.load(tiny_model, budget_s=PATIENCE_S)
    history = ticket(40)
    lines = writer.write(history, "pl")
    assert writer.name.startswith("seq2seq:tiny-bart")
    assert 1 <= len(lines) <= MOST_WINDOWS
    known = {message.id for message in history.messages}
    named = [one for line in lines for one in line.message_ids]
    assert set(named) <= known
    assert len(named) == len(set(named))
    assert lines == writer.write(history, "pl")


def test_babble_is_dropped_and_counted_and_the_summary_is_the_extractive_one(tiny_model: Path) -> None:
    history, found = ticket(40), Classification("C01", "label", 0.9, "pl")
    made = summarise(history, found, Facts(), (), None, writer=Seq2SeqLineWriter.load(tiny_model, budget_s=PATIENCE_S))
    plain = summarise(history, found, Facts(), (), None)
    assert made.lines == plain.lines
    assert made.dropped >= 1
    assert made.summariser == "extractive"


def test_a_spent_budget_leaves_the_rest_to_the_messages(tiny_model: Path) -> None:
    assert Seq2SeqLineWriter.load(tiny_model, budget_s=0.0).write(ticket(4), "pl") == ()


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="sequence-to-sequence"):
        Seq2SeqLineWriter.load(tmp_path)
