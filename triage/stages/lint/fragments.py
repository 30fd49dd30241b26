"""Fragments: the fixed text of an approved template, which a letter may hold without further proof."""

from __future__ import annotations

import re
from functools import lru_cache

from triage.domain.company import ReplyTemplate

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_INCLUDE = re.compile(r"\{%-?\s*include\s+[\"']([\w/]+)[\"']")
LEAST_FRAGMENT = 8


@lru_cache(maxsize=256)
def template_fragments(kind: str, language: str, templates: tuple[ReplyTemplate, ...]) -> tuple[str, ...]:
    """Fixed text of a template and of what it includes, line by line, longest first."""
    by_name = {f"{template.language}/{template.kind}": template.body for template in templates}
    names, seen = [f"{language}/{kind}"], set()
    fragments: set[str] = set()
    while names:
        name = names.pop()
        if name in seen or name not in by_name:
            continue
        seen.add(name)
        names.extend(_INCLUDE.findall(by_name[name]))
        for piece in _JINJA.split(by_name[name]):
            fragments.update(line.strip() for line in piece.split("\n"))
    return tuple(sorted((piece for piece in fragments if len(piece) >= LEAST_FRAGMENT), key=len, reverse=True))


@lru_cache(maxsize=256)
def template_text(kind: str, language: str, templates: tuple[ReplyTemplate, ...]) -> str:
    """Fixed text of a template and of what it includes, in one piece."""
    return "\n".join(template_fragments(kind, language, templates))
