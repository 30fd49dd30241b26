"""Semantic search: nearest passages by the exact cosine of their vectors, then by their names and sentences."""

from knowledge_base.dense.scan import Scan
from knowledge_base.dense.segments import SegmentCosines, Segments
from knowledge_base.dense.vectors import FLAT_LIMIT, HALF_LIMIT, VectorIndex, unit, unit_rows

__all__ = ["FLAT_LIMIT", "HALF_LIMIT", "Scan", "SegmentCosines", "Segments", "VectorIndex", "unit", "unit_rows"]
