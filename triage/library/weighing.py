"""What verdicts teach search: they propose rulings on questions, and enough people settle them.

Words of people are data: a question is only ever compared with questions.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

from knowledge_base.hybrid import same_question
from knowledge_base.passage import Encoder
from triage.domain.library import Hit, KeptSearch, Said
from triage.domain.rulings import DeskRuling, RulingState, Votes, ruling_id
from triage.errors import AlreadyDecided
from triage.library.alike import Asked
from triage.library.learnable import learnable, proposal
from triage.ports import Clock
from triage.ports.library import RulingStore, SearchLog, Shelves

logger = logging.getLogger(__name__)

#: Verdicts older than that are not counted.
WINDOW: Final = timedelta(days=365)
#: Questions that verdicts may teach a passage by themselves; more are proposed.
MOST_TAUGHT: Final = 50
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Weighing:
    """Weighs verdicts that are kept."""

    shelves: Shelves
    log: SearchLog
    store: RulingStore
    encoder: Encoder
    clock: Clock

    def weigh(self, tenant: str, search_id: str, passage_ids: Sequence[str], *, actor: str) -> None:
        """Reconsider what verdicts on a search say of its question and of these passages, or of the whole answer."""
        search = self.log.search(tenant, search_id)
        own = learnable(search.query, self.encoder)
        if own is None:
            return
        hits = [hit for hit in search.shown if hit.passage_id in passage_ids and hit.key]
        changed = [self._weigh_passage(tenant, own, hit, actor) for hit in hits]
        if not passage_ids and not search.narrowed:
            self._weigh_answer(tenant, own, search, actor)
        if any(changed):
            self.shelves.changed(tenant)

    def _weigh_passage(self, tenant: str, own: Asked, hit: Hit, actor: str) -> bool:
        """Rulings on a passage and all wordings of a question; whether what is in force changed."""
        wordings = [read for read in self._asked(self._said(tenant, hit.passage_id)).values() if own.alike(read)]
        changed = [
            self._keep(
                tenant, ruling_id(one.query.text, hit.key), partial(self._votes, tenant, one, hit),
                partial(self._proposal, one.query.text, hit), actor,
            )
            for one in wordings
        ]  # fmt: skip
        return any(changed)

    def _votes(self, tenant: str, wording: Asked, hit: Hit) -> Votes:
        """Who finds a passage helpful for a question like this speaks for it, against it only who asked the same."""
        said = self._said(tenant, hit.passage_id)
        asked = self._asked(said)
        latest = {one.actor: one for one in said if one.query in asked and wording.alike(asked[one.query])}
        same = [one for one in latest.values() if same_question(asked[one.query].query, wording.query)]
        return Votes(sum(one.helpful for one in latest.values()), sum(not one.helpful for one in same))

    def _weigh_answer(self, tenant: str, own: Asked, search: KeptSearch, actor: str) -> None:
        """That nothing answers a question is only ever proposed here."""

        def votes() -> Votes:
            latest = {
                one.actor: one.helpful
                for one in self._said(tenant, None)
                if (read := learnable(one.query, self.encoder)) and same_question(read.query, own.query)
            }
            return Votes(sum(latest.values()), sum(not helpful for helpful in latest.values()))

        known_as = ruling_id(own.query.text, "")
        if votes().did_not or self.store.find(tenant, [known_as]):
            self._keep(tenant, known_as, votes, partial(self._proposal, own.query.text, None), actor)

    def _keep(
        self,
        tenant: str,
        known_as: str,
        count: Callable[[], Votes],
        propose: Callable[[Votes], DeskRuling],
        actor: str,
    ) -> bool:
        """Store a ruling as verdicts have it; whether what is in force changed.

        Who is overtaken by another person's verdict counts again. The verdict is kept in any case, and weighed with the
        next one if it cannot be now.
        """
        first = known = next(iter(self.store.find(tenant, [known_as])), None)
        for _ in range(_TRIES):
            votes = count()
            weighed = (known or propose(votes)).weighed(votes, self.clock.now())
            if weighed.state is RulingState.IN_FORCE and self._is_full(tenant, weighed):
                weighed = replace(weighed, state=RulingState.PROPOSED)
            try:
                self.store.put(tenant, weighed, before=known.state if known else None, actor=actor)
            except AlreadyDecided:
                known = next(iter(self.store.find(tenant, [known_as])), None)
                continue
            before = first.ruling if first and first.state is RulingState.IN_FORCE else None
            after = weighed.ruling if weighed.state is RulingState.IN_FORCE else None
            return before != after
        logger.warning("verdict not weighed yet", extra={"action": "verdict_not_weighed", "ruling": known_as})
        return False

    def _proposal(self, question: str, hit: Hit | None, votes: Votes) -> DeskRuling:
        return proposal(question, votes, self.clock.now(), hit)

    def _is_full(self, tenant: str, ruling: DeskRuling) -> bool:
        others = (one for one in self.store.in_force(tenant) if one.id != ruling.id)
        return sum(not set(one.passages).isdisjoint(ruling.passages) for one in others) >= MOST_TAUGHT

    def _said(self, tenant: str, passage_id: str | None) -> tuple[Said, ...]:
        return tuple(self.log.said_of(tenant, passage_id, since=self.clock.now() - WINDOW))

    def _asked(self, said: Sequence[Said]) -> dict[str, Asked]:
        """Questions that may be learnt, by their words as kept."""
        queries = dict.fromkeys(one.query for one in said)
        return {query: read for query in queries if (read := learnable(query, self.encoder))}
