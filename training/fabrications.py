"""Fabrications: good letters made wrong in one known place, by a seeded program; and good letters edited harmlessly.

Each fabrication changes or adds one thing a customer could rely on: a date, amount, article, term, product, code, name,
address, promise, decision, or an unlawful condition. The checker flags it when a finding that needs a person (block or
confirm) overlaps the changed place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

from triage.domain.notation import write_date
from triage.domain.reply import Draft

Change = tuple[str, int, int]
"""The new body and the span of what was changed in it."""

_DATE = {"pl": re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{4}\b"), "en": re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b")}
_ARTICLE = {"pl": re.compile(r"art\. (\d+[a-z]?)"), "en": re.compile(r"Articles? (\d+[a-z]?)")}
_TERM = {"pl": re.compile(r"\b(14|2) (dni|lata)\b"), "en": re.compile(r"\b(14|2) (days|years)\b")}
_AMOUNT = re.compile(r"\d[\d\u00a0,]*[.,]\d\d(?=\u00a0zł)|(?<=PLN )\d[\d,]*\.\d\d")
_CODE = re.compile(r"\b[A-Z]\d{2}\b")
_PRODUCT = re.compile(r"\b(?:BrewOne K400|AquaSpin W7(?: 1400)?|TorqFix D18|NetBox R3|VoltRide C5)\b")
_NUMBER = re.compile(r"(?<=zamówienie nr )\d+|(?<=order no\. )\d+|RMA/2026/\d+")
_PRODUCTS = ("BrewOne K500", "AquaSpin W9", "TorqFix D24", "NetBox R5", "VoltRide S2", "FrostLine F3")
SENTENCES = Path(__file__).parent / "data" / "drafts_sentences.yaml"


@lru_cache(maxsize=4)
def _sentences(path: Path) -> dict[str, dict[str, dict[str, list[str]]]]:
    """What to add, by language and kind; harmless ones under ``harmless``."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    harmless = {language: {"harmless": texts} for language, texts in data["harmless"].items()}
    return {"added": data["added"], "harmless": harmless}


@dataclass(frozen=True, slots=True)
class Fabrication:
    """A letter made wrong in one place: what kind of wrong, and where."""

    kind: str
    draft: Draft
    start: int
    end: int


def fabricate(draft: Draft, chance: random.Random, sentences: Path = SENTENCES) -> Iterator[Fabrication]:
    """Every kind of fabrication the letter allows, one of each, with seeded choices."""
    for kind, change in _CHANGES.items():
        changed = change(draft, chance)
        if changed:
            body, start, end = changed
            yield Fabrication(kind, replace(draft, body=body, sentences=(), composer="agent:test"), start, end)
    for kind, texts in _sentences(sentences)["added"][draft.language].items():
        body, start, end = _insert(draft.body, chance.choice(texts), chance)
        yield Fabrication(f"added {kind}", replace(draft, body=body, sentences=(), composer="agent:test"), start, end)


def edit_harmlessly(draft: Draft, chance: random.Random, sentences: Path = SENTENCES) -> Draft:
    """The letter as a careful agent may change it: a polite sentence more, a dispensable line less."""
    texts = _sentences(sentences)["harmless"][draft.language]["harmless"]
    body, _, _ = _insert(draft.body, chance.choice(texts), chance)
    body = body.replace(" Oryginalne opakowanie nie jest potrzebne.", "").replace(" Any strong box will do.", "")
    return replace(draft, body=body, sentences=(), composer="agent:test")


def _insert(body: str, sentence: str, chance: random.Random) -> Change:
    """Add a sentence at the end of a paragraph between salutation and signature."""
    paragraphs = body.split("\n\n")
    place = chance.randrange(2, max(3, len(paragraphs) - 2))
    start = len("\n\n".join(paragraphs[: place + 1])) + 1
    paragraphs[place] += f" {sentence}"
    return "\n\n".join(paragraphs), start, start + len(sentence)


def _replace(body: str, match: re.Match[str], text: str, group: int = 0) -> Change:
    start, end = match.span(group)
    return body[:start] + text + body[end:], start, start + len(text)


def _pick(pattern: re.Pattern[str], body: str, chance: random.Random, *, after: int = 0) -> re.Match[str] | None:
    found = [match for match in pattern.finditer(body) if match.start() >= after]
    return chance.choice(found) if found else None


def _wrong_date(draft: Draft, chance: random.Random) -> Change | None:
    salutation = draft.body.find("\n\n")  # the letter's own date stands before it
    match = _pick(_DATE[draft.language], draft.body, chance, after=max(0, salutation))
    if match is None:
        return None
    wrong = date(2027, 1, 4) + timedelta(days=chance.randrange(0, 300))
    wrong = chance.choice((wrong, wrong - timedelta(days=600)))
    return _replace(draft.body, match, write_date(wrong, draft.language))


def _shifted_date(draft: Draft, chance: random.Random) -> Change | None:
    """One to five days off: the error nobody sees."""
    match = _pick(
        re.compile(r"(?<![\d.])(\d{1,2})(?=\.\d{1,2}\.\d{4}| [A-Z][a-z]+ \d{4})"), draft.body, chance, after=40
    )
    if match is None:
        return None
    day = (int(match[1]) + chance.choice((1, 2, 3, 5)) - 1) % 28 + 1
    return _replace(draft.body, match, str(day), 1) if day != int(match[1]) else None


def _dropped_negation(draft: Draft, chance: random.Random) -> Change | None:
    """A sentence of the template turned into its opposite."""
    match = _pick(re.compile(r"[^.\n]{15,}\b(?:nie|not) [^.\n]{10,}\."), draft.body, chance, after=40)
    if match is None:
        return None
    return _replace(draft.body, match, re.sub(r"\b(?:nie|not) ", "", match[0], count=1))


def _misprinted_number(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_NUMBER, draft.body, chance)
    if match is None:
        return None
    digits = match[0]
    wrong = digits[:-1] + str((int(digits[-1]) + chance.randrange(1, 9)) % 10)
    return _replace(draft.body, match, wrong)


def _wrong_amount(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_AMOUNT, draft.body, chance)
    wrong = f"{chance.randrange(311, 977)}{',' if draft.language == 'pl' else '.'}{chance.randrange(10, 99)}"
    return _replace(draft.body, match, wrong) if match else None


def _wrong_article(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_ARTICLE[draft.language], draft.body, chance)
    return _replace(draft.body, match, str(chance.choice((556, 568, 627, "22c", 405))), 1) if match else None


def _wrong_term(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_TERM[draft.language], draft.body, chance)
    return _replace(draft.body, match, str(chance.choice((5, 21, 45, 60))), 1) if match else None


def _wrong_product(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_PRODUCT, draft.body, chance)
    return _replace(draft.body, match, chance.choice(_PRODUCTS)) if match else None


def _wrong_code(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_CODE, draft.body, chance)
    return _replace(draft.body, match, f"{chance.choice('ABCH')}{chance.randrange(70, 99)}") if match else None


def _wrong_number(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_NUMBER, draft.body, chance)
    return _replace(draft.body, match, str(chance.randrange(60_000, 99_999))) if match else None


_CHANGES: dict[str, Callable[[Draft, random.Random], Change | None]] = {
    "date": _wrong_date,
    "shifted date": _shifted_date,
    "dropped negation": _dropped_negation,
    "misprinted number": _misprinted_number,
    "amount": _wrong_amount,
    "article": _wrong_article,
    "term": _wrong_term,
    "product": _wrong_product,
    "code": _wrong_code,
    "number": _wrong_number,
}
