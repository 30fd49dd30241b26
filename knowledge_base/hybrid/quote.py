"""The best quote of a passage and the words to highlight in it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from knowledge_base.hybrid.query import Query
from knowledge_base.passage import Encoder, Passage, Quote
from knowledge_base.tokenise import codes, is_stop_word, word_keys

_WORD: Final = re.compile(r"[^\W_]+")
# Lines are items and table rows; within a line a sentence ends before a capital, not after „art.”, „ust.” or „np.”.
_SENTENCE_END: Final = re.compile(
    r"(?<![Aa]rt)(?<![Uu]st)(?<!pkt)(?<!np)(?<!tj)(?<!tzw)(?<!nr)(?<!ul)(?<!min)[.!?…][\"”)*]*\s+(?=[\"„(*]*[A-ZĄĆĘŁŃÓŚŹŻ])"
)
_TABLE_RULE: Final = re.compile(r"^[\s|:-]+$")
_MIN_CHARS: Final = 12
# Below this share of the query's words the words do not tell which sentence is meant; its meaning has to.
_FEW_WORDS: Final = 0.34
# A sentence that repeats the question says less than one of equal overlap that says more; the cosine breaks such ties.
_COSINE_WEIGHT: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Segment:
    start: int
    end: int
    coverage: float


def best_quotes(query: Query, passages: Sequence[Passage], encoder: Encoder) -> list[Quote]:
    """For each passage, the sentence, list item or table row that answers best, word for word."""
    segments = [_segments(query, passage) for passage in passages]
    unclear = [number for number, found in enumerate(segments) if max(s.coverage for s in found) < _FEW_WORDS]
    cosines = _cosines(query, [passages[n] for n in unclear], [segments[n] for n in unclear], encoder)
    by_number = dict(zip(unclear, cosines, strict=True))
    return [
        _quote(passage, found, by_number.get(number, [0.0] * len(found)))
        for number, (passage, found) in enumerate(zip(passages, segments, strict=True))
    ]


def _quote(passage: Passage, segments: list[_Segment], cosines: list[float]) -> Quote:
    scored = zip(segments, cosines, strict=True)
    best, _ = max(scored, key=lambda pair: (pair[0].coverage + _COSINE_WEIGHT * pair[1], -pair[0].start))
    shift = passage.start - passage.prefix
    return Quote(passage.text[best.start : best.end], best.start + shift, best.end + shift)


def _cosines(
    query: Query, passages: Sequence[Passage], segments: Sequence[list[_Segment]], encoder: Encoder
) -> list[list[float]]:
    """Cosine of the query and every segment, encoded in one batch."""
    texts = [p.text[s.start : s.end] for p, found in zip(passages, segments, strict=True) for s in found]
    if not texts:
        return []
    flat = (encoder.encode(texts) @ encoder.encode_queries([query.text])[0]).tolist()
    ends = np.cumsum([len(found) for found in segments]).tolist()
    return [flat[end - len(found) : end] for end, found in zip(ends, segments, strict=True)]


def _segments(query: Query, passage: Passage) -> list[_Segment]:
    """Sentences, items and rows of the verbatim part, with the share of the query's words in each."""
    found = [
        _Segment(start, end, _coverage(query, passage.text[start:end], passage.language))
        for start, end in segment_spans(passage.text, passage.prefix)
    ]
    return found or [_Segment(passage.prefix, len(passage.text), 0.0)]


def segment_spans(text: str, start: int = 0) -> list[tuple[int, int]]:
    """(start, end) of the sentences, list items and table rows of a text from an offset on."""
    spans = []
    for line in re.finditer(r"[^\n]+", text[start:]):
        first, last = start + line.start(), start + line.end()
        if _TABLE_RULE.match(text[first:last]):
            continue
        cuts = [first, *(end.end() for end in _SENTENCE_END.finditer(text, first, last)), last]
        if text[first:last].lstrip().startswith("|"):
            cuts = [first, last]
        for begin, end in pairwise(cuts):
            sentence = text[begin:end]
            if len(sentence.strip()) >= _MIN_CHARS:
                spans.append((begin + len(sentence) - len(sentence.lstrip()), begin + len(sentence.rstrip())))
    return spans


def _coverage(query: Query, text: str, language: str) -> float:
    """Share of the query's words and codes that a text meets; codes count double."""
    keys = {key for word in _WORD.findall(text.lower()) for key in _keys(word, language)}
    met = sum(not word_keys_.isdisjoint(keys) for word_keys_ in query.keys)
    met_codes = len(set(query.codes) & set(codes(text))) if query.codes else 0
    whole = len(query.keys) + 2 * len(query.codes)
    return (met + 2 * met_codes) / whole if whole else 0.0


@functools.lru_cache(maxsize=1 << 16)
def _keys(word: str, language: str) -> frozenset[str]:
    return frozenset(word_keys(word, language))


def met_terms(query: Query, passage: Passage) -> tuple[str, ...]:
    """Words of the passage and its heading that meet a word of the query, as written, each once."""
    wanted = frozenset().union(*query.keys) if query.keys else frozenset()
    words = dict.fromkeys(_WORD.findall(f"{passage.heading}\n{passage.text}"))
    met = [
        w for w in words if not is_stop_word(w.lower()) and not wanted.isdisjoint(_keys(w.lower(), passage.language))
    ]
    return tuple(met)
