"""The rulings that hold in an index, found by queries that ask the same.

Two questions are the same when nearly all words that say something meet, with equal codes and equal question words:
„kto odpowiada na reklamację” and „kiedy odpowiadamy na reklamację” are two, „reklamacja: kto odpowiada” is the first.
Meaning alone (a cosine) is not enough: what holds an answer back must not reach the next question.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import Condition
from knowledge_base.errors import InvalidSearch
from knowledge_base.hybrid.query import Query, read_query
from knowledge_base.passage import Passage
from knowledge_base.rulings import Ruling, RulingKind, content_key
from knowledge_base.tokenise import fold, split_words

_FILE: Final = "rulings.json"
#: Share of the words of two questions that must meet.
SAME: Final = 0.8
# Shorter words, and questions of fewer, are too easily another when a letter is.
_LONG: Final = 5
_ENOUGH: Final = 2
# Stop words that make another question of the same words.
_TELLING: Final = frozenset("kto kogo komu kiedy gdzie ile dlaczego po who whom when where why many much after".split())


def shared_words(one: Query, other: Query) -> float:
    """Jaccard similarity of the words of two queries, whatever their form, in [0, 1]; 0 where one has none."""
    if not (one.keys and other.keys):
        return 0.0
    met = sum(any(not own.isdisjoint(key) for key in other.keys) for own in one.keys)
    return met / (len(one.keys) + len(other.keys) - met)


def same_question(ruled: Query, asked: Query, knows: Callable[[str], bool] = lambda word: True) -> bool:
    """Whether two queries ask the same in nearly the same words.

    Args:
        knows: whether some passage has a word; one that none has may be a slip of the fingers for a word of the other
            query („dostawca” is none for „dostawa”).
    """
    if set(ruled.codes) != set(asked.codes) or _telling(ruled.text) != _telling(asked.text):
        return False
    if min(shared_words(ruled, asked), shared_words(asked, ruled)) >= SAME:
        return True
    strange = [word for word in asked.words if len(word) >= _LONG and not knows(word)]
    slips = {word: meant for word in strange for meant in ruled.words if _is_slip(fold(word), fold(meant))}
    if not slips or len(ruled.keys) < _ENOUGH:
        return False
    meant = read_query(" ".join(slips.get(word, word) for word in asked.words))
    return min(shared_words(ruled, meant), shared_words(meant, ruled)) >= SAME


def _is_slip(typed: str, meant: str) -> bool:
    """Whether a word has two neighbouring letters changed over, or one letter too many or too few."""
    if len(typed) == len(meant):
        apart = [n for n, (one, other) in enumerate(zip(typed, meant, strict=True)) if one != other]
        return len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(typed) == sorted(meant)
    shorter, longer = sorted((typed, meant), key=len)
    return len(longer) == len(shorter) + 1 and any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))


def _telling(text: str) -> frozenset[str]:
    return _TELLING.intersection(split_words(fold(text)))


@dataclass(frozen=True, slots=True)
class Ruled:
    """What was ruled on one query.

    Attributes:
        answering: numbers of passages that answer it.
        missing: numbers of passages that do not.
        nowhere: the question that was ruled to have no answer; empty: none was.
        known: numbers of the passages that were known then.
    """

    answering: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    nowhere: str = ""
    known: frozenset[int] = frozenset()

    def without_missing(self, allowed: NDArray[np.bool_] | None, n_passages: int) -> NDArray[np.bool_] | None:
        """Which passages may be returned, of those that filters allow (``None``: all)."""
        if not self.missing:
            return allowed
        kept = np.ones(n_passages, bool) if allowed is None else allowed.copy()
        kept[list(self.missing)] = False
        return kept

    def answers(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which passages were ruled to answer: bool of shape (n,)."""
        return np.isin(ids, list(self.answering)) if self.answering else np.zeros(len(ids), bool)

    def answering_first(self, ids: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
        """An order of passages with what was ruled to answer before all others."""
        if not self.answering:
            return order
        first = self.answers(ids.take(order))
        return np.concatenate([order[first], order[~first]])

    def lacking(self, number: int) -> tuple[Condition, ...]:
        """That a passage was known when the question was ruled to have no answer."""
        return (Condition("nowhere", self.nowhere),) if self.nowhere and number in self.known else ()

    def n_new(self, ids: NDArray[np.int64]) -> int:
        """How many passages rank before the first that was known when the question was ruled to have no answer."""
        known = np.isin(ids, list(self.known))
        return int(known.argmax()) if known.any() else len(ids)


NOTHING_RULED: Final = Ruled()


class Rulings:
    """Rulings whose passages an index has."""

    def __init__(self, held: Sequence[tuple[Ruling, tuple[int, ...]]], ids: Iterable[str] = ()) -> None:
        self._held = held
        #: Of the rulings on text that no newer version replaces.
        self.ids = frozenset(ids)
        self._queries = [_read(ruling.question) for ruling, _ in held]
        self._by_key: dict[int, set[int]] = defaultdict(set)
        for place, query in enumerate(self._queries):
            for key in query.keys if query else ():
                for one in key:
                    self._by_key[one].add(place)

    @classmethod
    def of(cls, rulings: Iterable[Ruling], passages: Iterable[Passage]) -> Self:
        """Those of the rulings that passages, in order, are meant by."""
        wanted = tuple(rulings)
        numbers: dict[str, list[int]] = defaultdict(list)
        current: set[str] = set()
        for number, passage in enumerate(passages if wanted else ()):
            key = content_key(passage)
            numbers[key].append(number)
            if passage.superseded_from is None:
                current.add(key)
        found = ((one, tuple(n for key in one.passages for n in numbers.get(key, ()))) for one in wanted)
        ids = (one.id for one in wanted if not current.isdisjoint(one.passages))
        return cls([(ruling, places) for ruling, places in found if places], ids)

    def on(self, query: Query, knows: Callable[[str], bool]) -> Ruled:
        """What was ruled on a query.

        Args:
            knows: whether some passage has a word.
        """
        if not self._held:
            return NOTHING_RULED
        numbers: dict[RulingKind, set[int]] = {kind: set() for kind in RulingKind}
        nowhere = ""
        for place in self._alike(query, knows):
            ruling, passages = self._held[place]
            numbers[ruling.kind].update(passages)
            nowhere = ruling.question if ruling.kind is RulingKind.NOWHERE else nowhere
        answering = frozenset(numbers[RulingKind.ANSWERS])
        missing = frozenset(numbers[RulingKind.MISSES]) - answering
        if answering:
            nowhere = ""  # somebody found the answer since
        return Ruled(answering, missing, nowhere, frozenset(numbers[RulingKind.NOWHERE]))

    def _alike(self, query: Query, knows: Callable[[str], bool]) -> list[int]:
        near = {place for key in query.keys for one in key for place in self._by_key.get(one, ())}
        return sorted(n for n in near if (asked := self._queries[n]) is not None and same_question(asked, query, knows))

    def save(self, folder: Path) -> None:
        """Write them."""
        rows = [
            {"ruling": asdict(ruling), "numbers": numbers, "current": ruling.id in self.ids}
            for ruling, numbers in self._held
        ]
        (folder / _FILE).write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        rows = json.loads((folder / _FILE).read_text("utf-8"))
        held = [(_ruling(row["ruling"]), tuple(row["numbers"])) for row in rows]
        return cls(held, (row["ruling"]["id"] for row in rows if row["current"]))


def _ruling(row: Mapping[str, object]) -> Ruling:
    keys = row["passages"]
    assert isinstance(keys, list)
    return Ruling(str(row["id"]), RulingKind(str(row["kind"])), str(row["question"]), tuple(map(str, keys)))


def _read(question: str) -> Query | None:
    try:
        return read_query(question)
    except InvalidSearch:
        return None
