"""The properties that filters ask for, in columns over all passages: a filter is a mask, and no passage is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Audience, Passage, SearchFilters

_FILE: Final = "facets.npy"
_NO_END: Final = date.max.toordinal()
_ROW: Final = np.dtype(
    [
        ("internal", "?"),
        ("polish", "?"),
        ("valid_from", "<i4"),
        ("valid_to", "<i4"),
        ("superseded_from", "<i4"),
        ("language", "<U8"),
        ("product", "<U64"),
        ("model", "<U64"),
        ("doc_type", "<U32"),
    ]
)


@dataclass(frozen=True, slots=True)
class Facets:
    """Columns over the passages.

    Attributes:
        rows: structured array of shape (n_passages,).
    """

    rows: NDArray[np.void]

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> Self:
        """Columns of passages in order."""
        return cls(np.array([_row(passage) for passage in passages], dtype=_ROW))

    @property
    def polish(self) -> NDArray[np.bool_]:
        """Which passages are Polish."""
        return np.asarray(self.rows["polish"], dtype=bool)

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
            allowed &= np.isin(rows["language"], filters.languages)
        if filters.document_types:
            allowed &= np.isin(rows["doc_type"], filters.document_types)
        if filters.products:
            allowed &= self._about(filters.products)
        return allowed

    def _about(self, products: tuple[str, ...]) -> NDArray[np.bool_]:
        """Passages about one of the products (or models), or about none in particular."""
        wanted = [product.casefold() for product in products]
        return np.asarray(
            (self.rows["product"] == "") | np.isin(self.rows["product"], wanted) | np.isin(self.rows["model"], wanted)
        )

    def save(self, folder: Path) -> None:
        """Write the columns."""
        np.save(folder / _FILE, self.rows, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Map the columns into memory."""
        return cls(np.load(folder / _FILE, allow_pickle=False, mmap_mode="r"))


def _row(passage: Passage) -> tuple[bool, bool, int, int, int, str, str, str, str]:
    return (
        passage.audience is not Audience.CUSTOMER,
        passage.language == "pl",
        passage.valid_from.toordinal() if passage.valid_from else 0,
        passage.valid_to.toordinal() if passage.valid_to else _NO_END,
        passage.superseded_from.toordinal() if passage.superseded_from else _NO_END + 1,
        passage.language,
        (passage.product or "").casefold(),
        (passage.model or "").casefold(),
        passage.doc_type,
    )
