"""What people who may edit documents make of rulings: they teach, accept, reject and undo them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from knowledge_base.passage import Encoder, Passage
from knowledge_base.rulings import RulingKind, content_key
from triage.domain.library import Hit
from triage.domain.rulings import DeskRuling, RulingState, Votes, ruling_id
from triage.errors import AlreadyDecided, Conflict, InvalidInput, NotFound
from triage.library.learnable import FEWEST_WORDS, MOST_WORDS, learnable, proposal
from triage.ports import Clock
from triage.ports.library import RulingStore, Shelves

#: Passages that come nearest to a question without an answer: text that is new since is told from them.
KNOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Teaching:
    """Lets people settle what verdicts propose, and teach by themselves."""

    shelves: Shelves
    store: RulingStore
    encoder: Encoder
    clock: Clock

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
        question = asked.query.text
        known = next(iter(self.store.find(tenant, [ruling_id(question, hit.key)])), None)
        fresh = proposal(question, Votes(0, 0), self.clock.now(), hit)
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
