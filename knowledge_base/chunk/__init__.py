"""Documents to passages that follow the document's structure."""

from knowledge_base.chunk.passages import MAX_WORDS, split_document

__all__ = ["MAX_WORDS", "split_document"]
