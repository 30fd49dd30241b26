"""Lexical and semantic evidence to one ranking."""

from knowledge_base.fuse.evidence import EVIDENCE, evidence_matrix
from knowledge_base.fuse.weights import FusionWeights, LanguageWeights, load_weights, parse_weights

__all__ = [
    "EVIDENCE",
    "FusionWeights",
    "LanguageWeights",
    "evidence_matrix",
    "load_weights",
    "parse_weights",
]
