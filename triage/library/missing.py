"""What a question demands and the documents do not say, in words for the person who asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from knowledge_base.answer import Condition

_RULED: Final = "nowhere"
_NOWHERE: Final = frozenset({"code", "name"})
_WORDING: Final = {
    "pl": (
        "Sprawdzone, żaden dokument na to nie odpowiada",
        "Żaden dokument nie wspomina",
        "W najbliższych fragmentach brakuje tego, o co pytano",
    ),
    "en": ("Checked, no document answers this", "No document mentions", "The nearest passages do not give"),
}


def missing_note(missing: Sequence[Condition], language: str) -> str:
    """Sentences that name what is missing; empty where nothing is.

    >>> missing_note([Condition("code", "W9"), Condition("price", "cena")], "pl")
    'Żaden dokument nie wspomina: W9. W najbliższych fragmentach brakuje tego, o co pytano: cena.'
    >>> missing_note([Condition("nowhere", "opening hours")], "en")
    'Checked, no document answers this: opening hours.'
    """
    ruled, nowhere, not_here = _WORDING[language]
    sorted_out = {
        ruled: [one.what for one in missing if one.kind == _RULED],
        nowhere: [one.what for one in missing if one.kind in _NOWHERE],
        not_here: [one.what for one in missing if one.kind not in (*_NOWHERE, _RULED)],
    }
    return " ".join(f"{begun}: {', '.join(what)}." for begun, what in sorted_out.items() if what)
