"""What an index consists of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from knowledge_base.dense import Segments, VectorIndex
from knowledge_base.hybrid.code_index import CodeIndex
from knowledge_base.hybrid.facets import Facets
from knowledge_base.hybrid.rulings import Rulings
from knowledge_base.hybrid.word_forms import WordForms
from knowledge_base.passage import Passage
from knowledge_base.sparse import LexicalIndex

# Up to so many passages the whole index may stay in memory (about 60 MB).
SMALL: Final = 10_000


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts with one row per passage, all in the same order, and the rulings on questions."""

    passages: Sequence[Passage]
    facets: Facets
    codes: CodeIndex
    lexical: LexicalIndex
    vectors: VectorIndex
    segments: Segments
    forms: WordForms
    rulings: Rulings = field(default_factory=lambda: Rulings(()))

    def knows_code(self, code: str) -> bool:
        """Whether some passage holds a normalised code."""
        return bool(self.codes.known((code,)))

    def knows_word(self, word: str) -> bool:
        """Whether some passage holds a lower-case word in any form, or one that means nearly the same."""
        return self.lexical.knows(word)

    def release(self) -> None:
        """Give memory back that a large index took for a query."""
        if len(self.facets.rows) > SMALL:
            self.lexical.release()
            self.vectors.release()
            self.segments.release()
            self.forms.release()
