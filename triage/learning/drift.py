"""Drift: whether the tickets, or the model's answers to them, are still those it was trusted on.

Recent readings are held against earlier ones: what comes in (language, product), what is said (category, confidence,
abstentions). A shift counts when it is both large (population stability index) and more than chance (chi-square). And
what people say: agreement with the suggestion, which flatters, and agreement on the blind sample, which does not.

Source: Siddiqi 2006, "Credit Risk Scorecards" (PSI; 0.1 slight, 0.2 large); Pearson 1900 (chi-square).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.domain.learning import ModelRole, PromiseInForce, Reading, Truth
from triage.domain.shares import Share, share
from triage.learning.models import merged
from triage.ports import Clock, UnitOfWorkFactory

LARGE_PSI = 0.2
CHANCE = 0.01
FEWEST = 50
"""Readings in either period below which no shift is called."""
OTHER = "(other)"
KEPT_VALUES = 20

_SEEN: Mapping[str, Callable[[Reading], str]] = {
    "language": lambda reading: reading.language,
    "product": lambda reading: reading.product or "(none)",
    "category": lambda reading: reading.code,
    "confidence": lambda reading: f"{min(9, int(10 * reading.probability)) / 10:.1f}",
    "abstention": lambda reading: reading.abstain_reason.value if reading.abstain_reason else "(tagged)",
}


@dataclass(frozen=True, slots=True)
class Shift:
    """How far one thing moved between two periods.

    Attributes:
        psi: population stability index, >= 0.
        chance: probability of a shift this large when nothing moved, in [0, 1].
        shares: share before and now by value, the most moved first.
        drifted: large, and more than chance.
    """

    name: str
    psi: float
    chance: float
    shares: tuple[tuple[str, float, float], ...]
    drifted: bool


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Two periods side by side, and what people say about the second.

    Attributes:
        agreement: the suggestion was the category a person gave beside it; it flatters.
        blind_agreement: likewise for persons who could not see it.
        blind_tagged_errors: errors among tickets of the blind sample that would be tagged alone; the promise's test.
        promise_broken: the promised limit lies below the interval of those errors.
    """

    before: tuple[datetime, datetime]
    now: tuple[datetime, datetime]
    readings: tuple[int, int]
    shifts: tuple[Shift, ...]
    agreement: Share
    blind_agreement: Share
    blind_tagged_errors: Share
    promised_error: float | None
    promise_broken: bool

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of what moved."""
        return tuple(shift.name for shift in self.shifts if shift.drifted)


@dataclass(frozen=True, slots=True)
class Drift:
    """Reads the report off stored readings and labels."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock
    promise: Callable[[], PromiseInForce | None]

    def report(self, tenant: str, *, days: int = 30) -> DriftReport:
        """The last days against as many days before them."""
        end = self.clock.now() + timedelta(seconds=1)
        start = end - timedelta(days=days)
        earlier = start - timedelta(days=days)
        with self.unit_of_work(tenant) as uow:
            before = _serving(uow.predictions.between(earlier, start))
            now = _serving(uow.predictions.between(start, end))
            beside, blind = uow.corrections.truths(start), uow.blind_sample.truths(start)
        promise = self.promise()
        limit = promise.max_error if promise else None
        tagged = _agreeing([one for one in now if one.abstain_reason is None], merged((), blind))
        errors = share(tagged.n - tagged.count, tagged.n)
        return DriftReport(
            before=(earlier, start),
            now=(start, end),
            readings=(len(before), len(now)),
            shifts=tuple(shift_of(name, map(seen, before), map(seen, now)) for name, seen in _SEEN.items()),
            agreement=_agreeing(now, merged(beside, ())),
            blind_agreement=_agreeing(now, merged((), blind)),
            blind_tagged_errors=errors,
            promised_error=limit,
            promise_broken=limit is not None and errors.n > 0 and errors.low > limit,
        )


def shift_of(name: str, before: Iterable[str], now: Iterable[str]) -> Shift:
    """How far the shares of values moved.

    >>> shift_of("x", "aaab" * 50, "aaab" * 50).psi
    0.0
    """
    first, second = _few(Counter(before), Counter(now))
    values = sorted(first | second)
    n, m = sum(first.values()), sum(second.values())
    if not n or not m:
        return Shift(name, 0.0, 1.0, (), drifted=False)
    # half a case each, so that a value that is new or gone does not make the index infinite
    p = {value: (first[value] + 0.5) / (n + 0.5 * len(values)) for value in values}
    q = {value: (second[value] + 0.5) / (m + 0.5 * len(values)) for value in values}
    psi = sum((q[value] - p[value]) * math.log(q[value] / p[value]) for value in values)
    chance = _chance([first[value] for value in values], [second[value] for value in values])
    moved = sorted(values, key=lambda value: -abs(second[value] / m - first[value] / n))
    shares = tuple((value, first[value] / n, second[value] / m) for value in moved)
    drifted = min(n, m) >= FEWEST and psi >= LARGE_PSI and chance < CHANCE
    return Shift(name, psi, chance, shares, drifted)


def _few(first: Counter[str], second: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """The most frequent values by name, the others together: rare ones move by chance."""
    kept = {value for value, _ in (first + second).most_common(KEPT_VALUES)}

    def joined(counts: Counter[str]) -> Counter[str]:
        found: Counter[str] = Counter()
        for value, count in counts.items():
            found[value if value in kept else OTHER] += count
        return found

    return joined(first), joined(second)


def _chance(first: list[int], second: list[int]) -> float:
    if len(first) < 2:
        return 1.0
    from scipy.stats import chi2_contingency  # 0.5 s of import, needed for a report only

    return float(chi2_contingency([first, second]).pvalue)


def _serving(readings: Iterable[Reading]) -> list[Reading]:
    """One reading for each ticket: the first by a model in force."""
    first: dict[str, Reading] = {}
    for reading in readings:
        if reading.role is ModelRole.SERVING:
            first.setdefault(reading.ticket_id, reading)
    return list(first.values())


def _agreeing(readings: Sequence[Reading], truths: Mapping[str, Truth]) -> Share:
    judged = [reading for reading in readings if reading.ticket_id in truths]
    return share(sum(reading.code == truths[reading.ticket_id].category for reading in judged), len(judged))
