"""Lessons: kept when an agent edits a draft or a person approves a letter. Only pseudonymised text is stored."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from knowledge_base.passage import Encoder
from triage.domain.case import TriageCase
from triage.domain.drafting import Edit, SolvedCase, Suggestion, SuggestionState
from triage.domain.reply import Draft
from triage.domain.ticket import Ticket
from triage.drafting.changes import edit_distance, what_changed
from triage.drafting.pseudonyms import Pseudonymised, pseudonymise
from triage.drafting.wordings import core_of, nearest
from triage.ports import Clock, PersonalDataRecogniser
from triage.ports.drafting import DraftingUnit

WORTH_SUGGESTING = 0.02
"""Edit distance from which an approved letter says something its template does not: one word in fifty."""


@dataclass(frozen=True, slots=True)
class LessonKeeper:
    """Answers to :class:`triage.ports.drafting.Lessons`."""

    clock: Clock
    recogniser: PersonalDataRecogniser
    encoder: Encoder

    def edited(self, uow: DraftingUnit, case: TriageCase, ticket: Ticket, after: Draft, *, actor: str) -> None:
        """Keep how far the agent's letter is from the draft and what was changed."""
        before = case.draft
        if before is None:
            return
        clean = pseudonymise(ticket, case.facts, (before.body, after.body), self.recogniser)
        uow.edits.add(
            Edit(
                id=f"edt_{uuid.uuid4().hex}",
                case_id=case.ticket_id,
                case_version=case.version,
                actor=actor,
                at=self.clock.now(),
                reply_kind=before.kind,
                language=before.language,
                composer=before.composer,
                before_digest=before.digest,
                after_digest=after.digest,
                distance=edit_distance(before.body, after.body),
                changes=what_changed(*clean.texts),
            )
        )

    def approved(self, uow: DraftingUnit, case: TriageCase, ticket: Ticket) -> None:
        """Keep the solved case, and suggest its letter when an agent wrote something the templates do not say."""
        if case.draft is None:
            return
        clean = pseudonymise(ticket, case.facts, (case.draft.body,), self.recogniser)
        uow.solved_cases.put(self._solved(case, case.draft, clean))
        edits = [edit for edit in uow.edits.of_case(case.ticket_id) if edit.after_digest == case.draft.digest]
        if edits and edits[-1].distance >= WORTH_SUGGESTING:
            self._suggest(uow, case.ticket_id, case.draft, clean.texts[0])

    def _solved(self, case: TriageCase, draft: Draft, clean: Pseudonymised) -> SolvedCase:
        vector = self.encoder.encode([clean.request])[0]  # (dim,), unit length
        return SolvedCase(
            case_id=case.ticket_id,
            category=case.classification.code if case.classification else "",
            language=draft.language,
            reply_kind=draft.kind,
            problem=clean.request,
            reply=clean.texts[0],
            solved_at=self.clock.now(),
            encoder=self.encoder.name,
            vector=vector.astype("<f4").tobytes(),
        )

    def _suggest(self, uow: DraftingUnit, case_id: str, draft: Draft, text: str) -> None:
        """Merge the letter into a suggestion that says nearly the same, decided ones too; else make a new one."""
        known = uow.suggestions.find(reply_kind=draft.kind, language=draft.language)
        twin = nearest(text, known)
        if twin is None:
            new = Suggestion(
                id=f"sug_{uuid.uuid4().hex}",
                reply_kind=draft.kind,
                language=draft.language,
                text=core_of(text),
                seen=1,
                cases=(case_id,),
                state=SuggestionState.OPEN,
                created_at=self.clock.now(),
            )
            uow.suggestions.put(new)
        elif case_id not in twin.cases:
            uow.suggestions.put(replace(twin, seen=twin.seen + 1, cases=(*twin.cases, case_id)))
