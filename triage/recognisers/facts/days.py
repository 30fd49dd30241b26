"""Days as people write them: „3.11.2026”, „12.08”, „2 listopada”, „wczoraj”, „w zeszły wtorek”, "two weeks ago".

A day without a year, or a weekday, can lie behind or ahead; both readings are kept, and the words around it decide.

>>> now = date(2026, 11, 20)
>>> text = "kupiony 12.08, od zeszłego wtorku, 3 miesiące temu"
>>> [(d.text, d.past.isoformat()) for d in find_days(Passage(text), now)]
[('12.08', '2026-08-12'), ('zeszłego wtorku', '2026-11-17'), ('3 miesiące temu', '2026-08-20')]
>>> [(d.text, d.future.isoformat()) for d in find_days(Passage("do piątku, by 27 November, do 2.01"), now)]
[('piątku', '2026-11-27'), ('27 November', '2026-11-27'), ('2.01', '2027-01-02')]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from triage.recognisers.facts.day import Day
from triage.recognisers.facts.finding import Passage
from triage.recognisers.facts.told_days import TOLD
from triage.recognisers.facts.written_days import WRITTEN

_READERS: Final[tuple[Callable[[Passage, date], Iterator[Day]], ...]] = (*WRITTEN, *TOLD)


def find_days(passage: Passage, now: date) -> Iterator[Day]:
    """Days named in a passage, in reading order; where two readings overlap the longer one counts.

    Args:
        now: the day the passage was written; relative words count from it.
    """
    taken: list[Day] = []
    found = [day for reader in _READERS for day in reader(passage, now)]
    for day in sorted(found, key=lambda day: (day.start - day.end, day.start)):
        if all(day.end <= other.start or other.end <= day.start for other in taken):
            taken.append(day)
    yield from sorted(taken, key=lambda day: day.start)
