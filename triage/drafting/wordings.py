"""Wordings: letters compared by what they say between salutation and contact, whatever case they were written for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.domain.drafting import Suggestion
from triage.domain.folding import fold

NEARLY_THE_SAME = 0.8
"""Jaccard similarity of word triples from which two letters are one suggestion."""
SHINGLE = 3
_HEAD = re.compile(r"\A.*?^(?:szanown\w+|dear |dzien dobry|hello)[^\n]*\n+", re.DOTALL | re.MULTILINE)
_TAIL = re.compile(
    r"\n+(?:sprawe prowadzi|your case is handled by|z powazaniem|z pozdrowieniami|yours |kind regards).*\Z", re.DOTALL
)
_FIGURE = re.compile(r"\d[\d.,:/ \u00a0-]*\d|\d|⟦\w+⟧")
_WORD = re.compile(r"\w+|⟦⟧")


def core_of(letter: str) -> str:
    r"""The letter's own part: from the salutation on, up to contact and signature; all of it when it has neither.

    >>> core_of("Warszawa\n\nSzanowni Państwo,\n\nnaprawimy ekspres.\n\nZ poważaniem\nDomex")
    'naprawimy ekspres.'
    """
    folded = fold(letter)
    head, tail = _HEAD.search(folded), _TAIL.search(folded)
    start = head.end() if head else 0
    end = tail.start() if tail and tail.start() > start else len(letter)
    return letter[start:end].strip()


def nearest(letter: str, known: Iterable[Suggestion]) -> Suggestion | None:
    """The suggestion that says nearly the same, if there is one; figures and pseudonyms do not tell letters apart."""
    own = _shingles(core_of(letter))
    scored = [(_jaccard(own, _shingles(one.text)), one) for one in known]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= NEARLY_THE_SAME else None


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(_FIGURE.sub("⟦⟧", fold(text)))
    if len(words) < SHINGLE:
        return frozenset({tuple(words)})
    return frozenset(zip(*(words[i:] for i in range(SHINGLE)), strict=False))


def _jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / max(1, len(one | other))
