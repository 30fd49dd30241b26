"""Forbidden phrases: the company's house rules (``lint.yaml``), matched on folded text."""

from __future__ import annotations

from collections.abc import Iterator

from triage.domain.reply import Finding, Severity
from triage.stages.lint.matter import Matter


def check_phrases(matter: Matter) -> Iterator[Finding]:
    """Every hit of a house rule; in approved template text only the blocking ones count."""
    for rule in matter.company.house_rules:
        for match in rule.pattern.finditer(matter.folded):
            severity = Severity(rule.severity)
            if severity is not Severity.BLOCK and matter.in_template(match.start(), match.end()):
                continue
            reason = (rule.reason.get("pl", ""), rule.reason.get("en", rule.reason.get("pl", "")))
            yield matter.finding(
                rule.code, severity, reason, match.span(), source=rule.source, suggestion=rule.suggestion
            )
