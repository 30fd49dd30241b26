"""What people ruled on questions: that a passage answers one, that it does not, or that nothing here does.

A ruling names passages by what they say and where, not by their version: it holds for as long as a document has that
section in those words, and for no other text.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.passage import Passage


class RulingKind(StrEnum):
    """What was ruled: the passages answer the question, they miss it, or it is answered nowhere."""

    ANSWERS = "answers"
    MISSES = "misses"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling in force.

    Attributes:
        passages: content keys; of ``NOWHERE`` those of the passages that came nearest when it was ruled, so that text
            that is new since then is not held back.
    """

    id: str
    kind: RulingKind
    question: str
    passages: tuple[str, ...]


def content_key(passage: Passage) -> str:
    """Names a text in a section of a document, whatever the document's version."""
    parts = "\0".join((passage.document_id, *passage.section, passage.text))
    return hashlib.sha256(parts.encode("utf-8")).hexdigest()[:16]
