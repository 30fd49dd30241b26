"""Cases of the queue whose tickets hold words: the first ones in an order, found the cheapest way.

Frequent words fill a page within the first cases in order; the tickets of rare ones are looked up and put in order. In
between, all tickets that hold the words are read from their index, and the order is walked past those not among them. A
planner has to guess which of the three it is, and a wrong guess reads a million tickets: so it is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Subquery, Text, and_, any_, cast, func, select, text
from sqlalchemy.orm import Session

from triage.adapters.storage import rows

_cases, _tickets = rows.cases, rows.tickets
FIRST_WALK, FREQUENT = 300, 30
"""Cases that are looked at first, and how many of them must hold the words to go on so."""
RARE, MANY = 500, 20_000
"""Tickets that are looked up one by one, and tickets that are read at once."""
LAST_WALK, LONG_WALK = 20_000, 100_000
"""Cases that are looked at one by one at most, and cases of which only the place in the order is read."""
_BY_INDEX = text(
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; "
    "SET LOCAL plan_cache_mode = force_custom_plan"  # one for all words would be planned without knowing them
)


@dataclass(frozen=True, slots=True)
class Walk:
    """An order of a tenant's cases and where to begin in it.

    Attributes:
        order: columns of the cases, or of the tickets, that say it; the last is the ticket's id.
        later: what is true of the cases after the one before the page.
        conditions: on columns of the cases.
    """

    tenant: str
    order: tuple[ColumnElement[Any], ...]
    backwards: bool
    later: tuple[ColumnElement[bool], ...]
    conditions: tuple[ColumnElement[bool], ...]

    @property
    def over_tickets(self) -> bool:
        """Whether the tickets say the order, and not the cases."""
        return self.order[-1] is _tickets.c.id

    def first(self, most: int) -> Subquery:
        """The order's columns of its first places; read from an index alone where no condition asks for more."""
        if self.over_tickets:
            query = select(*self.order, _tickets.c.search).where(_tickets.c.tenant == self.tenant)
        else:
            query = select(*self.order).where(_cases.c.tenant == self.tenant, *self.conditions)
        query = query.where(*self.later).order_by(*self.directed(self.order))
        return query.limit(most).subquery("walked")

    def ordered(self, tickets: Select[Any]) -> Subquery:
        """The order's columns of some tickets, which say it, in order."""
        given = tickets.with_only_columns(*self.order).where(*self.later).subquery("given")
        return select(given).order_by(*self.directed(self.places(given))).limit(2 * MANY).subquery("walked")

    def places(self, walked: Subquery) -> tuple[ColumnElement[Any], ...]:
        """The order's columns in a walk."""
        return tuple(walked.c[column.key] for column in self.order if column.key)

    def directed(self, columns: tuple[ColumnElement[Any], ...]) -> list[ColumnElement[Any]]:
        """Columns to order by."""
        return [column.desc() if self.backwards else column for column in columns]

    def cases(self) -> Select[Any]:
        """Documents of all its cases, in order."""
        query = select(_cases.c.document)
        if self.over_tickets:
            same = and_(_tickets.c.tenant == _cases.c.tenant, _tickets.c.id == _cases.c.ticket_id)
            query = query.join_from(_tickets, _cases, same).where(_tickets.c.tenant == self.tenant)
        query = query.where(_cases.c.tenant == self.tenant, *self.conditions, *self.later)
        return query.order_by(*self.directed(self.order))


@dataclass(frozen=True, slots=True)
class Named:
    """The first cases of a walk whose tickets hold words that begin like ``words``.

    Attributes:
        shown: makes of a page's documents what is given out.
    """

    session: Session
    walk: Walk
    limit: int
    words: tuple[str, ...]
    shown: Callable[[Select[Any]], Select[Any]]

    def page(self) -> list[dict[str, Any]]:
        """Documents of the cases."""
        self.session.execute(_BY_INDEX)
        found = self._looked_at(FIRST_WALK)
        if len(found) == self.limit:
            return found
        if not found:
            rare = self.session.execute(self._holding().limit(RARE + 1)).scalars().all()
            if len(rare) <= RARE:
                return self._among(any_(cast(list(rare), ARRAY(Text))))
        if len(found) < FREQUENT:
            many = self.session.execute(select(func.count()).select_from(self._holding().limit(MANY + 1).subquery()))
            if many.scalar_one() <= MANY:
                return self._of_many()
        found = self._looked_at(LAST_WALK)
        return found if len(found) == self.limit else self._among(any_(self._holding().scalar_subquery()))

    def _looked_at(self, most: int) -> list[dict[str, Any]]:
        """Those among the first ``most`` places of the walk, each looked at by itself."""
        walked = self.walk.first(most)
        if self.walk.over_tickets:
            return self._past(walked, walked.c.search.op("@@")(self._wanted()))
        ticket = (_tickets.c.tenant == self.walk.tenant, _tickets.c.id == walked.c.ticket_id)
        return self._past(walked, select(_tickets.c.search.op("@@")(self._wanted())).where(*ticket).scalar_subquery())

    def _of_many(self) -> list[dict[str, Any]]:
        """Those of the tickets that hold the words, all of which are read."""
        holding = self._holding().limit(2 * MANY)  # tells the planner that they fit into memory
        if self.walk.over_tickets:
            return self._past(self.walk.ordered(holding))
        walked = self.walk.first(LONG_WALK)
        found = self._past(walked, walked.c.ticket_id.in_(holding).is_(True))  # "is true": not to be planned as a join
        return found if len(found) == self.limit else self._among(any_(holding.scalar_subquery()))

    def _wanted(self) -> ColumnElement[Any]:
        # the words hold letters and digits only, so they are no query language
        return func.to_tsquery(text("'simple'::regconfig"), " & ".join(f"{word}:*" for word in self.words))

    def _holding(self) -> Select[Any]:
        """Ids of all tickets that hold the words."""
        tenant = self.walk.tenant
        return select(_tickets.c.id).where(_tickets.c.tenant == tenant, _tickets.c.search.op("@@")(self._wanted()))

    def _past(self, walked: Subquery, *wanted: ColumnElement[bool]) -> list[dict[str, Any]]:
        """Cases along a walk past those not wanted, until the page is full."""
        order = self.walk.places(walked)
        same = and_(_cases.c.tenant == self.walk.tenant, _cases.c.ticket_id == order[-1])
        page = select(_cases.c.document).join_from(walked, _cases, same).where(*wanted)
        if self.walk.over_tickets:
            page = page.where(*self.walk.conditions)
        page = page.order_by(*self.walk.directed(order)).limit(self.limit)
        return list(self.session.execute(self.shown(page)).scalars())

    def _among(self, ids: ColumnElement[Any]) -> list[dict[str, Any]]:
        """Those of the tickets named."""
        page = self.walk.cases().where(_cases.c.ticket_id == ids).limit(self.limit)
        return list(self.session.execute(self.shown(page)).scalars())
