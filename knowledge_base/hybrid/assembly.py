"""Makes the parts of an index: words in a thread of their own, beside the vectors.

Dictionary, sorting and products of matrices run without the interpreter, so two threads use two processors for much of
the time. What is made is the same, whichever thread is faster.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import TypeVar

from knowledge_base.dense import VectorIndex
from knowledge_base.hybrid.code_index import CodeIndex
from knowledge_base.hybrid.facets import Facets
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.passage_vectors import PassageVectors
from knowledge_base.hybrid.rulings import Rulings
from knowledge_base.hybrid.texts import search_pieces
from knowledge_base.hybrid.word_forms import WordForms
from knowledge_base.passage import Passage
from knowledge_base.rulings import Ruling
from knowledge_base.sparse import LexicalIndex, tokenise_pieces

Made = TypeVar("Made")


def assemble(
    passages: Sequence[Passage], vectors: Callable[[], PassageVectors], rulings: Iterable[Ruling] = ()
) -> Parts:
    """An index in memory over passages.

    Args:
        vectors: makes those of the passages; called by this thread.
        rulings: on questions; those whose passages are not among these do not hold.
    """
    with collector_paused():
        words = _beside(lambda: _words(passages))
        found = vectors()
        facets, codes = Facets.of(passages), CodeIndex.of(passages)
        nearest = VectorIndex.build(found.whole)
        lexical, forms = words.result()
        return Parts(passages, facets, codes, lexical, nearest, found.segments, forms, Rulings.of(rulings, passages))


def _words(passages: Sequence[Passage]) -> tuple[LexicalIndex, WordForms]:
    tokenised = tokenise_pieces(search_pieces(passages))
    return LexicalIndex.of_tokenised(tokenised), WordForms.of(tokenised.vocabularies, passages)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Look for no unreachable cycles of objects meanwhile.

    A build makes hundreds of thousands of objects that stay and none that refer to each other in a circle; looking for
    these took a tenth of its time. Of two builds at once the first to end lets the collector go on.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _beside(make: Callable[[], Made]) -> Future[Made]:
    """What a thread of its own makes; a process that ends does not wait for it."""
    making: Future[Made] = Future()

    def run() -> None:
        try:
            making.set_result(make())
        except BaseException as error:  # raised again where the result is taken
            making.set_exception(error)

    Thread(target=run, name="words", daemon=True).start()
    return making
