"""Lexical and semantic evidence to one ranking, and to the chance that a passage answers."""

from knowledge_base.fuse.evidence import ANSWER, EVIDENCE, Lexical, Semantic, answer_matrix, evidence_matrix
from knowledge_base.fuse.weights import FusionWeights, LanguageWeights, load_weights, parse_weights

__all__ = [
    "ANSWER",
    "EVIDENCE",
    "FusionWeights",
    "LanguageWeights",
    "Lexical",
    "Semantic",
    "answer_matrix",
    "evidence_matrix",
    "load_weights",
    "parse_weights",
]
