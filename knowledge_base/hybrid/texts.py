"""What each ranker sees of a passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from knowledge_base.hybrid.query import with_codes
from knowledge_base.hybrid.sentences import segment_spans
from knowledge_base.passage import Passage
from knowledge_base.tokenise import detect_languages

_HEADING_TIMES: Final = 2


def search_pieces(passages: Sequence[Passage]) -> list[list[tuple[str, str]]]:
    """What each passage is found by, in pieces with their languages: other words for it may be in another than its own.

    Headings come twice, as they say what it is about; then product, text, other words, codes.
    """
    phrases = [*dict.fromkeys(phrase for passage in passages for phrase in _other_words(passage))]
    language_of = dict(zip(phrases, detect_languages(phrases), strict=True))
    return [
        [(_own_text(passage), passage.language), *((phrase, language_of[phrase]) for phrase in _other_words(passage))]
        for passage in passages
    ]


def _other_words(passage: Passage) -> tuple[str, ...]:
    """What its owner gave and what verdicts taught."""
    return (*passage.asked_as, *passage.taught)


def _own_text(passage: Passage) -> str:
    about = " ".join(filter(None, (passage.product, passage.model)))
    headings = f"{passage.heading}\n" * _HEADING_TIMES
    return with_codes(f"{headings}{about}\n{passage.text}", passage.codes)


def dense_text(passage: Passage) -> str:
    """What the encoder sees of a whole passage."""
    return f"{passage.heading}\n{passage.text}"


def names_and_sentences(passage: Passage) -> tuple[list[str], list[str]]:
    """What a passage is called (its own heading, other words), and its sentences, items and rows; neither is empty.

    A passage without a name gets an empty one, to which no query is near: its beginning says no more than its other
    sentences.
    """
    names = [passage.section[-1] if passage.section else passage.title, *_other_words(passage)]
    sentences = [passage.text[start:end] for start, end in segment_spans(passage.text, passage.prefix)]
    return names, sentences or [passage.text]
