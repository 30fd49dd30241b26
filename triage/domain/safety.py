"""The register of complaints about dangerous products: what happened, with which product, and what may belong together.

Source: Regulation (EU) 2023/988 (GPSR) art. 9(11), 12: an internal register of complaints, with personal data only as
far as needed and for no longer than five years.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class SafetyEntry:
    """One complaint as it is registered; names no person.

    Attributes:
        received_on: day the complaint came in.
        events: what happened, ids of the hazard table (``fire``, ``electric_shock`` …), sorted.
        model: empty where the ticket does not say; so are ``product``, ``batch`` and ``serial``.
        article: the provision that asks for the entry.
        erase_after: last day of the retention term.
    """

    case_id: str
    received_on: date
    events: tuple[str, ...]
    product: str
    model: str
    batch: str
    serial: str
    article: str
    erase_after: date

    @property
    def digest(self) -> bytes:
        """SHA-256 of the entry's content, 32 bytes; the audit log holds it too."""
        content = json.dumps(asdict(self), default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode("utf-8")).digest()


@dataclass(frozen=True, slots=True)
class RegisteredEntry:
    """An entry in its place: ``position`` counts from 1 without gaps, per tenant."""

    position: int
    registered_at: datetime
    entry: SafetyEntry


@dataclass(frozen=True, slots=True)
class Cluster:
    """Complaints about one model, or one batch of it, that came in together.

    Attributes:
        model: empty for a batch whose complaints all name no model.
        batch: empty for a cluster over all batches of the model.
        cases: ids, oldest first; each case counts once.
    """

    model: str
    batch: str
    cases: tuple[str, ...]
    events: tuple[str, ...]
    first_on: date
    last_on: date
