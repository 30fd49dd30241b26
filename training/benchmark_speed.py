"""How fast the classifier reads tickets, beside the usual stacks trained on the same seed tickets.

    python -m training.benchmark_speed --json
    python -m training.benchmark_speed --model models/own --data own.jsonl   # a model of `triage train`

Peers: sentence-transformers (MiniLM) with scikit-learn's logistic regression, and SetFit's own model class where that
is installed (its transformer is not fine-tuned here: that does not change how fast it is). All read the same texts, in
one go and one at a time. Ours gives sets, evidence and neighbours too; the peers give probabilities only.
Run it on a quiet machine: rates are by the clock, processor time stands beside them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from multiprocessing import Pool
from pathlib import Path

from training.encoders import SHIPPED_NAME, encoder_of, english_encoder, open_encoder
from triage.adapters.company import SHIPPED as COMPANY
from triage.adapters.models.linear import LinearClassifier, train_shipped
from triage.adapters.models.linear.shipped import read_seed_tickets
from triage.domain.redaction import RedactedText

CORES = 2
SINGLY = 200  # texts asked one at a time
Read = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast one system read n texts.

    Attributes:
        per_second: texts a second, all in one go on ``CORES`` cores.
        cpu_ms: processor time of one text in that run, in milliseconds.
        single_p50_ms: median time of one text asked alone, in milliseconds; ``single_p95_ms`` of the slowest twentieth.
        single_cpu_ms: median processor time of one text asked alone, in milliseconds.
    """

    system: str
    n: int
    per_second: float
    cpu_ms: float
    single_p50_ms: float
    single_p95_ms: float
    single_cpu_ms: float


def measured(system: str, read_all: Callable[[Sequence[str]], float], read_one: Read, texts: Sequence[str]) -> Speed:
    """Time both ways of asking a warm system.

    Args:
        read_all: reads all texts and returns the processor seconds it took.
    """
    started = time.perf_counter()
    cpu_s = read_all(texts)
    elapsed_s = time.perf_counter() - started
    singly, singly_cpu = [], []
    for text in texts[:SINGLY]:
        started, cpu_started = time.perf_counter(), time.process_time()
        read_one([text])
        singly.append(time.perf_counter() - started)
        singly_cpu.append(time.process_time() - cpu_started)
    return Speed(
        system=system,
        n=len(texts),
        per_second=round(len(texts) / elapsed_s, 1),
        cpu_ms=round(1000 * cpu_s / len(texts), 3),
        single_p50_ms=round(1000 * statistics.median(singly), 3),
        single_p95_ms=round(1000 * statistics.quantiles(singly, n=20, method="inclusive")[-1], 3),
        single_cpu_ms=round(1000 * statistics.median(singly_cpu), 3),
    )


def ours(folder: Path, texts: Sequence[str]) -> Speed:
    """A trained classifier; in one go it runs as a process on each core."""
    classifier = LinearClassifier.load(folder, encoder_of(folder))

    def read_one(part: Sequence[str]) -> object:
        return classifier.predict([RedactedText(text) for text in part])

    read_one(["Dzień dobry"])
    with Pool(CORES, initializer=_load, initargs=(folder,)) as pool:

        def read_all(every: Sequence[str]) -> float:
            return sum(pool.map(_predict, [list(every[core::CORES]) for core in range(CORES)], chunksize=1))

        read_all(["Dzień dobry"] * CORES)
        return measured(f"this ({classifier.name})", read_all, read_one, texts)


_loaded: list[LinearClassifier] = []
"""The classifier of a worker process."""


def _load(folder: Path) -> None:
    _loaded.append(LinearClassifier.load(folder, encoder_of(folder)))


def _predict(texts: Sequence[str]) -> float:
    """Processor seconds that predicting the texts took."""
    started = time.process_time()
    _loaded[0].predict([RedactedText(text) for text in texts])
    return time.process_time() - started


def in_this_process(read: Read) -> Callable[[Sequence[str]], float]:
    """The same reading, told in processor seconds."""

    def timed(texts: Sequence[str]) -> float:
        started = time.process_time()
        read(texts)
        return time.process_time() - started

    return timed


def transformer_with_regression(
    model: Path, taught: Sequence[str], labels: Sequence[str], texts: Sequence[str]
) -> Speed:
    """sentence-transformers with logistic regression."""
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression

    encoder = SentenceTransformer(str(model), device="cpu")
    head = LogisticRegression(max_iter=300).fit(encoder.encode(list(taught)), labels)

    def read(part: Sequence[str]) -> object:
        return head.predict_proba(encoder.encode(list(part), show_progress_bar=False))

    return measured("sentence-transformers + scikit-learn", in_this_process(read), read, texts)


def setfit(model: Path, taught: Sequence[str], labels: Sequence[str], texts: Sequence[str]) -> Speed:
    """SetFit's model with its usual head."""
    from setfit import SetFitModel  # type: ignore[import-not-found,unused-ignore]

    peer = SetFitModel.from_pretrained(str(model), local_files_only=True)
    peer.model_head.fit(peer.model_body.encode(list(taught)), labels)

    def read(part: Sequence[str]) -> object:
        return peer.predict_proba(list(part), show_progress_bar=False)

    return measured("SetFit", in_this_process(read), read, texts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all that are installed and print ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data" / "dev_tickets.jsonl")
    parser.add_argument("--model", type=Path, help="a model of `triage train`; the shipped one by default")
    parser.add_argument("--taught", type=int, default=400, help="seed tickets the peers' heads are taught")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    texts = [json.loads(line)["text"] for line in chosen.data.read_text(encoding="utf-8").splitlines()]
    seed, model = read_seed_tickets(COMPANY), english_encoder()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.model is None:
            train_shipped(COMPANY, open_encoder(SHIPPED_NAME), Path(folder))
        found = [ours(chosen.model or Path(folder), texts if chosen.model else [*texts, *seed.texts])]
    step = max(1, len(seed.texts) // chosen.taught)
    taught, labels = seed.texts[::step], seed.labels[::step]
    if model is not None:
        found.append(transformer_with_regression(model, taught, labels, texts))
        if find_spec("setfit") is not None:
            found.append(setfit(model, taught, labels, texts))
    ratios = {peer.system: round(found[0].per_second / peer.per_second, 1) for peer in found[1:]}
    if chosen.json:
        print(json.dumps({"ours": asdict(found[0]), "peers": [asdict(peer) for peer in found[1:]], "times": ratios}))
        return
    for each in found:
        times = f"  ours reads {ratios[each.system]} times as many" if each.system in ratios else ""
        alone = f"{each.single_p50_ms:>8.2f} ms alone (p95 {each.single_p95_ms:.2f})"
        rates = f"{each.per_second:>9.0f}/s{each.cpu_ms:>8.2f} ms CPU{alone}"
        print(f"{each.system:<40}{rates}{times}")


if __name__ == "__main__":
    main()
