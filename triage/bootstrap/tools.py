"""The pipeline's tools: company data, law, recognisers, classifier, knowledge base, drafter. No database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from triage.adapters.company import load_company
from triage.adapters.models.nearest_subcategory import NearestSubcategory
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.models import load_classifier
from triage.calendars.clock_table import ClockTable
from triage.calendars.regime import RegimeTable
from triage.calendars.remedies import RemedyTable
from triage.calendars.rules import RuleTable
from triage.config import Settings
from triage.domain.case import TriageCase
from triage.domain.company import Company
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft, Finding
from triage.drafting.summaries import SummaryTools
from triage.errors import ConfigurationError
from triage.pipeline import Law, Tools
from triage.ports import Drafter, LineWriter
from triage.recognisers import Recognisers
from triage.stages.draft import Composer
from triage.stages.lint import lint

Report = Callable[[str], None]
"""Told what is being prepared, for a progress line."""


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
    classifier = load_classifier(settings, encoder, company.taxonomy.codes)
    subcategory = NearestSubcategory.of_company(settings.company_dir, company.taxonomy, encoder)
    models = Recognisers(), classifier, knowledge, encoder, _drafter(settings)
    return Tools(
        company,
        law,
        *models,
        line_writer=_line_writer(settings),
        trial=classifier.try_out,
        subcategory=subcategory,
    )


def load_summary_tools(settings: Settings, report: Report = lambda what: None) -> SummaryTools:
    """Load what a summary alone needs: no knowledge base, no drafter.

    Raises:
        ConfigurationError: company data or rule tables are wrong; lists every fault.
        ModelTampered: a shipped or trained model file differs from its manifest.
    """
    report("company data and rule tables")
    company, law = load_company(settings.company_dir), load_law()
    report("encoder")
    encoder = load_encoder(settings).encoder
    report("classifier")
    classifier = load_classifier(settings, encoder, company.taxonomy.codes)
    rules = law.rules, law.clocks, law.regimes
    return SummaryTools(company, *rules, Recognisers(), classifier, encoder, _line_writer(settings))


def load_law() -> Law:
    """The shipped rule, clock and regime tables."""
    rules = RuleTable.load()
    return Law(rules, ClockTable.load(rules), RegimeTable.load(), RemedyTable.load(rules))


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


def _line_writer(settings: Settings) -> LineWriter | None:
    """Who tells histories beside the extractive summary; None is nobody.

    Raises:
        ConfigurationError: the language model is asked for and not configured.
        ModelUnavailable: the folder holds no such model.
    """
    if settings.summariser == "extractive":
        return None
    if settings.summariser != "llm":
        from triage.adapters.models.seq2seq_writer import Seq2SeqLineWriter

        return Seq2SeqLineWriter.load(Path(settings.summariser))
    if settings.llm_base_url is None:
        raise ConfigurationError(["TRIAGE_SUMMARISER=llm needs TRIAGE_LLM_BASE_URL and TRIAGE_LLM_MODEL."])
    from triage.adapters.llm import BoundedChat, LanguageModelLineWriter

    key = settings.llm_api_key.get_secret_value()
    server = BoundedChat(settings.llm_base_url, settings.llm_model, key, settings.llm_max_tokens)
    return LanguageModelLineWriter(server, settings.llm_timeout_s)


def check_letter(
    draft: Draft, ticket: RedactedTicket, case: TriageCase, company: Company, today: date
) -> tuple[Finding, ...]:
    """The checks of every letter, for a model's letter before it may stand for the composer's."""
    if case.classification is None:
        return ()
    return lint(draft, ticket, case.classification, case.facts, case.deadlines, case.passages, company, today=today)
