"""Lexical and semantic evidence to one ranking, and to the chance that a passage answers."""

from knowledge_base.fuse.evidence import (
    ANSWER,
    EVIDENCE,
    Coverage,
    Lexical,
    Semantic,
    answer_matrix,
    evidence_matrix,
    lead_of,
)
from knowledge_base.fuse.judgement import Judgement, judge
from knowledge_base.fuse.weights import (
    CALIBRATED_FILE,
    FILE,
    RELATIONS,
    AnswerWeights,
    FusionWeights,
    LanguageWeights,
    backgrounds_of,
    load_weights,
    parse_weights,
    relations_of,
)

__all__ = [
    "ANSWER",
    "CALIBRATED_FILE",
    "EVIDENCE",
    "FILE",
    "RELATIONS",
    "AnswerWeights",
    "Coverage",
    "FusionWeights",
    "Judgement",
    "LanguageWeights",
    "Lexical",
    "Semantic",
    "answer_matrix",
    "backgrounds_of",
    "evidence_matrix",
    "judge",
    "lead_of",
    "load_weights",
    "parse_weights",
    "relations_of",
]
