"""What an agent changed in a draft: how far the letters are apart, and sentence by sentence what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from triage.domain.drafting import Change, ChangeKind
from triage.domain.sentences import sentence_spans


def edit_distance(before: str, after: str) -> float:
    """Word-level Levenshtein distance over the longer text's words.

    Words, not characters: a letter has a few hundred of them, and a changed date is one change.

    Returns:
        A number in [0, 1]; 0 for texts that differ in white space alone, 1 for texts without a common word.

    Source: Levenshtein 1966; normalised as in the KPI "edit distance" of the reply standard.

    >>> edit_distance("Naprawimy ekspres do 4.12.2026.", "Naprawimy ekspres do 7.12.2026.")
    0.25
    """
    one, other = before.split(), after.split()
    longest = max(len(one), len(other))
    one, other = _without_common_ends(one, other)
    return round(_levenshtein(one, other) / longest, 4) if longest else 0.0


def what_changed(before: str, after: str) -> tuple[Change, ...]:
    """Sentences added, removed and reworded, in the order of the letter."""
    old, new = _sentences(before), _sentences(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        change
        for tag, since, until, start, end in matcher.get_opcodes()
        if tag != "equal"
        for change in _paired(old[since:until], new[start:end])
    )


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    for before, after in zip_longest(old, new, fillvalue=""):
        kind = ChangeKind.ADDED if not before else ChangeKind.REMOVED if not after else ChangeKind.REWORDED
        yield Change(kind, before, after)


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentence_spans(text)]


def _without_common_ends(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[start:], other[start:]


def _levenshtein(one: Sequence[str], other: Sequence[str]) -> int:
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, start=1):
        previous, row[0] = row[0], i
        for j, candidate in enumerate(other, start=1):
            cheapest = min(row[j] + 1, row[j - 1] + 1, previous + (word != candidate))
            previous, row[j] = row[j], cheapest
    return row[-1]
