"""What a question may teach: its words without what was redacted, and only where they ask something.

Letters name much that is beside the matter, and single words ask nothing; a code asks for itself.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from knowledge_base.passage import Encoder
from knowledge_base.rulings import RulingKind
from knowledge_base.tokenise import detect_language
from triage.domain.library import Hit
from triage.domain.rulings import DeskRuling, RulingState, Votes, ruling_id
from triage.library.alike import Asked

FEWEST_WORDS: Final = 2
MOST_WORDS: Final = 24
_REDACTED: Final = re.compile(r"⟦[^⟧]*⟧")


def learnable(question: str, encoder: Encoder) -> Asked | None:
    """A redacted question as it may be learnt; ``None``: it may not."""
    asked = Asked.of(" ".join(_REDACTED.sub(" ", question).split()), encoder)
    if asked is None or len(asked.query.words) > MOST_WORDS:
        return None
    return asked if asked.query.codes or len(asked.query.words) >= FEWEST_WORDS else None


def proposal(question: str, votes: Votes, at: datetime, hit: Hit | None = None) -> DeskRuling:
    """A proposal on a question and a passage, or (without one) that nothing answers it."""
    key = hit.key if hit else ""
    document_id, _, version = hit.passage_id.rpartition("#")[0].partition("@") if hit else ("", "", "")
    return DeskRuling(
        id=ruling_id(question, key),
        kind=votes.kind if hit else RulingKind.NOWHERE,
        question=question,
        language=detect_language(question),
        document_id=document_id,
        document_version=version,
        section=hit.section if hit else (),
        passages=(key,) if hit else (),
        votes=votes,
        state=RulingState.PROPOSED,
        changed_at=at,
    )
