"""Rendering: a template filled in a sandbox, with the source of every character kept.

Values carry their source into the output between private-use characters; after rendering the marks are taken out again
and every sentence gets the sources of the text it is made of. Text of the case is a value, never a template: what a
customer writes between braces stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from triage.domain.company import ReplyTemplate
from triage.domain.reply import Sentence, Source, SourceKind
from triage.domain.sentences import sentence_spans

_OPEN, _BODY, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(f"{_OPEN}([^{_BODY}]*){_BODY}|({_CLOSE})")
_PRIVATE = re.compile("[\ue000-\ue002]")
_SPACE_AT_END, _EMPTY_LINES = re.compile(r"[ \t]+\n"), re.compile(r"\n{3,}")


class Sourced(str):
    """A value of a template that knows where it comes from."""

    __slots__ = ("source",)
    source: Source

    def __new__(cls, text: str, kind: SourceKind, ref: str) -> Sourced:
        """Make a value; characters used as marks are dropped from the text."""
        value = super().__new__(cls, _PRIVATE.sub("", text))
        value.source = Source(kind, ref)
        return value


@dataclass(frozen=True, slots=True)
class Rendered:
    """A filled template: plain text and its sentences with their sources."""

    text: str
    sentences: tuple[Sentence, ...]


def render(
    template: ReplyTemplate, templates: tuple[ReplyTemplate, ...], values: Mapping[str, object]
) -> tuple[str, Rendered]:
    """Fill a template.

    Args:
        templates: all templates of the company: the one to fill may include others (``pl/_CLOSING``).
        values: what the template may name; a name it has not is an error, never an empty string.

    Returns:
        Subject and body.

    Raises:
        jinja2.UndefinedError: the template names a value that does not exist.
        jinja2.SecurityError: the template does what the sandbox forbids.
    """
    environment = _environment(templates)
    subject = environment.get_template(f"{template.language}/{template.kind}.subject").render(values)
    body = environment.get_template(f"{template.language}/{template.kind}").render(values)
    text, spans = _read_marks(body)
    sentences = tuple(_sentence(start, end, spans) for start, end in sentence_spans(text))
    return _read_marks(subject)[0], Rendered(text, sentences)


@lru_cache(maxsize=8)
def _environment(templates: tuple[ReplyTemplate, ...]) -> SandboxedEnvironment:
    sources = {}
    for template in templates:
        name = f"{template.language}/{template.kind}"
        sources[name] = _mark(template.body, SourceKind.TEMPLATE, template.id)
        sources[f"{name}.subject"] = template.subject
    return SandboxedEnvironment(
        loader=DictLoader(sources),
        undefined=StrictUndefined,
        finalize=_finalize,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _mark(text: str, kind: SourceKind, ref: str) -> str:
    return f"{_OPEN}{kind.value}|{ref}{_BODY}{text}{_CLOSE}"


def _finalize(value: object) -> object:
    return _mark(value, value.source.kind, value.source.ref) if isinstance(value, Sourced) else value


def _read_marks(marked: str) -> tuple[str, list[tuple[int, int, Source]]]:
    """Take the marks out; at most one empty line in a row, no white space at either end.

    Returns:
        The text, and what each piece of it comes from.
    """
    text = ""
    stack: list[tuple[int, str]] = []
    spans: list[tuple[int, int, Source]] = []
    position = 0
    for mark in _MARKS.finditer(marked):
        text = _append(text, marked[position : mark.start()])
        position = mark.end()
        if mark[1] is not None:
            stack.append((len(text), mark[1]))
            continue
        start, label = stack.pop()
        kind, _, ref = label.partition("|")
        quote = text[start:] if kind == SourceKind.PASSAGE.value else ""
        spans.append((start, len(text), Source(SourceKind(kind), ref, quote)))
    return _append(text, marked[position:]).rstrip(), spans


def _append(text: str, chunk: str) -> str:
    if text and "\n" not in chunk:
        return text + chunk
    joined = _SPACE_AT_END.sub("\n", text[-3:] + chunk)
    if not text:
        return joined.lstrip()
    return text[:-3] + _EMPTY_LINES.sub("\n\n", joined)


def _sentence(start: int, end: int, spans: list[tuple[int, int, Source]]) -> Sentence:
    """Sources that touch the sentence, innermost first; of nested templates only the innermost counts."""
    touching = [(until - since, source) for since, until, source in spans if since < end and until > start]
    touching.sort(key=lambda item: item[0])
    sources = list(dict.fromkeys(source for _, source in touching if source.kind is not SourceKind.TEMPLATE))
    template = next((source for _, source in touching if source.kind is SourceKind.TEMPLATE), None)
    return Sentence(start, end, (*sources, *((template,) if template else ())))
