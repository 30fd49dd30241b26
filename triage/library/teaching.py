"""What verdicts teach search: they propose rulings on questions, and enough people settle them.

Words of people are data: a question is only ever compared with questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from knowledge_base.hybrid import same_question
from knowledge_base.passage import Encoder, Passage
from knowledge_base.rulings import RulingKind, content_key
from knowledge_base.tokenise import detect_language
from triage.domain.library import Hit, KeptSearch, Said
from triage.domain.rulings import DeskRuling, RulingState, Votes, ruling_id
from triage.errors import AlreadyDecided, Conflict, InvalidInput, NotFound
from triage.library.alike import Asked
from triage.library.learnable import FEWEST_WORDS, MOST_WORDS, learnable
from triage.ports import Clock
from triage.ports.library import RulingStore, SearchLog, Shelves

#: Verdicts older than that are not counted.
WINDOW: Final = timedelta(days=365)
#: Questions that verdicts may teach a passage by themselves; more are proposed.
MOST_TAUGHT: Final = 50
#: Passages that come nearest to a question without an answer: text that is new since is told from them.
KNOWN: Final = 50
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Teaching:
    """Weighs verdicts, and lets people who may edit documents settle what comes of them."""

    shelves: Shelves
    log: SearchLog
    store: RulingStore
    encoder: Encoder
    clock: Clock

    def weigh(self, tenant: str, search_id: str, passage_ids: Sequence[str], *, actor: str) -> None:
        """Reconsider what verdicts on a search say of its question and of these passages, or of the whole answer."""
        search = self.log.search(tenant, search_id)
        hits = [hit for hit in search.shown if hit.passage_id in passage_ids and hit.key]
        changed = [self._weigh_passage(tenant, search, hit, actor) for hit in hits]
        if not passage_ids and not search.narrowed:
            self._weigh_answer(tenant, search, actor)
        if any(changed):
            self.shelves.changed(tenant)

    def listing(self, tenant: str, state: RulingState | None, limit: int) -> tuple[DeskRuling, ...]:
        """Rulings in a state (``None``: all), those that most people stand for first."""
        stored = RulingState.IN_FORCE if state is RulingState.OUTDATED else state
        found = self.store.all(tenant, [stored] if stored else [], limit=limit)
        held = self._held(tenant, found)
        shown = (one if one.id in held else replace(one, state=RulingState.OUTDATED) for one in found)
        return tuple(one for one in shown if state in (None, one.state))

    def teach(self, tenant: str, question: str, passage_id: str, *, actor: str) -> DeskRuling:
        """Put in force that a passage answers a question, by a person who may edit documents and knows.

        Args:
            question: redacted.

        Raises:
            NotFound: the passage is not searched.
            InvalidInput: the question is one word or a letter, which teach nothing.
        """
        passage = next((one for one in self.shelves.passages(tenant) if one.id == passage_id), None)
        if passage is None:
            raise NotFound("There is no such passage.")
        asked = learnable(question, self.encoder)
        if asked is None:
            raise InvalidInput(f"A question has {FEWEST_WORDS} to {MOST_WORDS} words that say something, or a code.")
        hit = Hit(passage.id, 1.0, content_key(passage), passage.section)
        fresh = self._ruling(asked.query.text, Votes(0, 0), hit)
        known = next(iter(self.store.find(tenant, [fresh.id])), None)
        answers = replace(known or fresh, kind=RulingKind.ANSWERS)
        return self._settle(tenant, answers, known, RulingState.IN_FORCE, actor)

    def accept(self, tenant: str, ruling_id: str, *, actor: str) -> DeskRuling:
        """Put a ruling in force, on the text as it stands now.

        Raises:
            NotFound: there is no such ruling.
            AlreadyDecided: it is in force.
            Conflict: the section it is about is no longer there.
        """
        known = self._one(tenant, ruling_id)
        if known.state is RulingState.IN_FORCE and known.id in self._held(tenant, [known]):
            raise AlreadyDecided("This ruling is in force.")
        return self._settle(tenant, self._on_present_text(tenant, known), known, RulingState.IN_FORCE, actor)

    def reject(self, tenant: str, ruling_id: str, *, actor: str) -> DeskRuling:
        """Turn a proposal down; verdicts do not bring it back.

        Raises:
            NotFound: there is no such ruling.
            AlreadyDecided: it is no proposal.
        """
        known = self._one(tenant, ruling_id)
        if known.state is not RulingState.PROPOSED:
            raise AlreadyDecided("Only what is proposed can be rejected: undo what is in force.")
        return self._settle(tenant, known, known, RulingState.REJECTED, actor)

    def undo(self, tenant: str, ruling_id: str, *, actor: str) -> DeskRuling:
        """Take a ruling out of force; verdicts do not bring it back.

        Raises:
            NotFound: there is no such ruling.
            AlreadyDecided: it is not in force.
        """
        known = self._one(tenant, ruling_id)
        if known.state is not RulingState.IN_FORCE:
            raise AlreadyDecided("Only what is in force can be undone.")
        return self._settle(tenant, known, known, RulingState.UNDONE, actor)

    def _settle(
        self, tenant: str, ruling: DeskRuling, known: DeskRuling | None, state: RulingState, actor: str
    ) -> DeskRuling:
        settled = replace(ruling, state=state, settled_by=actor, changed_at=self.clock.now())
        self.store.put(tenant, settled, before=known.state if known else None, actor=actor)
        self.shelves.changed(tenant)
        return settled

    def _weigh_passage(self, tenant: str, search: KeptSearch, hit: Hit, actor: str) -> bool:
        """Rulings on a passage and all wordings of a question; whether what is in force changed."""
        said = self.log.said_of(tenant, hit.passage_id, since=self.clock.now() - WINDOW)
        asked = {
            query: read
            for query in dict.fromkeys(one.query for one in said)
            if (read := learnable(query, self.encoder))
        }
        own = learnable(search.query, self.encoder)
        if own is None:
            return False
        wordings = [read for read in asked.values() if own.alike(read)]
        changed = [self._weigh_wording(tenant, one, asked, said, hit, actor) for one in wordings]
        return any(changed)

    def _weigh_wording(
        self, tenant: str, wording: Asked, asked: dict[str, Asked], said: Sequence[Said], hit: Hit, actor: str
    ) -> bool:
        latest = {one.actor: one for one in said if one.query in asked and wording.alike(asked[one.query])}
        same = [one for one in latest.values() if same_question(asked[one.query].query, wording.query)]
        # who found it helpful for a question like this speaks for it, against it only who asked the same
        votes = Votes(sum(one.helpful for one in latest.values()), sum(not one.helpful for one in same))
        fresh = self._ruling(wording.query.text, votes, hit)
        return self._keep(tenant, fresh, votes, actor)

    def _weigh_answer(self, tenant: str, search: KeptSearch, actor: str) -> None:
        """That nothing answers a question is only ever proposed here."""
        own = learnable(search.query, self.encoder)
        if own is None:
            return
        latest = {one.actor: one for one in self.log.said_of(tenant, None, since=self.clock.now() - WINDOW)
                  if (read := learnable(one.query, self.encoder)) and same_question(read.query, own.query)}  # fmt: skip
        votes = Votes(sum(one.helpful for one in latest.values()), sum(not one.helpful for one in latest.values()))
        fresh = self._ruling(own.query.text, votes)
        if votes.did_not or self.store.find(tenant, [fresh.id]):
            self._keep(tenant, fresh, votes, actor)

    def _ruling(self, question: str, votes: Votes, hit: Hit | None = None) -> DeskRuling:
        """A proposal on a question and a passage, or (without one) that nothing answers it."""
        key = hit.key if hit else ""
        document_id, _, version = hit.passage_id.rpartition("#")[0].partition("@") if hit else ("", "", "")
        return DeskRuling(
            id=ruling_id(question, key),
            kind=votes.kind if hit else RulingKind.NOWHERE,
            question=question,
            language=detect_language(question),
            document_id=document_id,
            document_version=version,
            section=hit.section if hit else (),
            passages=(key,) if hit else (),
            votes=votes,
            state=RulingState.PROPOSED,
            changed_at=self.clock.now(),
        )

    def _keep(self, tenant: str, fresh: DeskRuling, votes: Votes, actor: str) -> bool:
        """Store a ruling as verdicts have it; whether what is in force changed."""
        first = known = next(iter(self.store.find(tenant, [fresh.id])), None)
        for tries_left in reversed(range(_TRIES)):
            weighed = (known or fresh).weighed(votes, self.clock.now())
            if weighed.state is RulingState.IN_FORCE and self._is_full(tenant, weighed):
                weighed = replace(weighed, state=RulingState.PROPOSED)
            try:
                self.store.put(tenant, weighed, before=known.state if known else None, actor=actor)
                break
            except AlreadyDecided:  # two people said so at the same moment
                if not tries_left:
                    raise
                known = next(iter(self.store.find(tenant, [fresh.id])), None)
        before = first.ruling if first and first.state is RulingState.IN_FORCE else None
        after = weighed.ruling if weighed.state is RulingState.IN_FORCE else None
        return before != after

    def _is_full(self, tenant: str, ruling: DeskRuling) -> bool:
        others = (one for one in self.store.in_force(tenant) if one.id != ruling.id)
        return sum(not set(one.passages).isdisjoint(ruling.passages) for one in others) >= MOST_TAUGHT

    def _one(self, tenant: str, ruling_id: str) -> DeskRuling:
        found = self.store.find(tenant, [ruling_id])
        if not found:
            raise NotFound("There is no such ruling.")
        return found[0]

    def _held(self, tenant: str, rulings: Iterable[DeskRuling]) -> frozenset[str]:
        """Ids of the rulings that are not outdated; while the index is behind, none is known to be."""
        every = frozenset(one.id for one in rulings)
        in_force = frozenset(one.id for one in rulings if one.state is RulingState.IN_FORCE)
        if not in_force or not self.shelves.status(tenant).up_to_date:
            return every
        return every - (in_force - self.shelves.held_rulings(tenant))

    def _on_present_text(self, tenant: str, ruling: DeskRuling) -> DeskRuling:
        nearest = self.shelves.nearest(tenant, ruling.question, KNOWN)
        if ruling.kind is RulingKind.NOWHERE:
            return replace(ruling, passages=tuple(content_key(passage) for passage in nearest))
        present = [passage for passage in self.shelves.passages(tenant) if passage.superseded_from is None]
        keys = {content_key(passage) for passage in present}
        if keys.issuperset(ruling.passages):
            return ruling
        now = _of_section((*nearest, *present), ruling)
        return replace(ruling, document_version=now.document_version, passages=(content_key(now),))


def _of_section(passages: Iterable[Passage], ruling: DeskRuling) -> Passage:
    for passage in passages:
        if (passage.document_id, passage.section) == (ruling.document_id, ruling.section):
            return passage
    raise Conflict("That section is no longer there: reject or undo this ruling, and judge what is found now.")
