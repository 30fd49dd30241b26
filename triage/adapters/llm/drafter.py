"""The drafter that asks a language model to revise the composer's letter.

The model sees redacted text only, has no tools, decides nothing (kind, language and decision are the composer's),
and has one time budget for everything: two rounds at most. Whatever goes wrong, the composer's letter is
returned, labelled.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from triage.adapters.llm.acceptance import faults_of, to_draft
from triage.adapters.llm.asking import BoundedChat, Unusable
from triage.adapters.llm.prompt import draft_prompt, prompt_digest, prompt_version, quotable, repair_prompt
from triage.adapters.llm.proposal import read_proposal
from triage.domain.case import TriageCase
from triage.domain.classification import Facts
from triage.domain.company import Company
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import Draft, Finding, Severity
from triage.domain.style import Style
from triage.ports import Drafter

logger = logging.getLogger(__name__)

NEVER_BY_MODEL = frozenset({"SAFETY_STOP_USE", "RECALL_NOTICE", "LEGAL_ACK"})
"""Letters a model never touches: danger, recalls, courts and lawyers (P14)."""
ROUNDS = 2
Check = Callable[[Draft, RedactedTicket, TriageCase, Company, date], tuple[Finding, ...]]
"""The lint stage with its case bound; given by the composition root."""


@dataclass(frozen=True, slots=True)
class LanguageModelDrafter:
    """Asks the model behind an OpenAI-compatible server; answers to the ``Drafter`` port.

    Attributes:
        timeout_s: seconds for one draft in all, repair round included.
        max_tokens: most tokens of one answer.
        fallback: writes the base letter, and the final one when the model's cannot be used.
        check: further checks of the model's letter; a blocking finding the base letter has not sends it back.
        chat: another chat model than ``ChatOpenAI``; tests bring a scripted one.
    """

    base_url: str
    model: str
    api_key: str = field(repr=False)
    timeout_s: float
    max_tokens: int
    fallback: Drafter
    check: Check | None = None
    chat: BaseChatModel | None = None

    def draft(
        self,
        ticket: RedactedTicket,
        case: TriageCase,
        company: Company,
        *,
        today: date,
        decision: str | None = None,
        style: Style | None = None,
    ) -> Draft:
        """Revise the composer's letter; the composer's own, with the reason in ``degraded``, when that fails."""
        letter = self.fallback.draft(ticket, case, company, today=today, decision=decision, style=style)
        if letter.kind in NEVER_BY_MODEL:
            return letter
        visible = replace(case, facts=visible_facts(case.facts, ticket))
        base = self.fallback.draft(ticket, visible, company, today=today, decision=decision, style=style)
        try:
            return self._revised(ticket, visible, company, base, today)
        except Exception as error:
            # a foreign error's message may hold ticket text, its type does not; no fault of a model may stop a ticket
            reason = str(error) if isinstance(error, Unusable) else type(error).__name__
            logger.warning("model draft not used", extra={"action": "llm_fallback", "reason": reason})
            return replace(letter, degraded=f"llm:{self.model}: {reason}")

    def _revised(self, ticket: RedactedTicket, case: TriageCase, company: Company, base: Draft, today: date) -> Draft:
        """At most two rounds within the time budget.

        Raises:
            Unusable: no usable letter came in time.
        """
        ends = time.monotonic() + self.timeout_s
        server = BoundedChat(self.base_url, self.model, self.api_key, self.max_tokens, self.chat)
        shown = {scored.passage.id: scored.passage.text for scored in quotable(case.passages)}
        conversation = draft_prompt(ticket, base, case.passages)
        faults = "no answer"
        for _ in range(ROUNDS):
            answer = server.ask(conversation, ends)
            try:
                letter = read_proposal(answer)
                found = faults_of(letter, base, "\n".join(shown.values()))
                if not found:
                    draft = to_draft(letter, base, f"llm:{self.model}@{prompt_version()}", shown)
                    found = self._blocking(draft, base, ticket, case, company, today)
                if not found:
                    return replace(draft, prompt=prompt_digest(conversation))
                faults = "; ".join(found)
            except ValueError as error:
                faults = str(error)
            conversation = [*conversation, AIMessage(answer[:4_000]), *repair_prompt(faults)]
        raise Unusable(f"not usable after repair: {faults}")

    def _blocking(
        self, draft: Draft, base: Draft, ticket: RedactedTicket, case: TriageCase, company: Company, today: date
    ) -> tuple[str, ...]:
        """Blocking findings the base letter does not have itself."""
        if self.check is None:
            return ()
        check = self.check
        of_draft, of_base = (
            {
                finding.code
                for finding in check(text, ticket, case, company, today)
                if finding.severity is Severity.BLOCK
            }
            for text in (draft, base)
        )
        return tuple(sorted(of_draft - of_base))


def visible_facts(facts: Facts, ticket: RedactedTicket) -> Facts:
    """Facts that still stand in the redacted ticket: what redaction hides, a model must not learn from the facts."""
    text = "\n".join([ticket.subject, *(message.body for message in ticket.messages)])
    return Facts(tuple(fact for fact in facts.items if fact.text in text))
