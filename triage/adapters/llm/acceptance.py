"""Acceptance: whether a model's letter keeps every fact of the base letter and adds none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.adapters.llm.proposal import ProposedLetter
from triage.domain.folding import fold
from triage.domain.reply import Draft, Sentence, Source, SourceKind

_FIGURE = re.compile(r"\w*\d[\w.,/:-]*\w|\d")
_ADDRESS = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[a-z0-9-]+\.)+(?:pl|com|eu|net|org|io|info)\b", re.I
)
_PLACEHOLDER = re.compile(r"⟦[^⟦⟧]*⟧|[⟦⟧]")
_GARBAGE = re.compile(
    r"```|</?\w+[^>\n]*>|\{[\"']|\\u[0-9a-f]{4}|\x00|[\ue000-\uf8ff]|(.)\1{9,}|(\b\w+\b)(?:\W+\2\b){5,}"
)
_QUOTE = re.compile(r"[„“]([^„“”]{20,})”")
_FUNCTION_WORDS = {
    "pl": frozenset(
        "i w z na do nie sie jest ze o po za od przez dla oraz lub prosimy panstwa panstwo jezeli to".split()
    ),
    "en": frozenset("the and of to in is your you we our that this with for will be are have not please".split()),
}
_DECIDES = re.compile(
    r"\b(?:uwzgledniam|uznajem|uznalis|akceptuj|odrzucam|odmawiam|przyznaj|zwrocim|wyplac|przelejem|wymienim"
    r"|naprawim|obnizam"
    r"|rekompensat|odszkodow|rabat|gratis|(?:zosta\w+|jest|bedzie) (?:uznan|uwzgledni|zaakceptowan|odrzucon)"
    r"|accept|approv|reject|refus|refund|reimburs|compensat|replace|repair|voucher|discount|granted|denied|uphold)"
)
LONGEST, SHORTEST = 1.6, 0.5


def faults_of(letter: ProposedLetter, base: Draft, known: str) -> tuple[str, ...]:
    """Every reason why the letter cannot be used, in words a model can act on; none means it is acceptable.

    Args:
        known: text whose figures and addresses may be used besides those of the base letter.
    """
    body = "".join(before + text for before, text, _ in _layout(letter, base))
    text = f"{letter.subject}\n{body}"
    return (*_form_faults(text, body, base), *_content_faults(text, body, base, known))


def to_draft(letter: ProposedLetter, base: Draft, composer: str, passages: dict[str, str]) -> Draft:
    """Make a draft whose sentences name the model beside what they rest on.

    Args:
        passages: text by passage id; a sentence that names one without standing in it rests on the model alone.
    """
    sentences: list[Sentence] = []
    body = ""
    for before, text, ref in _layout(letter, base):
        start = len(body) + len(before)
        body += before + text
        sentences.append(Sentence(start, len(body), (*_sources(text, ref, passages), _model(composer))))
    return Draft(
        kind=base.kind,
        language=base.language,
        subject=_clean(letter.subject),
        body=body,
        sentences=tuple(sentences),
        citations=tuple(citation for citation in base.citations if citation.quote in body),
        composer=composer,
    )


def _layout(letter: ProposedLetter, base: Draft) -> Iterator[tuple[str, str, str]]:
    """(what stands before, sentence, source): paragraphs apart, but lines the base letter keeps together stay so."""
    last = ""
    for paragraph in letter.paragraphs:
        for number, sentence in enumerate(paragraph.sentences):
            text = _clean(sentence.text)
            together = "\n" if f"{last}\n{text}" in base.body else "\n\n"
            yield (" " if number else together if last else ""), text, sentence.source
            last = text


def _clean(text: str) -> str:
    return " ".join(text.split())


def _model(composer: str) -> Source:
    return Source(SourceKind.MODEL, composer)


def _sources(text: str, ref: str, passages: dict[str, str]) -> tuple[Source, ...]:
    quotes = [quote for quote in _QUOTE.findall(text) if quote in passages.get(ref, "")]
    return (Source(SourceKind.PASSAGE, ref, quotes[0]),) if quotes else ()


def _form_faults(text: str, body: str, base: Draft) -> Iterator[str]:
    if not SHORTEST * len(base.body) <= len(body) <= LONGEST * len(base.body):
        yield "the letter is much shorter or longer than the base letter"
    if _GARBAGE.search(text):
        yield "the letter holds markup, code or repetition"
    if not _in_language(body, base.language):
        yield "the letter is in the wrong language"
    last = base.body.strip().splitlines()[-1].strip()
    if body.count(last) < base.body.count(last):
        yield "the signature is missing"


def _content_faults(text: str, body: str, base: Draft, known: str) -> Iterator[str]:
    vouched = f"{base.subject}\n{base.body}\n{known}"
    if new := _figures(text) - _figures(vouched):
        yield f"{len(new)} figures, dates or numbers are not in the base letter"
    if missing := _figures(base.body) - _figures(body):
        yield f"{len(missing)} figures, dates or numbers of the base letter are missing"
    if set(_ADDRESS.findall(text)) - set(_ADDRESS.findall(vouched)):
        yield "an address is not in the base letter"
    if set(_PLACEHOLDER.findall(text)) - set(_PLACEHOLDER.findall(base.body)):
        yield "a placeholder is not in the base letter"
    if any(quote not in text for quote in _QUOTE.findall(base.body)):
        yield "a quotation of the base letter is missing or changed"
    if set(_DECIDES.findall(fold(text))) - set(_DECIDES.findall(fold(f"{base.subject}\n{base.body}"))):
        yield "the letter decides or promises what the base letter does not"


def _figures(text: str) -> set[str]:
    return {match[0].rstrip(".,:").casefold() for match in _FIGURE.finditer(re.sub(r"(?m)^\s*\d{1,2}[.)]\s", "", text))}


def _in_language(text: str, language: str) -> bool:
    words = re.findall(r"[^\W\d_]+", fold(text))
    own = sum(word in _FUNCTION_WORDS[language] for word in words)
    other = sum(word in _FUNCTION_WORDS["en" if language == "pl" else "pl"] for word in words)
    return own >= max(3, len(words) // 30) and own > other
