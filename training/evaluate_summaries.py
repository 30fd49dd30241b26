"""Measures the extractive summariser on customer-care dialogues: ROUGE against lead-3, random and TextRank.

    python -m training.evaluate_summaries tweetsumm_valid.jsonl.gz --results training/results/summaries.json

The file holds JSON lines ``{"dialogue": [turn, …], "summary": "…"}``, customer first, turns alternating; gzip or plain.
The summariser's weights were set on the training part; report the validation part. Baselines get the same sentences.
"Labelled" baselines carry the same speaker words as the product's summary ("Customer is complaining about", "Agent
says"), so that the margin over them comes from the choice of sentences alone.

Measure: ROUGE-1/2/L F1 with stemming (Lin 2004), by the ``rouge-score`` package; means over all dialogues. Every line's
support is checked: its sentence stands word for word in a message it names.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

from triage.adapters.models.static_encoder import StaticEncoder
from triage.domain.classification import Classification, Facts
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.sentences import sentence_spans
from triage.domain.summary import Summary, SummarySection
from triage.domain.ticket import Author, Channel
from triage.stages.summarise import summarise

METRICS = ("rouge1", "rouge2", "rougeL")
START = datetime(2026, 11, 1, 9, tzinfo=UTC)
SENTENCES = 3
SEED = 13
PROSE = (SummarySection.INTENT, SummarySection.TIMELINE, SummarySection.COMMITMENTS, SummarySection.OPEN_QUESTIONS)

Dialogue = tuple[RedactedTicket, str]
Summariser = Callable[[RedactedTicket], str]


def main() -> None:
    """Score the summariser and the baselines on one file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("file", type=Path, help="dialogues with reference summaries, JSON lines")
    parser.add_argument("--limit", type=int, default=None, help="at most this many dialogues")
    parser.add_argument("--results", type=Path, default=None, help="write the figures here as JSON")
    arguments = parser.parse_args()
    dialogues = list(read_dialogues(arguments.file))[: arguments.limit]
    encoder = StaticEncoder.load()
    systems: dict[str, Summariser] = {
        "extractive": lambda ticket: product_summary(ticket, encoder).text,
        "extractive, no labels": lambda ticket: bare(product_summary(ticket, encoder)),
        "lead-3": lead,
        "lead-3, labelled": lead_labelled,
        "random-3": random_sentences,
        "TextRank-3": textrank,
        "TextRank-3, labelled": lambda ticket: labelled(textrank(ticket), ""),
    }
    print(f"{arguments.file.name}: {len(dialogues)} dialogues")
    results = {name: score(system, dialogues) for name, system in systems.items()}
    for name, figures in results.items():
        print(f"{name:24}" + "  ".join(f"{key} {value:6.2f}" for key, value in figures.items()))
    unsupported = sum(count_unsupported(ticket, product_summary(ticket, encoder)) for ticket, _ in dialogues)
    print(f"lines without support: {unsupported}")
    if arguments.results:
        record = {
            "file": arguments.file.name,
            "n": len(dialogues),
            "unsupported_lines": unsupported,
            "systems": results,
        }
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """Tickets made of the dialogues, one minute between turns, with their reference summaries."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            record = json.loads(line)
            messages = tuple(
                RedactedMessage(
                    f"m{turn}",
                    Author.AGENT if turn % 2 else Author.CUSTOMER,
                    START + timedelta(minutes=turn),
                    RedactedText(text.strip()),
                )
                for turn, text in enumerate(record["dialogue"])
                if text.strip()
            )
            ticket = RedactedTicket(str(number), RedactedText(""), messages, START, Channel.CHAT, len(messages))
            yield ticket, record["summary"]


def product_summary(ticket: RedactedTicket, encoder: StaticEncoder) -> Summary:
    """What the product makes of the dialogue alone: no category, no facts, no deadlines."""
    return summarise(ticket, Classification("C18", "", 1.0, "en"), Facts(), (), encoder)


def bare(summary: Summary) -> str:
    """The chosen sentences without the words in front of them."""
    return " ".join(line.text.partition(": ")[2] for line in summary.lines if line.section in PROSE)


def count_unsupported(ticket: RedactedTicket, summary: Summary) -> int:
    """Lines whose sentence stands in none of the messages they name."""
    bodies = {message.id: message.body for message in ticket.messages}
    return sum(
        not any(_said(line.text) in bodies[message_id] for message_id in line.message_ids)
        for line in summary.lines
        if line.section in PROSE
    )


def _said(line: str) -> str:
    return re.sub(r" \((?:kept|not kept|open)\)$", "", line.partition(": ")[2])


def sentences(ticket: RedactedTicket) -> list[tuple[Author, str]]:
    """All sentences with their authors, in order."""
    return [
        (message.author, message.body[start:end])
        for message in ticket.messages
        for start, end in sentence_spans(message.body)
    ]


def labelled(customer: str, agent: str) -> str:
    """Put the product's speaker words in front."""
    return f"Customer is complaining about: {customer}" + (f"\nAgent says: {agent}" if agent else "")


