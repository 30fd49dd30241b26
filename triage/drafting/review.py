"""Review of suggested wordings: a person makes one a template or a knowledge-base entry, or turns it down."""

from __future__ import annotations

from dataclasses import dataclass, replace

from triage.domain.drafting import Suggestion, SuggestionState
from triage.errors import AlreadyDecided
from triage.ports import Clock, UnitOfWorkFactory

_TITLES = {"pl": "Odpowiedź z praktyki ({kind})", "en": "A reply from practice ({kind})"}


@dataclass(frozen=True, slots=True)
class SuggestionReview:
    """Reads and decides suggestions."""

    unit_of_work: UnitOfWorkFactory
    clock: Clock

    def waiting(
        self, tenant: str, *, state: SuggestionState | None = SuggestionState.OPEN, limit: int = 100
    ) -> tuple[Suggestion, ...]:
        """Suggestions in a state, the most often seen first."""
        with self.unit_of_work(tenant) as uow:
            return uow.suggestions.find(state=state, limit=limit)

    def decide(
        self, tenant: str, suggestion_id: str, *, actor: str, state: SuggestionState, text: str | None = None
    ) -> Suggestion:
        """Settle an open suggestion.

        Args:
            state: ``TEMPLATE``, ``KNOWLEDGE`` or ``REJECTED``.
            text: the reviewer's own wording, instead of the suggested one.

        Raises:
            NotFound: no such suggestion.
            AlreadyDecided: somebody settled it before.
        """
        with self.unit_of_work(tenant) as uow:
            suggestion = uow.suggestions.get(suggestion_id, for_update=True)
            if suggestion.state is not SuggestionState.OPEN:
                raise AlreadyDecided("This suggestion was settled before.")
            settled = replace(
                suggestion, state=state, text=text or suggestion.text, decided_by=actor, decided_at=self.clock.now()
            )
            uow.suggestions.put(settled)
            uow.audit.append(
                actor=actor, action="suggestion_settled", subject=suggestion_id, detail={"state": state.value}
            )
            uow.commit()
        return settled


def as_document(suggestion: Suggestion) -> str:
    """The suggestion as a Markdown file with a YAML head: a reply template, or a knowledge-base entry.

    A template's placeholders (``⟦ORDER_NO⟧``) are to be replaced by the names templates use before it is put into the
    company's replies folder; a knowledge-base entry is for the desk's eyes (``audience: internal``).
    """
    if suggestion.state is SuggestionState.KNOWLEDGE:
        head = [
            f"id: {suggestion.id}",
            "version: '1.0'",
            f"title: {_TITLES[suggestion.language].format(kind=suggestion.reply_kind)}",
            "doc_type: faq",
            f"language: {suggestion.language}",
            "audience: internal",
            f"valid_from: {suggestion.created_at.date().isoformat()}",
        ]
    else:
        head = ["version: '0.1'", "subject: ''", "decision: false"]
    return "\n".join(["---", *head, "---", suggestion.text, ""])
