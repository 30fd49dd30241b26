"""The inner loops of search, compiled from C when the package is installed.

A query is some four hundred calls of numpy on small arrays, and most of its time is spent between them. Where a
compiler was at hand, these functions do the work of most of these calls. Where not, or where the source has changed
since, ``COMPILED`` is false and the modules that use them do the same by numpy. Scores may differ in the last bit, as
sums are added in another order.

=================  ==================================================================================
``quote``          ``hybrid.PassageReader``: what a query meets in passages, and which sentence answers best
``hold``           ``hybrid.Conditions``: which texts have a word for which things
``judge``          ``fuse.judge``: how likely passages answer
=================  ==================================================================================

Every length and every number that is an index is checked against the arrays given; where these do not fit, ValueError
is raised, so that a damaged index makes nothing be read elsewhere. Other threads run meanwhile.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

try:
    from knowledge_base.kernels._compiled import (
        SOURCE,
        add_groups,
        add_terms,
        cover,
        cut,
        cut_pieces,
        cut_sentences,
        fill_slots,
        find_words,
        hash_grams,
        hash_terms,
        hold,
        judge,
        key_words,
        log_odds,
        near,
        nearest,
        quote,
        rank,
        sum_rows,
    )
except ImportError:
    SOURCE = ""

__all__ = [
    "COMPILED",
    "add_groups",
    "add_terms",
    "cover",
    "cut",
    "cut_pieces",
    "cut_sentences",
    "fill_slots",
    "find_words",
    "hash_grams",
    "hash_terms",
    "hold",
    "judge",
    "key_words",
    "log_odds",
    "near",
    "nearest",
    "quote",
    "rank",
    "sum_rows",
]


def _digest() -> str:
    """SHA-256 of the sources as they are."""
    sources = sorted(
        (file for file in files(__name__).iterdir() if file.name.endswith((".c", ".h"))), key=lambda file: file.name
    )
    return hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()


#: Whether they are there, compiled from the sources as they are.
COMPILED = SOURCE == _digest()
