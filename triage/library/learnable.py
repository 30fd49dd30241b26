"""What a question may teach: its words without what was redacted, and only where they ask something.

Letters name much that is beside the matter, and single words ask nothing; a code asks for itself.
"""

from __future__ import annotations

import re
from typing import Final

from knowledge_base.passage import Encoder
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
