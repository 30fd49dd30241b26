"""Generations of the index on disk: written whole, checked, switched atomically."""

from knowledge_base.store.generation import Generation, Manifest, current_generation, open_index, write_generation
from knowledge_base.store.records import PassageFile, documents_of

__all__ = [
    "Generation",
    "Manifest",
    "PassageFile",
    "current_generation",
    "documents_of",
    "open_index",
    "write_generation",
]
