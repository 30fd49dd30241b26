"""The matter a draft is checked against, and the parts of its text that need no proof of their own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from knowledge_base.answer import ScoredPassage
from knowledge_base.passage import Audience
from triage.domain.classification import Classification, Facts
from triage.domain.company import Company, ReplyTemplate
from triage.domain.deadline import Deadline
from triage.domain.folding import fold
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft, Finding, Severity, without_marks
from triage.domain.sentences import sentence_spans
from triage.stages.lint.fragments import LEAST_FRAGMENT, template_fragments
from triage.stages.lint.named_days import NamedDay, named_days
from triage.stages.lint.vocabulary import quotable_pieces

GAP = re.compile(
    r"⟦[^⟦⟧\n]*⟧?|_{3,}(?: \([^)\n]{1,160}\))?|\[[A-ZĄĆĘŁŃÓŚŹŻ][A-ZĄĆĘŁŃÓŚŹŻ_]*_[0-9a-fA-F_]*\d[0-9a-fA-F]*\]"
    r"|\{\{.*?\}\}"
    r"|\{%.*?%\}"
    r"|\{[a-zA-Z_]{3,40}\}|<[a-zA-ZąćęłńóśźżĄĆĘŁŃÓŚŹŻ_ ]{3,40}>|\bX{3,}\b|\bTODO\b|\[(?:uzupełni\w*"
    r"|do uzupełnienia|wstaw"
    r"|insert|fill in|your|name|imię|data|date|kwota|amount|podpis|signature)[^\]\n]{0,60}\]",
    re.IGNORECASE,
)
"""A gap left for the agent (``___ (data odbioru)``), or a placeholder nobody resolved."""
_FROM_MESSAGE = re.compile(
    r"^(?:Z Państwa wiadomości|From your message): (?P<quotes>[„“][^„“”\n]{1,200}”(?:; [„“][^„“”\n]{1,200}”)?)",
    re.MULTILINE,
)
_QUOTE = re.compile(r"[„“]([^„“”\n]+)”")
_LINE = re.compile(r"[^\n]+")
_MARK_OF_GAP = re.compile(r"[⟦\[{<]|___|xxx|todo")


@dataclass(frozen=True, slots=True)
class Matter:
    """A draft, the case it answers, and what was derived from both once for all checks.

    Attributes:
        folded: the body folded, of the same length.
        sentences: spans of the body.
        template_spans: text of the approved template, standing in the body unchanged.
        quote_spans: text of a passage a customer may read, standing in the body unchanged.
        told_spans: the customer's own words, repeated between quotation marks and introduced as such.
        gaps: places still to be filled.
        named_days: days written in the body.
        own_lines: spans of lines that hold anything but approved text.
        own_sentences: spans of sentences that do.
        approved_starts: where spans of template, quotes and gaps begin, in order.
        approved_ends: how far those that begin there or before reach.
    """

    draft: Draft
    ticket: RedactedTicket
    classification: Classification
    facts: Facts
    deadlines: tuple[Deadline, ...]
    passages: tuple[ScoredPassage, ...]
    company: Company
    today: date
    folded: str
    sentences: tuple[tuple[int, int], ...]
    template_spans: tuple[tuple[int, int], ...]
    quote_spans: tuple[tuple[int, int], ...]
    told_spans: tuple[tuple[int, int], ...]
    gaps: tuple[tuple[int, int], ...]
    named_days: tuple[NamedDay, ...] = field(init=False, repr=False, compare=False)
    own_lines: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    own_sentences: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    approved_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    approved_ends: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named_days", tuple(named_days(self.folded)))
        spans = sorted((*self.template_spans, *self.quote_spans, *self.gaps))
        object.__setattr__(self, "approved_starts", tuple(start for start, _ in spans))
        object.__setattr__(self, "approved_ends", tuple(accumulate((end for _, end in spans), max)))
        lines = (line.span() for line in _LINE.finditer(self.draft.body))
        object.__setattr__(self, "own_lines", tuple(span for span in lines if not self.approved(*span)))
        object.__setattr__(self, "own_sentences", tuple(span for span in self.sentences if not self.approved(*span)))

    @property
    def template(self) -> ReplyTemplate | None:
        """The template of the draft's kind and language, if the company has one."""
        return find_template(self.draft, self.company)

    @property
    def decides(self) -> bool:
        """Whether a person picked a decision: the draft's kind is one that decides."""
        return self.template is not None and self.template.decision

    def approved(self, start: int, end: int) -> bool:
        """Whether ``body[start:end]`` lies within approved template text, a verbatim quote or a gap."""
        before = bisect_right(self.approved_starts, start)
        return before > 0 and self.approved_ends[before - 1] >= end

    def told(self, start: int, end: int) -> bool:
        """Whether ``body[start:end]`` lies within the customer's own words, introduced as such."""
        return bool(self.told_spans) and any(since <= start and end <= until for since, until in self.told_spans)

    def in_template(self, start: int, end: int) -> bool:
        """Whether ``body[start:end]`` lies within approved template text."""
        return any(since <= start and end <= until for since, until in self.template_spans)

    def in_own_lines(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """Matches in the body, or in its folded form, outside lines of approved text.

        Args:
            pattern: matches nothing that goes over the end of a line, and looks no further.
        """
        for start, end in self.own_lines:
            yield from pattern.finditer(text, start, end)

    def sentence_of(self, position: int) -> tuple[int, int]:
        """The sentence around a position of the body."""
        return next(((start, end) for start, end in self.sentences if start <= position < end), (position, position))

    def finding(
        self,
        code: str,
        severity: Severity,
        words: tuple[str, str],
        span: tuple[int, int] = (0, 0),
        *,
        source: str = "",
        suggestion: str = "",
    ) -> Finding:
        """Make a finding; ``words`` are its message in Polish and in English, the draft's language picks one."""
        message = words[0] if self.draft.language == "pl" else words[1]
        return Finding(code, severity, message, span[0], span[1], source, suggestion)


def read_matter(
    draft: Draft,
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    deadlines: tuple[Deadline, ...],
    passages: tuple[ScoredPassage, ...],
    company: Company,
    today: date,
) -> Matter:
    """Derive everything the checks share."""
    body = draft.body
    return Matter(
        draft,
        ticket,
        classification,
        facts,
        deadlines,
        passages,
        company,
        today,
        folded=fold(body),
        sentences=tuple(sentence_spans(body)),
        template_spans=_merged(
            _occurrences(
                body, (*template_fragments(draft.kind, draft.language, company.templates), *_vouched(ticket, company))
            )
        ),
        quote_spans=_merged(_occurrences(body, tuple(_quotable(passages, draft)))),
        told_spans=tuple(_told(body, ticket)),
        gaps=tuple(gap.span() for gap in find_gaps(body)),
    )


def find_gaps(text: str) -> Iterator[re.Match[str]]:
    """Gaps and placeholders in a text, in order."""
    return GAP.finditer(text) if _MARK_OF_GAP.search(fold(text)) else iter(())


def find_template(draft: Draft, company: Company) -> ReplyTemplate | None:
    """The template of the draft's kind and language, if any."""
    wanted = (draft.kind, draft.language)
    return next((item for item in company.templates if (item.kind, item.language) == wanted), None)


def _vouched(ticket: RedactedTicket, company: Company) -> Iterator[str]:
    """The company's own name and addresses, and what the shop's data say in words."""
    addresses = [languages[language] for languages in company.style.addresses.values() for language in languages]
    style = [words for address in addresses for words in (address.salutation, address.farewell)]
    values = (*company.identity.values(), *ticket.order.values(), *style)
    return (value for value in values if len(value) >= LEAST_FRAGMENT)


def _told(body: str, ticket: RedactedTicket) -> Iterator[tuple[int, int]]:
    for line in _FROM_MESSAGE.finditer(body):
        for match in _QUOTE.finditer(body, *line.span("quotes")):
            if any(match[1] in message.body for message in ticket.customer_messages):
                yield match.span(1)


def _quotable(passages: tuple[ScoredPassage, ...], draft: Draft) -> Iterator[str]:
    texts = [scored.passage.text for scored in passages if scored.passage.audience is Audience.CUSTOMER]
    for citation in draft.citations:
        if any(citation.quote in text for text in texts):
            yield without_marks(citation.quote)
    for text in texts:
        yield from quotable_pieces(text)
    for passage in (scored.passage for scored in passages if scored.passage.audience is Audience.CUSTOMER):
        yield from (name for name in (passage.title, *passage.section) if len(name) >= LEAST_FRAGMENT)


def _occurrences(body: str, pieces: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for piece in pieces:
        start = body.find(piece)
        while start >= 0:
            yield start, start + len(piece)
            start = body.find(piece, start + 1)


def _merged(spans: Iterator[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Sorted, with spans joined that overlap or have at most one character between them."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