def lead(ticket: RedactedTicket) -> str:
    """The first three sentences (See et al. 2017)."""
    return " ".join(text for _, text in sentences(ticket)[:SENTENCES])


def lead_labelled(ticket: RedactedTicket) -> str:
    """The customer's first two sentences and the agent's first, with speaker words."""
    said = sentences(ticket)
    customer = [text for author, text in said if author is Author.CUSTOMER][: SENTENCES - 1]
    agent = [text for author, text in said if author is Author.AGENT][:1]
    return labelled(" ".join(customer), " ".join(agent))


def random_sentences(ticket: RedactedTicket) -> str:
    """Three sentences drawn by a fixed seed, in order."""
    said = sentences(ticket)
    drawn = sorted(random.Random(f"{SEED}{ticket.id}").sample(range(len(said)), min(SENTENCES, len(said))))
    return " ".join(said[index][1] for index in drawn)


def textrank(ticket: RedactedTicket) -> str:
    """Three sentences by TextRank over word overlap (Mihalcea & Tarau 2004), in order."""
    said = [text for _, text in sentences(ticket)]
    words = [set(re.findall(r"[a-z']{3,}", text.lower())) for text in said]
    weights = [[_overlap(one, other) if one is not other else 0.0 for other in words] for one in words]
    ranks = _page_rank(weights)
    best = sorted(sorted(range(len(said)), key=lambda index: -ranks[index])[:SENTENCES])
    return " ".join(said[index] for index in best)


def _overlap(one: set[str], other: set[str]) -> float:
    shared = len(one & other)
    return shared / (math.log(len(one) + 1) + math.log(len(other) + 1)) if shared else 0.0


def _page_rank(weights: Sequence[Sequence[float]], damping: float = 0.85, rounds: int = 30) -> list[float]:
    size = len(weights)
    totals = [sum(row) or 1.0 for row in weights]
    ranks = [1.0 / max(1, size)] * size
    for _ in range(rounds):
        flows = [sum(weights[j][i] / totals[j] * ranks[j] for j in range(size)) for i in range(size)]
        ranks = [(1 - damping) / size + damping * flow for flow in flows]
    return ranks


def score(system: Summariser, dialogues: Sequence[Dialogue]) -> dict[str, float]:
    """Mean ROUGE F1 in percent, mean words, and mean milliseconds per dialogue."""
    scorer = RougeScorer(METRICS, use_stemmer=True)
    totals = dict.fromkeys((*METRICS, "words", "ms"), 0.0)
    for ticket, reference in dialogues:
        started = time.perf_counter()
        summary = system(ticket)
        totals["ms"] += 1000 * (time.perf_counter() - started)
        totals["words"] += len(summary.split())
        for metric, figures in scorer.score(reference, summary).items():
            totals[metric] += 100 * figures.fmeasure
    return {name: round(total / len(dialogues), 2) for name, total in totals.items()}


if __name__ == "__main__":
    main()
