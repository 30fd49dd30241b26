"""The JSON object ``triage run --json`` prints for each ticket: a contract other programs rely on."""

from __future__ import annotations

from typing import Any

from knowledge_base.answer import ScoredPassage
from triage.domain.case import TriageCase
from triage.domain.classification import Classification, Facts
from triage.domain.priority import Urgency
from triage.domain.reply import Draft, Finding
from triage.domain.rights import LegalPosition
from triage.domain.summary import Summary, SummarySection

Record = dict[str, Any]


def case_record(case: TriageCase) -> Record:
    """Describe a triaged case; a stage that did not run leaves ``null`` and ``failure`` says why."""
    found = case.classification
    return {
        "id": case.ticket_id,
        "state": case.state.value,
        "language": found.language if found else "und",
        "category": _category(found) if found else None,
        "urgency": _urgency(case.urgency) if case.urgency else None,
        "flags": [{"code": flag.code, "evidence": flag.evidence} for flag in found.flags] if found else [],
        "remedy_requested": list(found.remedies) if found else [],
        "rights": _rights(case.rights) if case.rights else None,
        "legal_basis_named": found.legal_basis if found else "none",
        "regime": case.rights.regime if case.rights else (found.regime if found else "none"),
        "buyer": found.buyer if found else "unknown",
        "tone": found.tone if found else "neutral",
        "deadlines": [
            {
                "rule": deadline.rule,
                "nominal": deadline.nominal.isoformat(),
                "legal_due": deadline.legal_due.isoformat(),
                "safe_due": deadline.safe_due.isoformat(),
                "source": deadline.source,
                "origin": deadline.origin.value,
                "evidence": deadline.evidence,
                "caveat": deadline.caveat,
                "effect": deadline.effect,
                "assumed": deadline.assumed,
            }
            for deadline in case.deadlines
        ],
        "entities": _entities(case.facts),
        "passages": [passage_record(scored) for scored in case.passages],
        "draft": _draft(case.draft) if case.draft else None,
        "findings": [_finding(finding) for finding in case.findings],
        "summary": _summary(case.summary) if case.summary else {},
        "failure": {"stage": case.failure.stage, "reason": case.failure.reason} if case.failure else None,
        "timings_ms": dict(case.timings_ms),
    }


def passage_record(scored: ScoredPassage) -> Record:
    """A search hit with its proof."""
    passage = scored.passage
    return {
        "document": passage.document_id,
        "version": passage.document_version,
        "title": passage.title,
        "section": " › ".join(passage.section),
        "page": scored.page,
        "quote": scored.quote.text,
        "start": scored.quote.start,
        "end": scored.quote.end,
        "score": round(scored.relevance, 4),
        "audience": passage.audience.value,
        "why": list(scored.why.reasons),
        "terms": list(scored.terms),
        "missing": [one.what for one in scored.missing],
    }


def _category(found: Classification) -> Record:
    return {
        "code": found.code,
        "label": found.label,
        "probability": round(found.probability, 4),
        "alternatives": [
            {"code": other.code, "probability": round(other.probability, 4)} for other in found.alternatives[1:6]
        ],
        "abstained": found.abstained,
        "abstain_reason": found.abstain_reason.value if found.abstain_reason else None,
        "prediction_set": list(found.prediction_set),
        "subcategory": found.subcategory,
        "secondary": list(found.secondary),
        "tags": list(found.tags),
        "routing": found.routing,
        "evidence": [{"feature": item.feature, "weight": round(item.weight, 4)} for item in found.evidence],
        "neighbours": list(found.neighbours),
    }


def _urgency(urgency: Urgency) -> Record:
    return {
        "level": urgency.level.value,
        "score": urgency.score,
        "forced_by": urgency.forced_by,
        "factors": [
            {"name": factor.name, "points": factor.points, "evidence": factor.evidence} for factor in urgency.factors
        ],
    }


def _rights(rights: LegalPosition) -> Record:
    return {
        "regime": rights.regime,
        "articles": list(rights.articles),
        "note": rights.note,
        "assumed": list(rights.assumed),
        "questions": list(rights.questions),
        "warnings": list(rights.warnings),
        "demands": [
            {"demand": one.demand, "verdict": one.verdict, "article": one.article, "reason": one.reason}
            for one in rights.demands
        ],
        "periods": [
            {"rule": period.rule, "until": period.legal_due.isoformat(), "source": period.source}
            for period in rights.periods
        ],
    }


def _entities(facts: Facts) -> Record:
    entities: Record = {}
    for fact in facts.items:
        entities.setdefault(fact.kind, []).append(
            {
                "value": fact.value,
                "text": fact.text,
                "message": fact.message_id,
                "start": fact.start,
                "end": fact.end,
                "confidence": round(fact.confidence, 2),
            }
        )
    return entities


def _draft(draft: Draft) -> Record:
    return {
        "kind": draft.kind,
        "language": draft.language,
        "subject": draft.subject,
        "body": draft.body,
        "composer": draft.composer,
        "degraded": draft.degraded,
        "digest": draft.digest,
        "citations": [
            {
                "document": citation.document,
                "version": citation.version,
                "title": citation.title,
                "section": citation.section,
                "page": citation.page,
                "quote": citation.quote,
            }
            for citation in draft.citations
        ],
        "sentences": [
            {
                "start": sentence.start,
                "end": sentence.end,
                "sources": [{"kind": source.kind.value, "ref": source.ref} for source in sentence.sources],
            }
            for sentence in draft.sentences
        ],
    }


def _finding(finding: Finding) -> Record:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "start": finding.start,
        "end": finding.end,
        "source": finding.source,
        "suggestion": finding.suggestion,
    }


def section_lines(summary: Summary) -> Record:
    """Every section of a summary with its lines, empty ones too, and the messages each line rests on."""
    return {
        section.value: [{"text": line.text, "messages": list(line.message_ids)} for line in summary.of(section)]
        for section in SummarySection
    }


def _summary(summary: Summary) -> Record:
    return {
        **section_lines(summary),
        "text": summary.text,
        "dropped": summary.dropped,
        "summariser": summary.summariser,
    }
