"""What a ticket is about: category with calibrated probability, flags, remedies, language."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class AbstainReason(StrEnum):
    """Why the classifier leaves the decision to a person."""

    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    OUT_OF_SCOPE = "out_of_scope"
    TOO_SHORT = "too_short"
    UNSUPPORTED_LANGUAGE = "unsupported_language"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A category the ticket might also belong to; ``probability`` in [0, 1]."""

    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that drove a decision: a feature, its weight in log-odds, and where it came from."""

    feature: str
    weight: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a classifier port returns.

    Attributes:
        alternatives: all codes, most probable first, probabilities summing to 1, calibrated.
        prediction_set: codes that hold the true one with the promised coverage (conformal).
        abstain_reason: set when a person must decide.
        evidence: features that spoke for the first code, strongest first.
        neighbours: ids of the nearest training examples.
        remedies: what the model reads as demanded, also where no word names it, likeliest first.
    """

    alternatives: tuple[Alternative, ...]
    prediction_set: tuple[str, ...] = ()
    abstain_reason: AbstainReason | None = None
    evidence: tuple[Evidence, ...] = ()
    neighbours: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """A warning on the ticket (SAFETY, LEGAL_THREAT …) with the words that raised it."""

    code: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a model says about a category, kept beside what a person decided or another model said.

    Attributes:
        probability: calibrated, in [0, 1].
        model: name of the classifier; empty where it is the case's own.
    """

    code: str
    probability: float
    abstain_reason: AbstainReason | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Classification:
    """The classify stage's result, or what a person made of it.

    Attributes:
        code: the category in force: a person's where one decided (then ``suggested`` is set), else the model's first
            one, kept also when abstained, as a suggestion.
        probability: calibrated probability the model gives ``code``, in [0, 1].
        language: BCP-47 primary tag (``pl``, ``en`` …) or ``und``.
        remedies: what the customer asks for, codes of the taxonomy.
        legal_basis: what the customer calls it (``niezgodnosc``, ``gwarancja`` …) or ``none``.
        regime: what applies as far as the text tells; a person may change it.
        buyer: ``consumer``, ``sole_trader``, ``business`` or ``unknown``.
        suggested: what the model said, where a person decided.
        subcategory: code within ``code``; empty when the text does not tell.
        tags: names of tags that follow from the categories in force.
        routing: queue that handles the category in force.
        matters: categories of the law tables for ``code`` and ``secondary``, in that order; empty: they are the same.
    """

    code: str
    label: str
    probability: float
    language: str
    alternatives: tuple[Alternative, ...] = ()
    prediction_set: tuple[str, ...] = ()
    abstain_reason: AbstainReason | None = None
    flags: tuple[Flag, ...] = ()
    remedies: tuple[str, ...] = ()
    legal_basis: str = "none"
    regime: str = "none"
    buyer: str = "unknown"
    tone: str = "neutral"
    secondary: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    neighbours: tuple[str, ...] = ()
    suggested: Suggestion | None = None
    subcategory: str = ""
    tags: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    routing: str = ""

    @property
    def matter(self) -> str:
        """The category of the law tables that the category in force stands for."""
        return self.matters[0] if self.matters else self.code

    @property
    def abstained(self) -> bool:
        """True when a person must decide the category."""
        return self.abstain_reason is not None

    @property
    def suggestion(self) -> Suggestion:
        """What the model said, whoever decided."""
        return self.suggested or Suggestion(self.code, self.probability, self.abstain_reason)

    def decided_as(self, code: str, label: str) -> Classification:
        """The classification with a person's category in force and the model's beside it."""
        probability = next((one.probability for one in self.alternatives if one.code == code), 0.0)
        return replace(
            self,
            code=code,
            label=label,
            probability=probability,
            abstain_reason=None,
            suggested=self.suggestion,
            subcategory=self.subcategory if code == self.code else "",
        )

    def handed_back(self, label: str) -> Classification:
        """The classification with the model's category in force again."""
        if self.suggested is None:
            return self
        code, probability, reason = self.suggested.code, self.suggested.probability, self.suggested.abstain_reason
        return replace(self, code=code, label=label, probability=probability, abstain_reason=reason, suggested=None)

    @property
    def flag_codes(self) -> frozenset[str]:
        """Codes of all flags."""
        return frozenset(flag.code for flag in self.flags)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact named in the text: ``kind`` (``order_no``, ``error_code``, ``date`` …), its value and where it stands.

    Attributes:
        value: normalised (``E18``, ``2026-11-03``, ``1249.00 PLN``).
        text: as written by the customer.
        message_id: the message it stands in; ``start``/``end`` are offsets in that message's body.
        confidence: in [0, 1].
    """

    kind: str
    value: str
    text: str
    message_id: str
    start: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts found in a ticket, in reading order."""

    items: tuple[Fact, ...] = field(default=())

    def of(self, kind: str) -> tuple[Fact, ...]:
        """Facts of one kind, in reading order."""
        return tuple(fact for fact in self.items if fact.kind == kind)

    def first(self, kind: str) -> Fact | None:
        """The first fact of a kind, if any."""
        return next(iter(self.of(kind)), None)
