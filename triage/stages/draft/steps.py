"""Steps: instructions taken word for word from a passage a customer may read, when it answers the question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from knowledge_base.answer import ScoredPassage
from knowledge_base.passage import Audience, Passage
from triage.domain.classification import Facts
from triage.domain.reply import Citation, without_marks

MIN_RELEVANCE = 0.5
MAX_STEPS = 12
MAX_LENGTH = 400
LEAST_LENGTH = 25
_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•–])\s+(?P<text>\S.*?)\s*$", re.MULTILINE)
_NUMBERED = re.compile(r"^\s*\d{1,2}[.)]\s+(?P<text>\S.*?)\s*$", re.MULTILINE)
_FOR_THE_DESK = re.compile(r"serwis|service|technik|wewn|internal|agent|desk|dział|przyczyn|cause", re.IGNORECASE)
_FOR_THE_CUSTOMER = re.compile(r"klient|customer|co zrobić|what to do|działanie|action|sprawdz", re.IGNORECASE)
_MARKUP = re.compile(r"[|{}<>\[\]]|https?:")
_CODE = re.compile(r"[A-Z]{1,3}-?\d{1,4}|SVC1|EF0|EA3")


@dataclass(frozen=True, slots=True)
class Steps:
    """Instructions of one passage, each word for word, and the place they stand in.

    Attributes:
        introduction: what the passage says before its list (duration, warnings), or empty.
    """

    passage: Passage
    texts: tuple[str, ...]
    heading: str
    introduction: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """The instructions as a letter shows them, without Markdown's marks for code and emphasis."""
        return tuple(without_marks(text) for text in self.texts)

    def verbatim(self, shown: str) -> str:
        """The passage's own words for a piece of the letter; empty when it is no instruction of it."""
        return next((text for text in (*self.texts, self.introduction) if without_marks(text) == shown and text), "")

    @property
    def citations(self) -> tuple[Citation, ...]:
        """One citation per instruction."""
        passage = self.passage
        place = " › ".join(passage.section)
        return tuple(
            Citation(passage.document_id, passage.document_version, passage.title, place, passage.page_of(text), text)
            for text in (*self.texts, *([self.introduction] if self.introduction else []))
        )


def find_steps(
    passages: tuple[ScoredPassage, ...], facts: Facts, *, language: str, today: date, least: float = MIN_RELEVANCE
) -> Steps | None:
    """Instructions of the best passage fit for the letter, or None when no passage answers.

    Args:
        language: of the letter; a passage in another language is not quoted.
        least: relevance a passage must have, in [0, 1]; one that holds an error code named by the customer needs half.
    """
    fit = [scored for scored in passages if _answers(scored, facts, language, today, least)]
    for instructions in (_listed, _best_sentence):  # a list of steps first, wherever it ranks
        for scored in fit:
            texts = instructions(scored)
            if texts:
                passage = scored.passage
                heading = passage.section[-1] if passage.section else passage.title
                return Steps(passage, texts, heading, _introduction(passage, texts[0]))
    return None


def _answers(scored: ScoredPassage, facts: Facts, language: str, today: date, least: float) -> bool:
    """Whether the passage may be quoted and is about the product and the error codes the customer names."""
    passage = scored.passage
    codes = {fact.value for fact in facts.of("error_code")}
    products = {fact.value.casefold() for kind in ("product", "model") for fact in facts.of(kind)}
    named = codes & set(passage.codes)
    if scored.relevance < (least / 2 if named else least) or not _may_be_quoted(passage, language, today):
        return False
    if codes and not named and any(_CODE.fullmatch(code) for code in passage.codes):
        return False
    return not (products and passage.product) or any(_same_product(passage, name) for name in products)


def _may_be_quoted(passage: Passage, language: str, today: date) -> bool:
    return (
        passage.audience is Audience.CUSTOMER
        and passage.language == language
        and (passage.valid_from is None or passage.valid_from <= today)
        and (passage.valid_to is None or passage.valid_to >= today)
        and (passage.superseded_from is None or passage.superseded_from > today)
        and passage.doc_type != "template"
    )


def _same_product(passage: Passage, name: str) -> bool:
    own = f"{passage.product or ''} {passage.model or ''}".casefold()
    return any(word in name for word in own.split()) or any(word in own for word in name.split())


def _listed(scored: ScoredPassage) -> tuple[str, ...]:
    """The passage's list, numbered before bulleted, or the customer's cells of an error-code row."""
    passage = scored.passage
    if "|" in passage.text[passage.prefix :].split("\n", 1)[0]:
        return _whole(_cells(passage))
    numbered = [match["text"] for match in _NUMBERED.finditer(passage.text)]
    texts = numbered or [match["text"] for match in _ITEM.finditer(passage.text)]
    return _whole(texts) if len(texts) > 1 else ()


def _best_sentence(scored: ScoredPassage) -> tuple[str, ...]:
    quote = scored.quote.text.strip()
    return _whole([quote]) if len(quote) >= LEAST_LENGTH and quote in scored.passage.text else ()


def _whole(texts: list[str]) -> tuple[str, ...]:
    """All or nothing: instructions with a step left out are wrong."""
    whole = len(texts) <= MAX_STEPS and all(len(text) <= MAX_LENGTH and not _MARKUP.search(text) for text in texts)
    return tuple(texts) if whole else ()


def _introduction(passage: Passage, first: str) -> str:
    """The last paragraph before the first instruction, when it is fit to be quoted."""
    before = passage.text[: passage.text.find(first)].rsplit("\n", 1)[0] if first in passage.text else ""
    lines = [line.strip() for line in before.split("\n") if line.strip() and not line.startswith(("#", "|"))]
    text = lines[-1] if lines else ""
    fit = 20 <= len(text) <= MAX_LENGTH and not _MARKUP.search(text) and not _ITEM.match(text)
    return text if fit else ""


def _cells(passage: Passage) -> list[str]:
    """Cells of an error-code row meant for the customer: meaning and action, never the workshop's column."""
    header = _row(passage.text.split("\n", 1)[0]) if passage.prefix else []
    row = _row(passage.text[passage.prefix :].strip().split("\n", 1)[0])
    if len(header) != len(row):
        return []
    return [
        cell
        for name, cell in zip(header, row, strict=True)
        if _FOR_THE_CUSTOMER.search(name) and not _FOR_THE_DESK.search(name) and len(cell) > 3
    ]


def _row(line: str) -> list[str]:
    return [cell.strip().strip("`*") for cell in line.strip().strip("|").split("|")]
