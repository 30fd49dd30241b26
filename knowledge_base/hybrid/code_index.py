"""Which passages hold which error code, part number or model.

A model says what a question is about, not what it asks: „ile kosztuje K400” has no answer in every section of the
K400's manual. So models help to rank, and only the other codes tell that there is an answer. A passage about a code has
it in its heading or as the first cell of its row; others only mention it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray, Passage
from knowledge_base.tokenise import codes

_FILE: Final = "codes.json"
# What a passage that only mentions a code counts of one that is about it.
_MENTIONED: Final = 0.6


class CodeIndex:
    """Normalised code to passage numbers."""

    def __init__(
        self, passages_of: Mapping[str, list[int]], about: Mapping[str, list[int]], models: Iterable[str]
    ) -> None:
        self._passages_of = passages_of
        self._about = about
        self._models = frozenset(models)

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> Self:
        """Codes of passages in order."""
        passages_of: dict[str, list[int]] = defaultdict(list)
        about: dict[str, list[int]] = defaultdict(list)
        models: set[str] = set()
        for number, passage in enumerate(passages):
            models.update(codes(passage.model or ""))
            for code in passage.codes:
                passages_of[code].append(number)
            for code in codes(_subject(passage)):
                about[code].append(number)
        return cls(dict(passages_of), dict(about), models)

    def known(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those of the codes that some passage holds."""
        return tuple(code for code in wanted if code in self._passages_of)

    def telling(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those of the codes that are no model."""
        return tuple(code for code in wanted if code not in self._models)

    def shares(self, wanted: Iterable[str], n_passages: int) -> FloatArray:
        """Share of the codes each passage holds, the rarer the heavier: float32 of shape (n_passages,), in [0, 1]."""
        shares = np.zeros(n_passages, np.float32)
        weights = {code: float(np.log1p(n_passages / len(self._passages_of[code]))) for code in self.known(wanted)}
        for code, weight in weights.items():
            shares[self.numbers(code)] += weight / sum(weights.values())
        return shares

    def evidence(self, wanted: Iterable[str], n_passages: int) -> FloatArray:
        """The same, less where a passage only mentions the codes."""
        wanted = tuple(wanted)
        found = self.shares(wanted, n_passages)
        if not self.known(wanted):
            return found
        about = np.zeros(n_passages, bool)
        for code in wanted:
            about[self._about.get(code, [])] = True
        return np.where(about, found, found * np.float32(_MENTIONED))

    def shares_in(self, wanted: Sequence[str], ids: NDArray[np.int64], n_passages: int) -> FloatArray:
        """The shares of some passages: float32 of shape (len(ids),)."""
        return self.shares(wanted, n_passages).take(ids) if wanted else np.zeros(len(ids), np.float32)

    def evidence_in(self, wanted: Sequence[str], ids: NDArray[np.int64], n_passages: int) -> FloatArray:
        """The evidence of some passages: float32 of shape (len(ids),)."""
        return self.evidence(wanted, n_passages).take(ids) if wanted else np.zeros(len(ids), np.float32)

    def numbers(self, code: str) -> NDArray[np.int64]:
        """Passages that hold a code."""
        return np.array(self._passages_of.get(code, []), dtype=np.int64)

    def save(self, folder: Path) -> None:
        """Write the index."""
        data = {"passages": self._passages_of, "about": self._about, "models": sorted(self._models)}
        (folder / _FILE).write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the index."""
        data = json.loads((folder / _FILE).read_text("utf-8"))
        return cls(data["passages"], data["about"], data["models"])


def _subject(passage: Passage) -> str:
    """What a passage is about: its own heading; of a row of a code table, its first cell."""
    if passage.prefix:
        return passage.text[passage.prefix :].strip(" |").partition("|")[0]
    return passage.section[-1] if passage.section else passage.title
