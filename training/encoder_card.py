"""The model card of a distilled encoder: what it is, what it learnt from, how to make and use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Who made each collection, as its licence asks; the other sources are named by their project.
CREDIT = {
    "tatoeba_anki": "Tatoeba contributors (tatoeba.org), by way of manythings.org/anki",
    "massive": "MASSIVE 1.1, Amazon (FitzGerald et al. 2022, arXiv:2204.08582)",
    "banking77_train.jsonl.gz": "Banking77, PolyAI (Casanueva et al. 2020, arXiv:2003.04807), CC BY 4.0",
}
MICROSOFT = "Microsoft documentation contributors (learn.microsoft.com)"
CHANGES = "Texts were cleaned, placeholders stripped; only statistics of them (the vectors) are distributed."

TEMPLATE = """---
language: [pl, en]
license: cc-by-4.0
library_name: sentence-transformers
tags: [sentence-similarity, static-embeddings]
---

# encoder-pl-en: a bilingual Polish–English static encoder

{vocabulary:,} sub-words × {dim} dimensions, int8 with one scale per row, {dim} float32 out. A text's vector is the
normalised sum of its sub-words' vectors; the same space for both languages. Made for search and classification of
after-sales tickets on a CPU without torch. It knows no word order and no negation.

## Use

```python
from triage.adapters.models.static_encoder import StaticEncoder
vectors = StaticEncoder.load("DIR").encode(["Pralka nie odpompowuje wody", "The washer does not drain"])
```

In sentence-transformers, after `python -m training.encoder_files --encoder DIR --out EXPORTED`:

```python
from sentence_transformers import SentenceTransformer
model = SentenceTransformer("EXPORTED")
vectors = model.encode(["Pralka nie odpompowuje wody", "The washer does not drain"])
```

## How it was made

`{command}`

Seed {seed}. Text is folded (lower case, no diacritics, ł → l) and cut by a Unigram tokenizer learnt on the same
sentences. The student's vectors of a sentence in both languages are drawn to the teacher's vector of the English one
(teacher: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0, projected to {dim} principal directions): cosine
distance, and cross-entropy towards the teacher's similarities within a batch of {batch} pairs, to the teacher and
between the languages. {epochs} epochs, Adam {rate}, temperature {temperature}; {swap:.0%} of the Polish words were
replaced by another form of theirs (Morfeusz 2 with SGJP, BSD-2-Clause) and {drop:.0%} of the words were dropped.

Inputs, SHA-256:

{inputs}

No labels were used. {left_out}Sentences that also stand in a row of another split than `train` were left out.
Held out: {held_out_rows} Tatoeba pairs; the nearest English sentence is the translation for {pl_en} % of the Polish
ones, {en_pl} % the other way. Other measures: `python -m training.evaluate_encoder --encoder DIR …`.

The files' hashes are in `manifest.json`. The tokenizer's trainer runs on several threads: made again, the sub-words are
the same but equal scores may come in another order, so the hashes differ.

## Data, licences, attribution

| source | licence | pairs | credit |
|---|---|---|---|
{sources}

{english_only}{changes} The weights may be used under CC BY 4.0 with this attribution.
"""


def model_card(
    metrics: Mapping[str, Any], sources: Sequence[tuple[str, str, int]], english: Sequence[str], command: str
) -> str:
    """Markdown with front matter.

    Args:
        metrics: what ``distil_encoder`` writes to ``metrics.json``.
        sources: source, licence and number of pairs.
        english: names of files with English sentences without translation.
        command: as it was run.
    """
    left_out = ", ".join(metrics["left_out_sources"])
    extra = "; ".join(CREDIT.get(name, name) for name in english)
    return TEMPLATE.format(
        **metrics["recipe"],
        vocabulary=metrics["vocabulary"],
        command=command,
        inputs="\n".join(f"- `{name}` {digest}" for name, digest in metrics["inputs_sha256"].items()),
        left_out=f"Sources left out: {left_out}. " if left_out else "",
        held_out_rows=metrics["held_out"]["rows"],
        pl_en=metrics["held_out"]["pl_en"],
        en_pl=metrics["held_out"]["en_pl"],
        sources="\n".join(
            f"| {source} | {licence} | {number:,} | {_credit(source)} |" for source, licence, number in sources
        ),
        english_only=f"English only, {metrics['english_only']:,} sentences: {extra}.\n\n" if english else "",
        changes=CHANGES,
    )


def _credit(source: str) -> str:
    if source.startswith("msdocs"):
        return MICROSOFT
    return CREDIT.get(source, f"the {source.removeprefix('po_').split('(')[0]} project's translators")
