"""Altered text: a template's sentence turned into its opposite, and what a model wrote of its own accord."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from knowledge_base.passage import Audience
from triage.domain.company import ReplyTemplate
from triage.domain.folding import fold
from triage.domain.reply import Finding, Severity
from triage.domain.sentences import sentence_spans
from triage.stages.lint.fragments import template_fragments, template_text
from triage.stages.lint.matter import Matter
from triage.stages.lint.vocabulary import SHINGLE, published, stem

_WORD = re.compile(r"\w+")
_NEGATIONS = frozenset({"nie", "ani", "not", "no", "never", "nor"})
_Words = tuple[frozenset[str], int]
_Sentences = Mapping[int, Sequence[_Words]]
LEAST_WORDS = 4
SHARED = 0.8


def check_altered(matter: Matter) -> Iterator[Finding]:
    """Sentences that differ from one of the template mainly by a negation."""
    if not matter.own_sentences:
        return
    of_template = _template_sentences(matter.draft.kind, matter.draft.language, matter.company.templates)
    of_order = _by_length(tuple(matter.ticket.order.values()))
    for start, end in matter.own_sentences:
        words, negations = _words(matter.folded[start:end])
        if len(words) < LEAST_WORDS:
            continue
        alike = [*_alike(words, of_template), *_alike(words, of_order)]
        if alike and all(other[1] != negations for other in alike):
            message = ("Zmieniono przeczenie w zdaniu wzoru.", "A negation in the template's sentence was changed.")
            yield matter.finding("NEGATION_CHANGED", Severity.CONFIRM, message, (start, end), source="P11")


@lru_cache(maxsize=256)
def _template_sentences(kind: str, language: str, templates: tuple[ReplyTemplate, ...]) -> _Sentences:
    return _by_length(template_fragments(kind, language, templates))


def _by_length(texts: tuple[str, ...]) -> _Sentences:
    """Sentences of some texts that are long enough to be known again, by their number of words."""
    found = {_words(fold(text[start:end])) for text in texts for start, end in sentence_spans(text)}
    sentences: dict[int, list[_Words]] = defaultdict(list)
    for one in found:
        if len(one[0]) >= LEAST_WORDS:
            sentences[len(one[0])].append(one)
    return sentences


def _alike(words: frozenset[str], sentences: _Sentences) -> Iterator[_Words]:
    """Those of some sentences that share most words of the longer one with another sentence."""
    here = len(words)
    for length, those in sentences.items():
        if here >= SHARED * length and length >= SHARED * here:
            yield from (other for other in those if len(words & other[0]) >= SHARED * max(here, length))


def check_model_text(matter: Matter) -> Iterator[Finding]:
    """Sentences of a language model that say what neither the template, nor a passage, nor the shop's data say."""
    if not matter.draft.composer.startswith("llm"):
        return
    draft = matter.draft
    vouched = [
        template_text(draft.kind, draft.language, matter.company.templates),
        *(scored.passage.text for scored in matter.passages if scored.passage.audience is Audience.CUSTOMER),
        "\n".join((*matter.company.identity.values(), *matter.ticket.order.values())),
    ]
    quoted_only = [published(text).shingles for text in vouched]
    stems = published(vouched[0]).stems | published(vouched[-1]).stems
    message = ("Zdanie modelu bez oparcia we wzorze i źródłach.", "A sentence of the model's own, without a source.")
    for start, end in matter.sentences:
        words = _WORD.findall(matter.folded, start, end)
        new = [word for word in words if len(word) > 3 and stem(word) not in stems]
        own_words = len(words) >= 3 and (len(new) >= max(2, 0.3 * len(words)))
        if own_words and not matter.approved(start, end) and not _in_a_row(words, quoted_only):
            yield matter.finding("MODEL_SENTENCE", Severity.CONFIRM, message, (start, end), source="P14")


def _in_a_row(words: list[str], shingles: list[frozenset[tuple[str, ...]]]) -> bool:
    """Whether the sentence is mostly carried over from a vouched text, six words in a row at a time."""
    runs = [tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)]
    known = sum(any(run in text for text in shingles) for run in runs)
    return bool(runs) and known >= 0.8 * len(runs)


def _words(folded: str) -> _Words:
    """Words without negations, and how many negations there are."""
    words = _WORD.findall(folded)
    return frozenset(words) - _NEGATIONS, sum(word in _NEGATIONS for word in words)
