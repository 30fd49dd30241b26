"""Slots: the gaps of a template that the shop's data or an agent fill (``{{ slot("pickup_on", "data odbioru") }}``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.domain.company import Company, ReplyTemplate

_SLOT = re.compile(r"\bslot\(\s*[\"'](?P<name>\w+)[\"']\s*,\s*[\"'](?P<label>[^\"']+)[\"']\s*\)")
_INCLUDE = re.compile(r"\{%-?\s*include\s+[\"'](?P<name>[\w/]+)[\"']")


def slots_of(template: ReplyTemplate, company: Company) -> dict[str, str]:
    """Names of a template's gaps, those of what it includes among them, each with what to fill in; in reading order."""
    by_name = {f"{one.language}/{one.kind}": one.body for one in company.templates}
    return dict(_found(f"{template.language}/{template.kind}", by_name, frozenset()))


def _found(name: str, bodies: dict[str, str], above: frozenset[str]) -> Iterator[tuple[str, str]]:
    body = bodies.get(name, "")
    marks = [*_SLOT.finditer(body), *_INCLUDE.finditer(body)]
    for mark in sorted(marks, key=lambda one: one.start()):
        if "label" in mark.groupdict():
            yield mark["name"], mark["label"]
        elif mark["name"] not in above:
            yield from _found(mark["name"], bodies, above | {name})
