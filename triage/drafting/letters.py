"""Everything an agent may ask of letters beyond the first draft, together."""

from __future__ import annotations

from dataclasses import dataclass

from triage.drafting.history import CustomerHistories
from triage.drafting.redraft import Redrafting
from triage.drafting.review import SuggestionReview
from triage.drafting.similar import SimilarCases


@dataclass(frozen=True, slots=True)
class Letters:
    """Another letter for a case, suggested wordings, similar solved cases, the whole history."""

    redrafting: Redrafting
    suggestions: SuggestionReview
    similar: SimilarCases
    histories: CustomerHistories
