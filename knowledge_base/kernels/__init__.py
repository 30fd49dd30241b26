"""The inner loops of search, compiled from ``_compiled.c`` when the package is installed.

A query is some four hundred calls of numpy on small arrays, and most of its time is spent between them. Where a
compiler was at hand, these functions do the work of most of these calls. Where not, or where the source has changed
since, ``COMPILED`` is false and the modules that use them do the same by numpy. Scores may differ in the last bit, as
sums are added in another order.

==============  ==================================================================================
``nearest``     ``dense.Segments.best``: cosine of the nearest name and sentence of passages
``products``    ``dense.RoundedVectors``: products of all vectors in eight bits with a query's
``add_terms``   ``sparse.Bm25Index.sums``: BM25 of every text for single terms
``add_groups``  ``sparse.Bm25Index.scores``: BM25 of every text for groups, whose best term counts
``cover``       ``sparse.LexicalSearch.coverage``: which share of a query's words passages hold
``find_grams``  ``sparse.Bm25Index.find_grams``: columns of the 4-grams of words
``find_terms``  ``sparse.Bm25Index.find``: columns of terms
``cut``         ``tokenise.cut_runs``: words and pieces of many texts, and which are alike
==============  ==================================================================================

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
        find_grams,
        find_terms,
        nearest,
        products,
    )
except ImportError:
    SOURCE = ""

__all__ = ["COMPILED", "add_groups", "add_terms", "cover", "cut", "find_grams", "find_terms", "nearest", "products"]

#: Whether they are there, compiled from the source as it is.
COMPILED = SOURCE == hashlib.sha256(files(__name__).joinpath("_compiled.c").read_bytes()).hexdigest()
