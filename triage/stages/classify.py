"""Classify: the model's calibrated category, and what the words say: flags, remedies, legal basis, buyer, tone."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from triage.domain.classification import AbstainReason, Classification, Flag, Prediction
from triage.domain.company import Company, Cue
from triage.domain.folding import fold
from triage.domain.redaction import RedactedText, RedactedTicket
from triage.ports import Classifier

logger = logging.getLogger(__name__)

MIN_LETTERS = 3
_AROUND = 60
_SIGNS_SHOWN = 4
_CONFORMITY = frozenset({"NAPRAWA", "WYMIANA", "OBNIZENIE", "ODSTAPIENIE"})


def classify(ticket: RedactedTicket, language: str, company: Company, classifier: Classifier) -> Classification:
    """Classify a ticket from its subject and what the requester wrote.

    Args:
        language: BCP-47 primary tag of the request, or ``und``.

    Returns:
        A classification whose category is only a suggestion when ``abstained``.
    """
    request = ticket.request
    prediction = classifier.predict([request])[0]
    best = prediction.alternatives[0]
    abstain_reason = prediction.abstain_reason
    if sum(map(str.isalpha, request)) < MIN_LETTERS:
        abstain_reason = AbstainReason.TOO_SHORT
    elif language not in ("pl", "en"):
        abstain_reason = AbstainReason.UNSUPPORTED_LANGUAGE
    found = Classification(
        code=best.code,
        label=company.taxonomy[best.code].label(language),
        probability=best.probability,
        language=language,
        alternatives=prediction.alternatives,
        prediction_set=prediction.prediction_set,
        abstain_reason=abstain_reason,
        evidence=prediction.evidence,
        neighbours=prediction.neighbours,
    )
    return _with_cues(found, request, company, prediction.remedies)


def foretold(classifier: Classifier, requests: Sequence[RedactedText]) -> Classifier:
    """The classifier, with what it says of some texts at hand: to ask once for many costs less than once for each.

    Where it cannot answer for all of them together, each is asked for when its turn comes, so that a text it fails at
    does not touch the others.
    """
    if len(requests) < 2:
        return classifier
    try:
        said = classifier.predict(requests)
    except Exception as exc:
        # the message of a foreign error may hold ticket text
        logger.warning(
            "tickets are classified one by one", extra={"action": "foretelling_failed", "error": type(exc).__name__}
        )
        return classifier
    return _Foretold(classifier, dict(zip(requests, said, strict=True)))


@dataclass(frozen=True, slots=True)
class _Foretold:
    """A classifier that was asked already."""

    classifier: Classifier
    said: Mapping[RedactedText, Prediction]

    @property
    def name(self) -> str:
        return self.classifier.name

    def predict(self, texts: Sequence[RedactedText]) -> list[Prediction]:
        return [self.said[text] if text in self.said else self.classifier.predict([text])[0] for text in texts]


def _with_cues(
    found: Classification, request: RedactedText, company: Company, implied: Sequence[str]
) -> Classification:
    """What the words say; a demand that only the model reads comes after those that are named."""
    folded = fold(request)
    flags = raised(company.flags, folded, request)
    flags = (*flags, *_danger(found, flags, company, folded, request))
    basis = _first(company.legal_bases, folded) or "none"
    buyer = _first(company.buyers, folded) or "unknown"
    known = {cue.code for cue in company.remedies}
    named = (flag.code for flag in raised(company.remedies, folded, request))
    remedies = tuple(dict.fromkeys((*named, *(code for code in implied if code in known))))
    return replace(
        found,
        flags=flags,
        remedies=remedies,
        legal_basis=basis,
        buyer=buyer,
        regime=_regime(company.taxonomy[found.code].law, basis, buyer, remedies),
        tone=_first(company.tones, folded) or "neutral",
    )


def _danger(
    found: Classification, flags: tuple[Flag, ...], company: Company, folded: str, original: str
) -> tuple[Flag, ...]:
    """What the model sees and no rule did; signs of danger lower what it has to be sure of, signs of calm raise it."""
    danger = company.urgency.danger
    seen = next((one.probability for one in found.alternatives if one.code == danger.category), 0.0)
    if seen < min(danger.least) or any(flag.code == danger.flag for flag in flags):
        return ()
    signs = raised(company.danger_signs, folded, original)
    if seen < danger.needed(len(signs), len(raised(company.calm_signs, folded, original))):
        return ()
    words = "".join(f" „{sign.evidence}”" for sign in signs[:_SIGNS_SHOWN])
    return (Flag(danger.flag, f"model: {danger.category} {seen:.0%}{words}"),)


def raised(cues: Sequence[Cue], folded: str, original: str) -> tuple[Flag, ...]:
    """Each code once, with the first words that raised it.

    Args:
        folded: the text in lower case without diacritics, as long as ``original``.
    """
    found: dict[str, Flag] = {}
    for cue in cues:
        if cue.code in found:
            continue
        for match in cue.pattern.finditer(folded):
            if not _is_excepted(cue, match, folded):
                found[cue.code] = Flag(cue.code, original[match.start() : match.end()])
                break
    return tuple(found.values())


def _is_excepted(cue: Cue, match: re.Match[str], folded: str) -> bool:
    before = max(0, match.start() - _AROUND)
    if cue.denied is not None and cue.denied.search(folded[before : match.start()]):
        return True
    return cue.unless is not None and cue.unless.search(folded[before : match.end() + _AROUND]) is not None


def _first(cues: Sequence[Cue], folded: str) -> str | None:
    return next((cue.code for cue in cues if cue.pattern.search(folded)), None)


def _regime(matter: str, basis: str, buyer: str, remedies: Collection[str]) -> str:
    """A first reading; addressed to the seller and nothing named means non-conformity, the most protective one.

    A matter that has no law of its own follows the basis that is named; a danger with a demand is a complaint as well.
    """
    if matter == "C04" or (basis == "odstapienie" and matter != "C01"):
        return "withdrawal"
    if matter in ("C01", "C06", "C17") or (matter == "C11" and not _CONFORMITY.isdisjoint(remedies)):
        return "b2b_rekojmia" if buyer == "business" else "nonconformity"
    of_matter = {"C02": "guarantee", "C05": "carrier", "C12": "b2b_rekojmia", "C03": "service", "C13": "service"}
    return of_matter.get(matter) or {"niezgodnosc": "nonconformity", "gwarancja": "guarantee"}.get(basis, "none")
