"""The best quote of a passage and the words to highlight in it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knowledge_base.hybrid.query import Query
from knowledge_base.passage import FloatArray, Passage, Quote
from knowledge_base.tokenise import codes, is_stop_word, word_keys

_WORD: Final = re.compile(r"[^\W_]+")
# Lines are items and table rows; within a line a sentence ends before a capital, not after „art.”, „ust.” or „np.”.
_SENTENCE_END: Final = re.compile(
    r"(?<![Aa]rt)(?<![Uu]st)(?<!pkt)(?<!np)(?<!tj)(?<!tzw)(?<!nr)(?<!ul)(?<!min)[.!?…][\"”)*]*\s+(?=[\"„(*]*[A-ZĄĆĘŁŃÓŚŹŻ])"
)
# The rule below a table's header, and a heading within a passage.
_NO_SENTENCE: Final = re.compile(r"^(?:[\s|:-]+$|#+ )")
_MIN_CHARS: Final = 12
# Words say best which sentence is meant; where they do not tell, its meaning does.
_COSINE_WEIGHT: Final = 0.5


# Passages whose words are remembered: those that many questions lead to are read once (about 20 kB each).
_REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    keys: frozenset[str]
    codes: frozenset[str]

    def met(self, words: Sequence[frozenset[str]], found_codes: Set[str]) -> int:
        """How many of some words and codes the sentence meets; codes count double."""
        return sum(not keys.isdisjoint(self.keys) for keys in words) + 2 * len(self.codes & found_codes)


def best_quote(query: Query, passage: Passage, cosines: FloatArray) -> Quote:
    """The sentence, list item or table row of a passage that answers best, word for word.

    Args:
        cosines: of the query and each of the passage's sentences, as ``segment_spans`` gives them; one for the whole
            text where it gives none.
    """
    sentences = _sentences(passage.text, passage.prefix, passage.language)
    # What the heading says tells no sentence of its section from another: „gdy E18 wraca, prosimy o zgłoszenie”.
    heading = _heading(passage.section[-1] if passage.section else "", passage.language)
    words = [keys for keys in query.keys if keys.isdisjoint(heading.keys)]
    found_codes = frozenset(query.codes) - heading.codes
    whole = max(len(words) + 2 * len(found_codes), 1)
    scores = [
        sentence.met(words, found_codes) / whole + _COSINE_WEIGHT * cosine
        for sentence, cosine in zip(sentences, cosines.tolist(), strict=True)
    ]
    # Where the heading says all that was asked, the section's first sentence begins the answer.
    best = sentences[scores.index(max(scores)) if words or found_codes else 0]
    shift = passage.start - passage.prefix
    return Quote(passage.text[best.start : best.end], best.start + shift, best.end + shift)


@functools.lru_cache(maxsize=_REMEMBERED)
def _heading(text: str, language: str) -> _Sentence:
    return _sentence(text, 0, len(text), language)


@functools.lru_cache(maxsize=_REMEMBERED)
def _sentences(text: str, prefix: int, language: str) -> tuple[_Sentence, ...]:
    """Sentences, items and rows of the verbatim part with their words."""
    spans = segment_spans(text, prefix) or [(prefix, len(text))]
    return tuple(_sentence(text, start, end, language) for start, end in spans)


def _sentence(text: str, start: int, end: int, language: str) -> _Sentence:
    keys = (key for word in _WORD.findall(text[start:end].lower()) for key in word_keys(word, language))
    return _Sentence(start, end, frozenset(keys), frozenset(codes(text[start:end])))


def segment_spans(text: str, start: int = 0) -> list[tuple[int, int]]:
    """(start, end) of the sentences, list items and table rows of a text from an offset on."""
    spans = []
    for line in re.finditer(r"[^\n]+", text[start:]):
        first, last = start + line.start(), start + line.end()
        if _NO_SENTENCE.match(text[first:last]):
            continue
        cuts = [first, *(end.end() for end in _SENTENCE_END.finditer(text, first, last)), last]
        if text[first:last].lstrip().startswith("|"):
            cuts = [first, last]
        for begin, end in pairwise(cuts):
            sentence = text[begin:end]
            if len(sentence.strip()) >= _MIN_CHARS:
                spans.append((begin + len(sentence) - len(sentence.lstrip()), begin + len(sentence.rstrip())))
    return spans


def met_terms(query: Query, passage: Passage) -> tuple[str, ...]:
    """Words of the passage and its heading that meet a word of the query, as written, each once."""
    wanted = frozenset().union(*query.keys) if query.keys else frozenset()
    words = _words(f"{passage.heading}\n{passage.text}", passage.language)
    return tuple(word for word, keys in words if not wanted.isdisjoint(keys))


@functools.lru_cache(maxsize=_REMEMBERED)
def _words(text: str, language: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Distinct words of a text that say something, with their search keys."""
    return tuple(
        (word, word_keys(word.lower(), language))
        for word in dict.fromkeys(_WORD.findall(text))
        if not is_stop_word(word.lower())
    )
