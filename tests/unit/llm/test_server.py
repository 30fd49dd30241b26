"""The drafter against a real OpenAI-compatible server process: `transformers serve` with a tiny model made here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from training.draft_cases import company, read_cases
from triage.adapters.llm import LanguageModelDrafter
from triage.stages.draft import Composer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
CASE = next(case for case in read_cases() if case.id == "G01")
CHAT_TEMPLATE = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant: "
START_S, BUDGET_S = 180, 60.0


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of some hundred thousand parameters with a byte-level tokenizer."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-llama")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(["pismo w sprawie reklamacji"], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(fast), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=16_384, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def server(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a running server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("hub")
    (home / "hub").mkdir()
    log = (tmp_path_factory.mktemp("log") / "serve.log").open("wb")
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "transformers"), "serve", str(tiny_model), "--host", "127.0.0.1",
         "--port", str(port), "--device", "cpu"],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "OMP_NUM_THREADS": "1"},
        stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", Path(log.name))
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        if process.poll() is not None:
            pytest.fail(f"transformers serve stopped:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    pytest.fail("transformers serve did not become healthy")


def test_a_real_server_with_a_model_that_babbles_still_gives_a_valid_labelled_letter(
    server: str, tiny_model: Path
) -> None:
    drafter = LanguageModelDrafter(server, str(tiny_model), "", BUDGET_S, 64, Composer())
    started = time.monotonic()
    draft = drafter.draft(CASE.ticket, CASE.triage_case(), company(), today=CASE.today)
    assert time.monotonic() - started < BUDGET_S + 5
    assert replace(draft, degraded="") == CASE.compose(company())
    assert draft.degraded.startswith(f"llm:{tiny_model}: ")
    assert "not usable after repair" in draft.degraded  # it answered twice, over HTTP


def test_a_model_the_server_does_not_know_is_labelled_too(server: str) -> None:
    drafter = LanguageModelDrafter(server, "nobody/nothing", "", BUDGET_S, 64, Composer())
    draft = drafter.draft(CASE.ticket, CASE.triage_case(), company(), today=CASE.today)
    assert draft.degraded.startswith("llm:nobody/nothing: ")
    assert draft.body == CASE.compose(company()).body
