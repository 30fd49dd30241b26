"""Which sentences of a letter ask.

A customer's mail tells a story and asks about a part of it. The words of the story are as rare as those of the question
and more of them, so they would lead the search.

>>> asking_sentences("Kupiłam rower. Żona jeździ nim do pracy. Kto zapłaci za kuriera?")
['Kto zapłaci za kuriera?']
"""

from __future__ import annotations

import re
from typing import Final

_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+|\n+")
# How a question begins, after „a”, „no i”, „do”, "and", "by" …
_BEGINNING: Final = re.compile(
    r"(?:(?:a|i|no|więc|wiec|oraz|and|so|but|or) )*"
    r"(?:(?:do|od|na|w|po|za|z|o|u|pod|by|for|to|from|at|in|until|since) )?"
    r"(?:czy|ile|ilu|kiedy|kto|kogo|komu|kim|gdzie|skąd|skad|dokąd|dokad|jak\w{0,4}|któr\w+|ktor\w+|co|czego|czemu|czym"
    r"|dlaczego|how|what|when|who|whom|whose|where|which|why|can|could|do|does|did|is|are|may|must|shall|should|will"
    r"|would|am)\b",
    re.IGNORECASE,
)
# A question within a sentence: „nie wiem, czy …”; "please tell me … when": the first and then the second.
_WITHIN: Final = re.compile(
    r", (?:a )?(?:(?:do|od|na|w|po|za|z) )?(?:czy|ile|kiedy|gdzie|skąd|skad|kto|komu|jak długo|jak dlugo|dlaczego"
    r"|whether|how|when|where|who)\b",
    re.IGNORECASE,
)
_WONDERING: Final = re.compile(r"\b(?:wonder|know|tell me|ask|asking)\b", re.IGNORECASE)
_WONDERED: Final = re.compile(r"\b(?:if|whether|how|when|where|what|who|which)\b", re.IGNORECASE)


def asking_sentences(text: str) -> list[str]:
    """Sentences of a text that ask, in order; where none has the form of a question, those that hold one."""
    sentences = [part for sentence in _SENTENCE_END.split(text) if (part := sentence.strip())]
    asking = [sentence for sentence in sentences if sentence.endswith("?") or _BEGINNING.match(sentence)]
    return asking or [sentence for sentence in sentences if _holds_question(sentence)]


def _holds_question(sentence: str) -> bool:
    if _WITHIN.search(sentence):
        return True
    # Two searches, not one pattern: that would start again at each „know” and take the square of a letter's length.
    wondering = _WONDERING.search(sentence)
    return wondering is not None and _WONDERED.search(sentence, wondering.end()) is not None
