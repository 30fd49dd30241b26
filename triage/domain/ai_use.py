"""The register of AI use: what the machine suggested for a case, and what a person made of it.

It is read off the audit log, so it is append-only and chained like the log; it holds ids, versions and digests, never
text. Source: GDPR art. 22 (no solely automated decision), Regulation (EU) 2024/1689 art. 26(6) (logs are kept).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from triage.domain.records import AuditEntry

_SUGGESTED = "triaged"
_REDRAFTED = "redrafted"
_MODELS = ("classifier", "encoder", "index", "rules", "composer", "summariser")
_SUGGESTIONS = ("category", "probability", "abstained", "level", "kind", "draft")


class Outcome(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    APPROVED_AS_IS = "approved_as_is"
    APPROVED_EDITED = "approved_edited"
    REJECTED = "rejected"
    REPLACED = "replaced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AiUse:
    """One use of the machine on a case.

    Attributes:
        position: of its entry in the audit log.
        models: ids of what made the suggestion, by part.
        prompt: SHA-256 of what a language model was asked, empty where none was.
        suggested: category with its probability, urgency level, kind of letter, digest of the draft.
        corrected: fields a person set otherwise.
        edits: how often a person changed the draft's words.
        decided_by: who approved or rejected.
        approved: digest of the words that were approved.
        sent: whether the approved words left.
    """

    position: int
    at: datetime
    case_id: str
    version: str
    models: Mapping[str, str]
    prompt: str
    suggested: Mapping[str, str]
    outcome: Outcome = Outcome.OPEN
    corrected: tuple[str, ...] = ()
    edits: int = 0
    decided_by: str = ""
    decided_at: datetime | None = None
    approved: str = ""
    sent: bool = False


def uses_of(entries: Iterable[AuditEntry]) -> tuple[AiUse, ...]:
    """Every use of the machine on one case.

    Args:
        entries: all of one case, in order.
    """
    uses: list[AiUse] = []
    for entry in entries:
        if entry.action == _SUGGESTED:
            if uses and uses[-1].outcome is Outcome.OPEN:
                uses[-1] = replace(uses[-1], outcome=Outcome.REPLACED)
            uses.append(_use(entry))
        elif uses:
            uses[-1] = _after(uses[-1], entry)
    return tuple(uses)


def _use(entry: AuditEntry) -> AiUse:
    told = entry.detail
    return AiUse(
        position=entry.position,
        at=entry.at,
        case_id=entry.subject,
        version=told.get("version", ""),
        models={part: told[part] for part in _MODELS if told.get(part)},
        prompt=told.get("prompt", ""),
        suggested={part: told[part] for part in _SUGGESTIONS if told.get(part)},
        outcome=Outcome.FAILED if told.get("failed_stage") else Outcome.OPEN,
    )


def _after(use: AiUse, entry: AuditEntry) -> AiUse:
    """The use as one more entry of its case leaves it."""
    told = entry.detail
    if entry.action == _REDRAFTED:
        suggested = {**use.suggested, "kind": told.get("kind", ""), "draft": told.get("after", "")}
        return replace(use, suggested=suggested, prompt=told.get("prompt", use.prompt))
    if entry.action == "edited":
        return replace(use, edits=use.edits + 1)
    if entry.action == "labelled":
        fields = (name for name in told if name not in ("version", "reason"))
        return replace(use, corrected=tuple(sorted({*use.corrected, *fields})))
    if entry.action == "approved":
        as_is = told.get("digest") == use.suggested.get("draft")
        outcome = Outcome.APPROVED_AS_IS if as_is else Outcome.APPROVED_EDITED
        return replace(_decided(use, entry, outcome), approved=told.get("digest", ""))
    if entry.action == "rejected":
        return _decided(use, entry, Outcome.REJECTED)
    return replace(use, sent=True) if entry.action == "sent" else use


def _decided(use: AiUse, entry: AuditEntry, outcome: Outcome) -> AiUse:
    return replace(use, outcome=outcome, decided_by=entry.actor, decided_at=entry.at)
