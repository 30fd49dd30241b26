"""Compose: choose the letter, fill it, quote the steps, and say for every sentence what it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from knowledge_base.answer import ScoredPassage
from triage.domain.classification import Classification, Facts
from triage.domain.company import Company
from triage.domain.deadline import Deadline
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft, Sentence, Source, SourceKind
from triage.domain.style import Style
from triage.stages.draft.case_view import CaseView
from triage.stages.draft.evidence import missing_evidence
from triage.stages.draft.kind import choose_kind, find_template
from triage.stages.draft.render import render
from triage.stages.draft.steps import Steps, find_steps

COMPOSER = "composer"
STEP_KINDS = frozenset({"HOWTO", "PARTS_INFO", "WARRANTY_INFO"})


def compose(
    ticket: RedactedTicket,
    classification: Classification,
    facts: Facts,
    deadlines: tuple[Deadline, ...],
    passages: tuple[ScoredPassage, ...],
    company: Company,
    *,
    decision: str | None = None,
    style: Style | None = None,
    today: date,
) -> Draft:
    """Write the letter the case calls for.

    Args:
        passages: retrieved passages, best first; internal ones are never quoted.
        decision: kind of the decision a person picked (``ACCEPT_REPAIR``, ``REFUSE`` …); None for everything else.
        style: tone and length an agent chose; the company's own when None.
        today: the day the letter bears.

    Returns:
        A draft in the customer's language (English for any language but Polish). ``body[s.start:s.end]`` is a sentence
        for every ``s`` of ``sentences``, and each has at least one source.

    Raises:
        NotFound: there is no template for the picked decision.
        ConfigurationError: the company's replies lack a kind its taxonomy proposes.
    """
    language = "pl" if classification.language == "pl" else "en"
    needed = company.taxonomy[classification.code].evidence if classification.code in company.taxonomy else ()
    missing = missing_evidence(needed, ticket, classification, facts)
    kind = choose_kind(ticket, classification, company, missing=missing, decision=decision)
    template = find_template(kind, language, company)
    steps = find_steps(passages, facts, language=language, today=today) if kind in STEP_KINDS else None
    view = CaseView(ticket, classification, facts, deadlines, company, language, style or company.style.preset, today)
    subject, rendered = render(template, company.templates, view.values(missing, steps))
    return Draft(
        kind=kind,
        language=language,
        subject=" ".join(subject.split()),
        body=rendered.text,
        sentences=tuple(_with_quote(sentence, steps) for sentence in rendered.sentences),
        citations=steps.citations if steps else (),
        composer=f"{COMPOSER}@{template.id}",
    )


def _with_quote(sentence: Sentence, steps: Steps | None) -> Sentence:
    """Give a quoted sentence the whole instruction as its quote: the heading of a passage is no proof."""
    if steps is None:
        return sentence
    sources = tuple(
        Source(source.kind, source.ref, steps.verbatim(source.quote)) if source.kind is SourceKind.PASSAGE else source
        for source in sentence.sources
    )
    return replace(sentence, sources=sources)
