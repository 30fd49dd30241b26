"""What the law lets the customer ask, as advice to the agent: never a decision."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.deadline import Deadline


@dataclass(frozen=True, slots=True)
class DemandPosition:
    """One demand of the customer.

    Attributes:
        demand: code of the taxonomy (``NAPRAWA`` …).
        verdict: ``may_ask``, ``not_yet``, ``not_here`` or ``person_decides``.
        article: the provision that says so.
        reason: one plain sentence for the agent.
    """

    demand: str
    verdict: str
    article: str
    reason: str


@dataclass(frozen=True, slots=True)
class LegalPosition:
    """The regime that governs the ticket and what follows from it.

    Attributes:
        regime: ``nonconformity``, ``guarantee``, ``withdrawal``, ``b2b_rekojmia`` …, or ``none``.
        assumed: what was read into it in the customer's favour, because the ticket does not say.
        questions: what to find out, each once.
        periods: liability, presumption, the customer's and carriers' own terms; nothing the desk can miss.
    """

    regime: str
    articles: tuple[str, ...]
    note: str
    assumed: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    demands: tuple[DemandPosition, ...] = ()
    periods: tuple[Deadline, ...] = ()
