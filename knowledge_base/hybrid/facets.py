"""The properties that filters ask for, in columns over all passages: a filter is a mask, and no passage is read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import SearchFilters
from knowledge_base.hybrid.product_words import product_words
from knowledge_base.passage import Audience, Passage

_ROWS: Final = "facets.npy"
_NAMES: Final = "facets.json"
_PRODUCT_WORDS: Final = "product_words"
_NO_END: Final = date.max.toordinal()
#: Columns that hold names; the row has the number of the name.
_NAMED: Final = ("language", "product", "model", "doc_type")
_DAYS: Final = ("valid_from", "valid_to", "superseded_from")
# Questions that verdicts taught, from which a passage is judged like those whose owners gave it other words: of two
# writers' questions without others, fewer held more answers back, more let more near misses through.
_A_NAME: Final = 3
_FLAGS: Final = [("internal", "?"), ("named", "?")]
_ROW: Final = np.dtype([*_FLAGS, *((day, "<i4") for day in _DAYS), *((name, "<u2") for name in _NAMED)])


@dataclass(frozen=True, slots=True)
class Facets:
    """Columns over the passages.

    Attributes:
        rows: structured array of shape (n_passages,).
        names: for each column of names, the names in order of their numbers.
        product_words: what documents about products call them, lower-case.
    """

    rows: NDArray[np.void]
    names: Mapping[str, Sequence[str]]
    product_words: tuple[str, ...] = ()

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> Self:
        """Columns of passages in order."""
        rows = np.zeros(len(passages), dtype=_ROW)
        rows["internal"] = [passage.audience is not Audience.CUSTOMER for passage in passages]
        rows["named"] = [bool(passage.asked_as) or len(passage.taught) >= _A_NAME for passage in passages]
        rows["valid_from"] = [_ordinal(passage.valid_from, 0) for passage in passages]
        rows["valid_to"] = [_ordinal(passage.valid_to, _NO_END) for passage in passages]
        rows["superseded_from"] = [_ordinal(passage.superseded_from, _NO_END + 1) for passage in passages]
        names = {}
        for column in _NAMED:
            values = [str(getattr(passage, column) or "").casefold() for passage in passages]
            numbers = {name: number for number, name in enumerate(sorted(set(values)))}
            names[column] = list(numbers)
            rows[column] = [numbers[value] for value in values]
        return cls(rows, names, product_words(passages))

    @property
    def products(self) -> frozenset[str]:
        """Product lines and models that any passage is about, case-folded."""
        return frozenset(name for column in ("product", "model") for name in self.names[column] if name)

    @property
    def general(self) -> NDArray[np.bool_]:
        """Which passages are about no product in particular."""
        return self._named("product", ("",)) & self._named("model", ("",))

    @property
    def polish(self) -> NDArray[np.bool_]:
        """Which passages are Polish."""
        return self._named("language", ("pl",))

    def named_of(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some passages have other words than their headings: of their owners, or several verdicts taught."""
        found: NDArray[np.bool_] = self.rows["named"][ids]
        return found

    def mask(self, filters: SearchFilters, today: date) -> NDArray[np.bool_]:
        """Which passages may be returned: bool of shape (n_passages,)."""
        rows = self.rows
        allowed = np.ones(len(rows), dtype=bool)
        if not filters.outdated:
            day = (filters.valid_on or today).toordinal()
            allowed &= (rows["valid_from"] <= day) & (day <= rows["valid_to"]) & (day < rows["superseded_from"])
        if filters.audience is Audience.CUSTOMER:
            allowed &= ~rows["internal"]
        if filters.languages:
            allowed &= self._named("language", filters.languages)
        if filters.document_types:
            allowed &= self._named("doc_type", filters.document_types)
        if filters.products:
            # A passage about no product in particular is about every product.
            allowed &= self._named("product", (*filters.products, "")) | self._named("model", filters.products)
        return allowed

    def _named(self, column: str, wanted: Sequence[str]) -> NDArray[np.bool_]:
        """Which passages have one of the names in a column."""
        folded = {name.casefold() for name in wanted}
        chosen = np.array([name in folded for name in self.names[column]], dtype=bool)
        found: NDArray[np.bool_] = chosen[self.rows[column]] if len(chosen) else np.zeros(len(self.rows), dtype=bool)
        return found

    def save(self, folder: Path) -> None:
        """Write the columns."""
        np.save(folder / _ROWS, self.rows, allow_pickle=False)
        names = {**self.names, _PRODUCT_WORDS: self.product_words}
        (folder / _NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the columns (24 bytes for each passage)."""
        names = json.loads((folder / _NAMES).read_text("utf-8"))
        words = tuple(names.pop(_PRODUCT_WORDS))
        return cls(np.load(folder / _ROWS, allow_pickle=False), names, words)


def _ordinal(day: date | None, otherwise: int) -> int:
    return day.toordinal() if day else otherwise
