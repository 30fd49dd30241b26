"""The classifier of the shipped taxonomy, trained from the company's seed tickets in seconds and kept on disk."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.passage import Encoder
from triage.adapters.models.linear.classifier import LinearClassifier
from triage.adapters.models.linear.files import read_provenance
from triage.errors import ConfigurationError, ModelError

SHIPPED_NAME = "linear-seed"
#: Part of the fingerprint: raise it when training changes, so that kept models are made again.
RECIPE = "11"
#: Codes of ``remedy`` that demand nothing: a question, and nothing said.
NO_DEMAND = frozenset({"INFO", "NIEOKRESLONE"})


@dataclass(frozen=True, slots=True)
class SeedTickets:
    """The seed tickets of a company and the digest of their files.

    Attributes:
        everyday: which are as tickets come; the others were picked to be hard.
        asides: what letters say beside their matter.
        demands: what each ticket demands; codes of ``remedy``.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    digest: str
    everyday: tuple[bool, ...] = ()
    asides: tuple[str, ...] = ()
    demands: tuple[frozenset[str], ...] = ()


def read_seed_tickets(company_dir: Path) -> SeedTickets:
    """Read ``seed/*/*.jsonl`` below a company directory, in the order of the file names, and ``seed/*/asides.txt``.

    Raises:
        ConfigurationError: there are none, or a line is not a ticket with ``id``, ``text`` and ``category``.
    """
    digest = hashlib.sha256()
    rows: list[tuple[str, str, str, bool, frozenset[str]]] = []
    faults: list[str] = []
    for path in sorted((company_dir / "seed").glob("*/*.jsonl")):
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name} {len(content)}\n".encode() + content)
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
                typical = bool(row.get("everyday", False))
                made = frozenset(map(str, row.get("remedy", ()))) - NO_DEMAND
                rows.append((str(row["id"]), str(row["text"]), str(row["category"]), typical, made))
            except (ValueError, KeyError, TypeError, AttributeError):
                faults.append(f"{path.name}, line {number}: give a JSON object with id, text and category.")
    if not rows and not faults:
        faults.append(
            f"There are no seed tickets in {company_dir / 'seed'}: add seed/<language>/<name>.jsonl, or train on your "
            "history and let that model serve (`triage train`, `triage models add`, `triage models promote`)."
        )
    if faults:
        raise ConfigurationError(faults)
    ids, texts, labels, everyday, demands = zip(*rows, strict=True)
    asides: list[str] = []
    for path in sorted((company_dir / "seed").glob("*/asides.txt")):
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name} {len(content)}\n".encode() + content)
        asides += filter(None, map(str.strip, content.decode("utf-8").splitlines()))
    return SeedTickets(ids, texts, labels, digest.hexdigest(), everyday, tuple(asides), demands)


def train_shipped(
    company_dir: Path, encoder: Encoder, model_dir: Path, *, coverage: float = 0.9, max_error: float = 0.05
) -> LinearClassifier:
    """The classifier of the company's seed tickets: the one kept in ``model_dir`` when it still fits, else a new one.

    Args:
        company_dir: holds ``seed/<language>/*.jsonl``.
        model_dir: where the model is kept; made again when seed tickets, encoder, recipe or promise changed.
        coverage: share of tickets whose prediction set shall hold the true category, in (0, 1).
        max_error: share of wrong categories among those tagged without a person, in (0, 1).

    Raises:
        ConfigurationError: the seed tickets cannot be read.
    """
    seed = read_seed_tickets(company_dir)
    provenance = {"seed": seed.digest, "encoder": encoder.name, "recipe": RECIPE, "promise": f"{coverage}/{max_error}"}
    if read_provenance(model_dir) == provenance:
        try:
            return LinearClassifier.load(model_dir, encoder)
        except ModelError:
            pass  # a damaged copy of what can be made again is made again
    name = f"{SHIPPED_NAME}-{hashlib.sha256(json.dumps(provenance, sort_keys=True).encode()).hexdigest()[:8]}"
    classifier = LinearClassifier.train(
        seed.texts,
        seed.labels,
        encoder,
        ids=seed.ids,
        everyday=seed.everyday or None,
        asides=seed.asides,
        demands=seed.demands,
        name=name,
        coverage=coverage,
        max_error=max_error,
    )
    classifier.save(model_dir, provenance)
    return classifier
