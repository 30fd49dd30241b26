"""Models and data the stages work with, chosen by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage.calendars.clock_table import ClockTable
from triage.calendars.regime import RegimeTable
from triage.calendars.remedies import RemedyTable
from triage.calendars.rules import RuleTable
from triage.domain.classification import Suggestion
from triage.domain.company import Company
from triage.domain.redaction import RedactedText
from triage.ports import Classifier, Drafter, Encoder, LineWriter, PersonalDataRecogniser, Retriever


@dataclass(frozen=True, slots=True)
class Law:
    """The dated tables a deadline is computed from."""

    rules: RuleTable
    clocks: ClockTable
    regimes: RegimeTable
    remedies: RemedyTable

    @property
    def version(self) -> str:
        """Versions of all tables, for the record of what a case rests on."""
        return "/".join(table.version for table in (self.rules, self.clocks, self.regimes, self.remedies))


Trial = Callable[[RedactedText], Suggestion | None]
"""What a model on trial says about a text; it never raises, because nothing may depend on it."""


def no_trial(text: RedactedText) -> None:
    """No model is on trial."""


Subcategory = Callable[[RedactedText, str], str]
"""The subcategory of a text within a category; empty when it does not tell."""


def no_subcategory(text: RedactedText, category: str) -> str:
    """No subcategories are told apart."""
    return ""


@dataclass(frozen=True, slots=True)
class Tools:
    """Models and data the stages work with, chosen by the composition root."""

    company: Company
    law: Law
    recogniser: PersonalDataRecogniser
    classifier: Classifier
    retriever: Retriever
    encoder: Encoder
    drafter: Drafter
    line_writer: LineWriter | None = None
    trial: Trial = no_trial
    subcategory: Subcategory = no_subcategory
