"""Recognisers of facts: one kind per module, on redacted text, each with its span and confidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from triage.recognisers.facts import (
    amount,
    batch,
    contract_no,
    dated,
    error_code,
    fault,
    firmware,
    guarantee_card,
    identity,
    injury,
    invoice_no,
    order_no,
    part_no,
    photo,
    product,
    promise,
    quantity,
    rma_no,
    serial,
    waybill,
)
from triage.recognisers.facts.finding import Finding, Passage

__all__ = ["Finding", "Passage", "find_facts"]

_FINDERS: Final[tuple[Callable[[Passage], Iterator[Finding]], ...]] = (
    order_no.find,
    rma_no.find,
    invoice_no.find,
    waybill.find,
    serial.find,
    batch.find,
    part_no.find,
    contract_no.find,
    firmware.find,
    error_code.find,
    amount.find,
    quantity.find,
    injury.find,
    photo.find,
    fault.find,
    guarantee_card.find,
    identity.find,
    product.find,
)

# only the customer can tell these; the desk asks for them
_CUSTOMERS: Final = frozenset({"photo", "fault", "injury", "guarantee_card"})


def find_facts(text: str, now: date, *, by_desk: bool) -> tuple[Finding, ...]:
    """All facts of one text, in reading order, each kind and place once.

    Args:
        now: the day the text was written.
        by_desk: the desk wrote it: its promises count as the desk's own.

    >>> [(f.kind, f.value) for f in find_facts("Ekspres, zam. 45871 z 2.11, E08", date(2026, 11, 20), by_desk=False)]
    [('product', 'ekspres'), ('order_no', '45871'), ('purchase_date', '2026-11-02'), ('error_code', 'E08')]
    """
    passage = Passage(text)
    found = [finding for find in _FINDERS for finding in find(passage) if not (by_desk and finding.kind in _CUSTOMERS)]
    versions = [finding for finding in found if finding.kind == "firmware"]
    found += [
        finding
        for finding in dated.find(passage, now, by_desk=by_desk)
        if not any(version.start < finding.end and finding.start < version.end for version in versions)
    ]
    found += promise.find(passage, now, by_desk=by_desk)
    once = {(finding.kind, finding.start, finding.end): finding for finding in found}
    return tuple(sorted(once.values(), key=lambda finding: (finding.start, finding.end, finding.kind)))
