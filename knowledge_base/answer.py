"""What a search may return, and what it says of a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge_base.errors import InvalidSearch
from knowledge_base.passage import Audience, Passage


@dataclass(frozen=True, slots=True)
class Quote:
    """The sentence or row of a passage that answers best, word for word.

    Attributes:
        start: offset in the document's text; ``document.text[start:end] == text``.
        end: offset after the quote.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a passage ranked where it did.

    Attributes:
        lexical: share of the query's words the passage answers, weighted by their rarity, in [0, 1].
        spelling: the same over character 4-grams, in [0, 1]; high alone: inflected or mistyped words.
        semantic: highest cosine of the query with the passage, its name or one of its sentences, in [-1, 1].
        codes: codes of the query found in the passage.
    """

    lexical: float
    spelling: float
    semantic: float
    codes: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """What spoke for the passage, strongest first: ``code``, ``lexical``, ``spelling``, ``semantic``."""
        parts = {"lexical": self.lexical, "spelling": self.spelling, "semantic": self.semantic}
        spoke = sorted((name for name, share in parts.items() if share >= 0.2), key=lambda name: -parts[name])
        return (("code",) if self.codes else ()) + tuple(spoke)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a question demands of an answer: that it is about a code or a thing, or that it gives an amount.

    Attributes:
        kind: ``code``, ``name``, ``thing``, ``nowhere`` (people ruled that nothing answers), or an amount as
            ``amounts.toml`` calls it (``price``, ``telephone`` …).
        what: the code, the word as typed, the question that was ruled on, or the amount in the question's language.
    """

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A search result.

    Attributes:
        relevance: estimated probability that the passage answers the query, in [0, 1]; results are sorted by rank,
            which relevance follows.
        bm25: BM25 over word keys, ≥ 0.
        cosine: exact cosine of query and passage, in [-1, 1].
        terms: words of the passage that met words of the query, as written in the passage, for highlighting.
        missing: what the query demands and the passage does not hold: then it is near, and rarely an answer.
    """

    passage: Passage
    relevance: float
    bm25: float
    cosine: float
    quote: Quote
    terms: tuple[str, ...]
    why: Evidence
    missing: tuple[Condition, ...] = ()

    @property
    def page(self) -> int | None:
        """The page the quote begins on; None where the format has no pages."""
        return self.passage.page_at(self.quote.start)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found.

    Attributes:
        hits: passages that answer, best first; none when nothing is good enough.
        nearest: where there are no hits, the passages that come nearest; they do not answer.
    """

    hits: tuple[ScoredPassage, ...]
    nearest: tuple[ScoredPassage, ...] = ()

    @property
    def missing(self) -> tuple[Condition, ...]:
        """What the query demands and the best passage, whether it answers or is only nearest, does not hold."""
        return next((one.missing for one in (*self.hits, *self.nearest)), ())


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What may be returned; the default is everything an agent may use today.

    Attributes:
        audience: CUSTOMER returns only passages a customer may read; INTERNAL and None return all.
        products: passages about these products, and those about no particular one; empty: all.
        languages: empty: all.
        valid_on: only passages in force on this day; None: today.
        document_types: empty: all.
        outdated: also return superseded versions and passages not in force on that day.
    """

    audience: Audience | None = None
    products: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    valid_on: date | None = None
    document_types: tuple[str, ...] = ()
    outdated: bool = False

    def __post_init__(self) -> None:
        """Refuse one string where a tuple is meant: it would be taken letter by letter.

        Raises:
            InvalidSearch: ``products``, ``languages`` or ``document_types`` is a string.
        """
        for name in ("products", "languages", "document_types"):
            if isinstance(getattr(self, name), str):
                raise InvalidSearch(f"{name} must be a tuple of strings, not one string.")


NO_FILTERS = SearchFilters()
