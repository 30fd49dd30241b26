"""The pipeline's tools: company data, law, recognisers, classifier, knowledge base, drafter. No database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from triage.adapters.company import load_company
from triage.adapters.models.linear import train_shipped
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.knowledge import Knowledge
from triage.calendars.clock_table import ClockTable
from triage.calendars.regime import RegimeTable
from triage.calendars.remedies import RemedyTable
from triage.calendars.rules import RuleTable
from triage.config import Settings
from triage.domain.case import TriageCase
from triage.domain.company import Company
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft, Finding
from triage.pipeline import Law, Tools
from triage.ports import Drafter
from triage.recognisers import Recognisers
from triage.stages.draft import Composer
from triage.stages.lint import lint

Report = Callable[[str], None]
"""Told what is being prepared, for a progress line."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current moment, in UTC."""
        return datetime.now(UTC)


def load_tools(settings: Settings, report: Report = lambda what: None) -> Tools:
    """Load everything the pipeline needs; the first time this indexes the documents and trains the classifier.

    Raises:
        ConfigurationError: company data or rule tables are wrong; lists every fault.
        ModelTampered: a shipped or trained model file differs from its manifest.
    """
    report("company data and rule tables")
    company = load_company(settings.company_dir)
    law = load_law()
    report("encoder")
    chosen = load_encoder(settings)
    encoder = chosen.encoder
    report("knowledge base index")
    knowledge = Knowledge.open(settings, encoder, degraded=chosen.degraded)
    report("classifier")
    classifier = train_shipped(
        settings.company_dir, encoder, settings.model_dir, coverage=settings.coverage, max_error=settings.max_error
    )
    return Tools(company, law, Recognisers(), classifier, knowledge, encoder, _drafter(settings))


def load_law() -> Law:
    """The shipped rule, clock and regime tables."""
    rules = RuleTable.load()
    return Law(rules, ClockTable.load(rules), RegimeTable.load(), RemedyTable.load())


def _drafter(settings: Settings) -> Drafter:
    if settings.llm_base_url is None:
        return Composer()
    from triage.adapters.llm import LanguageModelDrafter

    return LanguageModelDrafter(
        base_url=settings.llm_base_url,
        model=settings.llm_model,
        api_key=settings.llm_api_key.get_secret_value(),
        timeout_s=settings.llm_timeout_s,
        max_tokens=settings.llm_max_tokens,
        fallback=Composer(),
        check=check_letter,
    )


def check_letter(
    draft: Draft, ticket: RedactedTicket, case: TriageCase, company: Company, today: date
) -> tuple[Finding, ...]:
    """The checks of every letter, for a model's letter before it may stand for the composer's."""
    if case.classification is None:
        return ()
    return lint(draft, ticket, case.classification, case.facts, case.deadlines, case.passages, company, today=today)
