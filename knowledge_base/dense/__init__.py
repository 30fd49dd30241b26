"""Semantic search: nearest passages by the exact cosine of their vectors."""

from knowledge_base.dense.vectors import FLAT_LIMIT, HALF_LIMIT, VectorIndex, unit_rows

__all__ = ["FLAT_LIMIT", "HALF_LIMIT", "VectorIndex", "unit_rows"]
