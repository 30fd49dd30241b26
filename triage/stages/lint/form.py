"""Form: gaps still to be filled, the language of the letter, and words that only a machine would write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.domain.reply import Finding, Severity
from triage.domain.sought import Sought
from triage.stages.lint.matter import Matter, find_gaps

_MACHINE = Sought(
    r"\b(ignor\w*|zignor\w*|pomin\w*|zapomn\w*|disregard|forget|override)\b.{0,30}\b(instruk\w*|instruct\w*"
    r"|polecen\w*|zasad\w*"
    r"|regul\w*|rules?|previous|prior|above|poprzedni\w*|wczesniejsz\w*)|\bsystem prompt|\bprompt\w* systemow"
    r"|\bjako (model|asystent\w*|sztuczn)\w*|\b(as an?|i am an?) (ai|language model|assistant)|\bmodel\w* jezykow\w*"
    r"|\blanguage model\b|\b(developer|debug|admin|dan) mode\b|\btryb\w* (dewelopera|administratora|serwisow\w* ai)"
    r"|<\/?(system|assistant|user|untrusted)|\bwith pleasure, here is|\boto (wersja|odpowiedz|projekt) (listu"
    r"|pisma|zgodnie)"
)
_POLISH = frozenset(
    "na do nie sie jest ze po za od przez dla oraz lub albo prosimy panstwa panstwo ktory ktora ktore jezeli to tego "
    "sprawy dnia jako ale czy tak juz nas nasz moga prosze zostanie bedzie tym samym ktorym ich jej jego byl "
    "byla ta ten te tej przed pod bez przy oraz".split()
)
_ENGLISH = frozenset(
    "the and of to in is your you we our that this with for will be are have not on by it if as or please from "
    "was any can "
    "us has which would".split()
)
_WORD = re.compile(r"[^\W\d_]+")
# a sentence without its list number and quotation marks
_CORE = re.compile(r"(?:\d{1,2}[.)]\s+)?[\W_]*(\w.*\w)")
_CYRILLIC_OR_GREEK = re.compile(r"[\u0370-\u03ff\u0400-\u04ff]{3,}")
LEAST_WORDS = 6


def check_form(matter: Matter) -> Iterator[Finding]:
    """Gaps, traces of instructions to a model, text in the wrong language, an empty letter."""
    yield from _gaps(matter)
    for match in _MACHINE.finditer(matter.folded):
        words = ("Ślad polecenia dla modelu, nie treść pisma.", "Trace of an instruction to a model, not a letter.")
        yield matter.finding("INSTRUCTION_TRACE", Severity.BLOCK, words, match.span(), source="P14")
    if len(matter.draft.body.split()) < LEAST_WORDS:
        yield matter.finding("EMPTY", Severity.BLOCK, ("Pismo jest puste.", "The letter is empty."))
    yield from _language(matter)


def _gaps(matter: Matter) -> Iterator[Finding]:
    words = ("Miejsce do uzupełnienia albo nierozwiązany znacznik.", "A gap to fill in, or an unresolved placeholder.")
    for span in matter.gaps:
        yield matter.finding("PLACEHOLDER", Severity.BLOCK, words, span, source="P28")
    if any(find_gaps(matter.draft.subject)):
        yield matter.finding("PLACEHOLDER_IN_SUBJECT", Severity.BLOCK, words, source="P28")


def _is_own(matter: Matter, word: re.Match[str]) -> bool:
    """Whether a word is neither the template's, nor a quotation's, nor the shop's."""
    return not matter.approved(*word.span()) and not matter.told(*word.span())


def _language(matter: Matter) -> Iterator[Finding]:
    own, other = (_POLISH, _ENGLISH) if matter.draft.language == "pl" else (_ENGLISH, _POLISH)
    words = ("Zdanie w innym języku niż pismo.", "A sentence in another language than the letter.")
    for start, end in matter.own_sentences:
        core = _CORE.search(matter.draft.body, start, end)
        if core is None or matter.approved(*core.span(1)) or matter.told(*core.span(1)):
            continue
        words_here = _WORD.finditer(matter.draft.body, start, end)
        tokens = [matter.folded[slice(*word.span())] for word in words_here if _is_own(matter, word)]
        mine, foreign = sum(token in own for token in tokens), sum(token in other for token in tokens)
        strange = len(tokens) >= LEAST_WORDS and (foreign > mine + 1 or (not mine and len(tokens) >= 2 * LEAST_WORDS))
        if strange or _CYRILLIC_OR_GREEK.search(matter.draft.body, start, end):
            yield matter.finding("LANGUAGE", Severity.CONFIRM, words, (start, end), source="P11")
    expected = "pl" if matter.classification.language == "pl" else "en"
    if matter.draft.language != expected:
        yield matter.finding(
            "LANGUAGE_OF_LETTER",
            Severity.CONFIRM,
            ("Klient pisze w innym języku niż pismo.", "The customer writes in another language than the letter."),
            source="P11",
        )
