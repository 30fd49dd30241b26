"""What a company brings: its taxonomy, urgency weights, warning words, reply templates and house rules.

All of it is data (``triage/company/*.yaml`` for the fictional sample company); another desk points
``TRIAGE_COMPANY_DIR`` at its own folder and everything follows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from triage.domain.folding import name_key
from triage.domain.four_eyes import FourEyes
from triage.domain.sought import Sought
from triage.domain.style import StyleRules


@dataclass(frozen=True, slots=True)
class Category:
    """One class of tickets.

    Attributes:
        labels: display label by language (``pl``, ``en``).
        routing: queue that handles it.
        evidence: what the desk needs to decide, as fact kinds (``order_no``, ``serial``, ``photo`` …).
        reply_kind: the reply template proposed when no other rule applies.
        tag: tag name written to helpdesks.
        law: category of the law tables (``clocks.yaml``, ``regime.yaml``) it stands for; empty for one without clocks.
        subcategories: label by language, by code.
        formerly: names it had before, or has elsewhere, by which old tickets call it.
    """

    code: str
    labels: Mapping[str, str]
    description: Mapping[str, str]
    routing: str
    evidence: tuple[str, ...]
    reply_kind: str
    tag: str
    law: str = ""
    subcategories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    formerly: tuple[str, ...] = ()

    @property
    def in_words(self) -> tuple[str, ...]:
        """Its label, its description and its sub-categories, each in each language: examples where there are few."""
        spoken = dict.fromkeys(language for label in self.subcategories.values() for language in label)
        inside = [", ".join(label[each] for label in self.subcategories.values() if each in label) for each in spoken]
        return tuple(words for words in (*self.labels.values(), *self.description.values(), *inside) if words)

    def label(self, language: str) -> str:
        """The label in ``language``, else in Polish."""
        return self.labels.get(language, self.labels["pl"])


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All categories, in their order, with the data's version."""

    version: str
    categories: tuple[Category, ...]

    def __getitem__(self, code: str) -> Category:
        return next(category for category in self.categories if category.code == code)

    def __contains__(self, code: object) -> bool:
        return any(category.code == code for category in self.categories)

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, in their order."""
        return tuple(category.code for category in self.categories)

    @property
    def in_words(self) -> dict[str, tuple[str, ...]]:
        """What each category is, in words, by code."""
        return {category.code: category.in_words for category in self.categories}

    def code_of(self, name: str) -> str | None:
        """The code of the one category that people call so: by code, label, tag or former name.

        Capitals, diacritics and spaces do not matter.
        """
        wanted = name_key(name)
        found = [category.code for category in self.categories if wanted in _names_of(category)]
        return found[0] if len(found) == 1 else None


def _names_of(category: Category) -> set[str]:
    return {name_key(name) for name in (category.code, category.tag, *category.labels.values(), *category.formerly)}


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that raise a flag, name a remedy or set a tone.

    Attributes:
        code: what is raised (``SAFETY``, ``NAPRAWA`` …).
        pattern: matched against folded text (lower case, no diacritics).
        unless: when it matches around the hit (60 characters either side), the hit is not one.
        denied: when it matches what stands before the hit and ends there („nie dymi”), the hit is not one.
    """

    code: str
    pattern: Sought
    unless: Sought | None = None
    denied: re.Pattern[str] | None = None


#: More signs of calm than so many say no more.
MOST_CALMING = 2


@dataclass(frozen=True, slots=True)
class Danger:
    """How probable ``category`` must be for the model to raise ``flag``: a missed danger costs more than an alarm.

    Attributes:
        least: least probability where the text shows no sign of danger, one, two and so on; the last one for any more.
        calm: what each of at most two signs of calm multiplies the odds of that probability by.
    """

    flag: str
    category: str
    least: tuple[float, ...]
    calm: float = 1.0

    def needed(self, signs: int, calming: int = 0) -> float:
        """The least probability where so many different signs of danger, and of calm, stand in the text.

        >>> danger = Danger("SAFETY", "C11", (0.5, 0.1), calm=3.0)
        >>> danger.needed(3), danger.needed(0, calming=1)
        (0.1, 0.75)
        """
        least = self.least[min(signs, len(self.least) - 1)]
        if not calming:
            return least
        odds = least / (1 - least) * self.calm ** min(calming, MOST_CALMING)
        return odds / (1 + odds)


@dataclass(frozen=True, slots=True)
class UrgencyPolicy:
    """Points per factor and the thresholds that turn a sum into P1–P4 (see ``urgency.yaml``).

    Attributes:
        days_left: (at most this many days to ``legal_due``, points), strictest first.
        short_terms: most points of a rule whose term is too short to be ever far, until it has passed.
        promises: rules of the company's own that weigh like law as their day comes near.
        value: (at least this amount in PLN, points), largest first.
        flags: points by flag code.
        categories: points by category code.
        thresholds: level by least score, highest first.
        forced: flag codes that force P1 whatever the sum.
        at_least: (name, least score, names of factors): where all of these are there, the sum is lifted to that score.
    """

    version: str
    days_left: tuple[tuple[int, int], ...]
    short_terms: Mapping[str, int]
    promises: frozenset[str]
    value: tuple[tuple[int, int], ...]
    flags: Mapping[str, int]
    categories: Mapping[str, int]
    cues: tuple[tuple[str, int, Sought], ...]
    repeat_points: int
    repeat_cap: int
    tone: Mapping[str, int]
    thresholds: tuple[tuple[str, int], ...]
    forced: frozenset[str]
    danger: Danger
    at_least: tuple[tuple[str, int, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """An approved template; ``body`` is Jinja2, rendered in a sandbox with the case's facts only."""

    id: str
    kind: str
    language: str
    subject: str
    body: str
    decision: bool = False

    def __hash__(self) -> int:
        """Their ids tell templates apart; the texts are long."""
        return hash(self.id)


class Templates(tuple[ReplyTemplate, ...]):
    """All templates of a company; what is read from them together is kept by them, so their hash is reckoned once."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        """The hash of a tuple of the same templates."""
        return self._hash


@dataclass(frozen=True, slots=True)
class HouseRule:
    """A phrase a reply must not hold, why, and what to write instead (``lint.yaml``)."""

    code: str
    pattern: Sought
    severity: str
    reason: Mapping[str, str]
    source: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """Everything above, loaded and checked together."""

    name: str
    taxonomy: Taxonomy
    urgency: UrgencyPolicy
    flags: tuple[Cue, ...]
    remedies: tuple[Cue, ...]
    legal_bases: tuple[Cue, ...]
    buyers: tuple[Cue, ...]
    tones: tuple[Cue, ...]
    case_facts: tuple[Cue, ...]
    danger_signs: tuple[Cue, ...]
    calm_signs: tuple[Cue, ...]
    templates: tuple[ReplyTemplate, ...]
    house_rules: tuple[HouseRule, ...]
    identity: Mapping[str, str]
    style: StyleRules = field(default_factory=StyleRules)
    four_eyes: FourEyes = field(default_factory=FourEyes)
