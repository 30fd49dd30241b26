"""What rulings on questions change in documents on their way into the index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from knowledge_base.build.reading import Entry
from knowledge_base.rulings import Ruling, RulingKind, content_key


def questions_by_passage(rulings: Iterable[Ruling]) -> dict[str, list[str]]:
    """Questions that passages answer, by content key."""
    found: dict[str, list[str]] = {}
    for ruling in rulings:
        for key in ruling.passages if ruling.kind is RulingKind.ANSWERS else ():
            found.setdefault(key, []).append(ruling.question)
    return found


def taught(entry: Entry, questions: Mapping[str, Sequence[str]]) -> Entry:
    """A document whose passages have the questions that people found them to answer, no more and no fewer."""
    if not questions and not any(passage.taught for passage in entry.passages):
        return entry
    passages, stale = [], set(entry.stale)
    for number, passage in enumerate(entry.passages):
        # who named a section well named it for all questions; there verdicts decide the same question alone
        wanted = () if passage.asked_as else tuple(questions.get(content_key(passage), ()))
        if passage.taught != wanted:
            stale.add(number)
        passages.append(passage if passage.taught == wanted else replace(passage, taught=wanted))
    return replace(entry, passages=passages, stale=frozenset(stale))


def digest_of(rulings: Iterable[Ruling]) -> str:
    """Names what was ruled; empty where nothing was."""
    facts = sorted(f"{ruling}" for ruling in rulings)
    return hashlib.sha256("\n".join(facts).encode("utf-8")).hexdigest() if facts else ""
