"""Cases for measuring drafts: written tickets, run through the product's own stages up to the draft.

A case names its category, because the classifier is measured elsewhere; flags, demands and buyer come from the words as
in the product, facts from the text, deadlines from the rule table, passages from the shipped documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

import knowledge_base
from knowledge_base.answer import Evidence, Quote, ScoredPassage
from knowledge_base.chunk import split_document
from knowledge_base.load import load_document
from knowledge_base.passage import Passage
from triage.adapters.company import load_company
from triage.calendars.clock_table import ClockTable
from triage.calendars.regime import RegimeTable
from triage.calendars.rules import RuleTable
from triage.domain.case import CaseState, TriageCase
from triage.domain.classification import Alternative, Classification, Facts, Prediction
from triage.domain.company import Company
from triage.domain.deadline import Deadline
from triage.domain.folding import fold
from triage.domain.redaction import RedactedMessage, RedactedText, RedactedTicket
from triage.domain.reply import Draft, Finding
from triage.domain.ticket import Author, Channel
from triage.stages.classify import classify
from triage.stages.deadline import compute_deadlines
from triage.stages.draft import compose
from triage.stages.extract import extract
from triage.stages.lint import lint

GOLDEN = Path(__file__).parent / "data" / "drafts_golden.yaml"
WARSAW = ZoneInfo("Europe/Warsaw")
RELEVANCE = 0.8


@dataclass(frozen=True, slots=True)
class DraftCase:
    """A case up to the draft, with what its letter must hold and must not.

    Attributes:
        must: pieces of text the letter holds, compared without case, diacritics and runs of white space; ``re:`` in
            front makes a piece a regular expression over that folded text.
        must_not: pieces it does not hold.
    """

    id: str
    ticket: RedactedTicket
    classification: Classification
    facts: Facts
    deadlines: tuple[Deadline, ...]
    passages: tuple[ScoredPassage, ...]
    decision: str | None
    today: date
    kind: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]

    def compose(self, company: Company) -> Draft:
        """The composer's letter."""
        return compose(
            self.ticket, self.classification, self.facts, self.deadlines, self.passages, company,
            decision=self.decision, today=self.today,
        )  # fmt: skip

    def lint(self, draft: Draft, company: Company) -> tuple[Finding, ...]:
        """What the checks find in any letter for this case."""
        return lint(
            draft,
            self.ticket,
            self.classification,
            self.facts,
            self.deadlines,
            self.passages,
            company,
            today=self.today,
        )

    def triage_case(self) -> TriageCase:
        """The case as a drafter sees it."""
        return TriageCase(
            self.ticket.id, "default", CaseState.RECEIVED, 1, 1, self.ticket.received_at,
            classification=self.classification, facts=self.facts, deadlines=self.deadlines, passages=self.passages,
        )  # fmt: skip

    def with_message(self, text: str) -> DraftCase:
        """The same case with a text appended to the customer's newest message; facts are read anew."""
        *before, last = self.ticket.messages
        longer = replace(last, body=RedactedText(f"{last.body}\n{text}"))
        ticket = replace(self.ticket, messages=(*before, longer))
        return replace(self, ticket=ticket, facts=extract(ticket, today=self.today))


@dataclass(frozen=True, slots=True)
class _Given:
    """A classifier that knows the answer."""

    code: str
    name: str = "given"

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        return [Prediction((Alternative(self.code, 1.0),), (self.code,)) for _ in texts]


@lru_cache(maxsize=1)
def company() -> Company:
    """The shipped company."""
    return load_company()


def holds(text: str, piece: str) -> bool:
    """Whether a letter holds a piece of ``must``.

    >>> holds("Szanowni Państwo,  odpowiemy", "szanowni państwo, odpowiemy"), holds("Szanowni", "re:szanown(a|y)")
    (True, False)
    """
    letter = _plain(text)
    return bool(re.search(piece[3:], letter)) if piece.startswith("re:") else _plain(piece) in letter


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def read_cases(path: Path = GOLDEN) -> Iterator[DraftCase]:
    """Cases of a YAML file (see the head of the shipped one)."""
    rules = RuleTable.load()
    clocks, regimes = ClockTable.load(rules), RegimeTable.load()
    for record in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
        ticket = _ticket(record)
        today = date.fromisoformat(str(record.get("today", ticket.messages[-1].at.date())))
        language = record.get("language", "pl")
        found = classify(ticket, language, company(), _Given(record["category"]))
        found = replace(
            found, buyer=record.get("buyer", found.buyer), remedies=tuple(record.get("remedies", found.remedies))
        )
        facts = extract(ticket, today=today)
        deadlines = compute_deadlines(ticket, found, facts, rules, clocks, regimes)
        yield DraftCase(
            record["id"], ticket, found, facts, deadlines, tuple(_passages(record.get("passages", ()))),
            record.get("decision"), today, record["kind"], tuple(map(str, record["must"])),
            tuple(map(str, record.get("must_not", ()))),
        )  # fmt: skip


def _ticket(record: Mapping[str, object]) -> RedactedTicket:
    raw = record["messages"]
    if not isinstance(raw, list):
        raise TypeError("messages must be a list of [author, time, text]")
    messages = tuple(
        RedactedMessage(
            f"m{number}", Author(author), datetime.fromisoformat(str(at)).replace(tzinfo=WARSAW), RedactedText(text)
        )
        for number, (author, at, text) in enumerate(raw, start=1)
    )
    order = record.get("order") or {}
    if not isinstance(order, dict):
        raise TypeError("order must be a mapping")
    return RedactedTicket(
        str(record["id"]), RedactedText(str(record.get("subject", ""))), messages, messages[0].at, Channel.EMAIL,
        len(messages), {key: str(value) for key, value in order.items()},
    )  # fmt: skip


def _passages(names: Sequence[str]) -> Iterator[ScoredPassage]:
    """Passages named ``FILE: words``: the first passage of the file whose heading or text holds the words."""
    for name in names:
        file, _, words = name.partition(": ")
        passage = next(one for one in _chunks(file) if words in one.heading or words in one.text)
        yield scored(passage)


def scored(passage: Passage) -> ScoredPassage:
    """A passage as a search would return it when it answers."""
    quote = Quote(passage.text[passage.prefix :], passage.start, passage.end)
    return ScoredPassage(passage, RELEVANCE, 9.0, 0.7, quote, (), Evidence(RELEVANCE, RELEVANCE, 0.7))


@lru_cache(maxsize=32)
def _chunks(file: str) -> tuple[Passage, ...]:
    folder = Path(knowledge_base.__file__).parent / "documents"
    return tuple(split_document(load_document(next(folder.glob(f"*/{file}*")))))
