"""Quotes: every citation stands word for word in a passage a customer may read; nothing internal is repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge_base.passage import Audience, Passage
from triage.domain.reply import Finding, Severity, without_marks
from triage.stages.lint.matter import Matter
from triage.stages.lint.vocabulary import SHINGLE, Vocabulary, published

_QUOTED = re.compile(r"[„“]([^„“”\n]{12,})”")
_WORD = re.compile(r"\w+")
LEAST_WORDS = 4
"""Words without digits a run needs to be somebody's wording: two letters may share a date and a product by chance."""


def check_quotes(matter: Matter) -> Iterator[Finding]:
    """Citations that do not resolve, internal text in the letter, text carried over from the ticket."""
    yield from _citations(matter)
    yield from _changed(matter)
    public = tuple(_runs(matter, Audience.CUSTOMER))
    yield from _carried_over(
        matter,
        tuple(_runs(matter, Audience.INTERNAL)),
        public,
        "INTERNAL_PASSAGE",
        Severity.BLOCK,
        ("Tekst z dokumentu wewnętrznego.", "Text from an internal document."),
    )
    if matter.draft.composer.startswith("llm"):
        told = "\n".join(message.body for message in matter.ticket.customer_messages)
        yield from _carried_over(
            matter,
            (Vocabulary(told).shingles,),
            public,
            "COPIED_FROM_TICKET",
            Severity.CONFIRM,
            ("Słowa z wiadomości klienta powtórzone jako nasze.", "Words of the customer's message repeated as ours."),
        )


def _runs(matter: Matter, audience: Audience) -> Iterator[frozenset[tuple[str, ...]]]:
    """Word runs of the passages of an audience; letter templates are meant for customers anyway."""
    for scored in matter.passages:
        if scored.passage.audience is audience and scored.passage.doc_type != "template":
            yield published(scored.passage.text).shingles


def _citations(matter: Matter) -> Iterator[Finding]:
    for citation in matter.draft.citations:
        passages = [
            scored.passage
            for scored in matter.passages
            if (scored.passage.document_id, scored.passage.document_version) == (citation.document, citation.version)
        ]
        place = _place(matter, without_marks(citation.quote))
        if not any(citation.quote in passage.text for passage in passages):
            words = ("Cytatu nie ma w tej wersji dokumentu.", "The quote is not in that version of the document.")
            yield matter.finding(
                "QUOTE_NOT_FOUND", Severity.BLOCK, words, place, source=f"{citation.document}@{citation.version}"
            )
        elif not any(_may_be_quoted(passage, matter) for passage in passages if citation.quote in passage.text):
            words = (
                "Ten fragment jest wewnętrzny albo już nie obowiązuje.",
                "This passage is internal or no longer in force.",
            )
            yield matter.finding(
                "QUOTE_NOT_ALLOWED", Severity.BLOCK, words, place, source=f"{citation.document}@{citation.version}"
            )


def _changed(matter: Matter) -> Iterator[Finding]:
    """Text between quotation marks that nobody wrote so."""
    for match in _QUOTED.finditer(matter.draft.body):
        start, end = match.span(1)
        if not matter.approved(start, end) and not any(match[1] in text for text in _texts(matter)):
            words = ("Tego cytatu nikt tak nie napisał.", "Nobody wrote this quotation so.")
            yield matter.finding("QUOTE_CHANGED", Severity.CONFIRM, words, (start, end), source="P28 nr 4")


def _texts(matter: Matter) -> Iterator[str]:
    """What may be quoted: the ticket, the shop's data and the passages."""
    yield matter.ticket.subject
    yield from (message.body for message in matter.ticket.messages)
    yield from matter.ticket.order.values()
    yield from (f"{one.passage.heading}\n{without_marks(one.passage.text)}" for one in matter.passages)


def _place(matter: Matter, quote: str) -> tuple[int, int]:
    start = matter.draft.body.find(quote)
    return (start, start + len(quote)) if start >= 0 else (0, 0)


def _may_be_quoted(passage: Passage, matter: Matter) -> bool:
    return (
        passage.audience is Audience.CUSTOMER
        and (passage.valid_from is None or passage.valid_from <= matter.today)
        and (passage.valid_to is None or passage.valid_to >= matter.today)
        and (passage.superseded_from is None or passage.superseded_from > matter.today)
    )


Runs = tuple[frozenset[tuple[str, ...]], ...]


def _carried_over(
    matter: Matter, runs: Runs, public: Runs, code: str, severity: Severity, words: tuple[str, str]
) -> Iterator[Finding]:
    if not any(runs):
        return
    for start, end in matter.own_sentences:
        tokens = list(_WORD.finditer(matter.folded, start, end))
        words_here = [token[0] for token in tokens]
        for i, run in enumerate(zip(*(words_here[shift:] for shift in range(SHINGLE)), strict=False)):
            if not any(run in known for known in runs) or any(run in known for known in public):
                continue
            if sum(word.isalpha() for word in run) < LEAST_WORDS:
                continue
            span = tokens[i].start(), tokens[i + SHINGLE - 1].end()
            if not matter.approved(*span) and not matter.told(*span):
                yield matter.finding(code, severity, words, (start, end), source="P14")
                break
