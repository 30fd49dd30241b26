"""What a check looks for only where it may be is what it would find everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.draft_cases import DraftCase, company, read_cases
from triage.domain.folding import fold
from triage.domain.sentences import _ABBREVIATIONS, sentence_spans
from triage.stages.lint import addresses, claims, statements, vocabulary
from triage.stages.lint.matter import GAP, Matter, find_gaps, read_matter

CASES = list(read_cases())
CASE = next(case for case in CASES if case.id == "G01")
PIECES = [
    "jan.k", "@", "domex", ".", ".pl", ".com", "www", "https://", "(at)", " [AT]\n", "/x", "PL61", "1090", " 1014 ",
    "0x", "ab" * 10, "bc1", "5", "12", "-", "+48", "22", "000 00 00", "1 249,00", " zł", "PLN ", "3 dni", "2%",
    "E-18", "RMA/7", "Kowalski", "DX-200", "szesnaście", "dwie", "trzysta", "złotych", "miesiące", "dni", "___",
    "(data)", "[KWOTA_1]", "{{ x }}", "<imię>", "XXX", "todo", "⟦A_1", "⟧", "\n", " ", ", ", "(", ")", "„", "”",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)


def matter_of(body: str) -> Matter:
    """A letter of which nothing is approved but its gaps."""
    draft = replace(CASE.compose(company()), kind="NONE", body=body, sentences=(), citations=())
    ticket, classification = CASE.ticket, CASE.classification
    return read_matter(draft, ticket, classification, CASE.facts, CASE.deadlines, (), company(), CASE.today)


def spans(matches: Iterator[re.Match[str]]) -> list[tuple[int, int]]:
    return [match.span() for match in matches]


@settings(max_examples=300)
@given(texts)
def test_addresses_gaps_and_accounts_are_found_wherever_they_are(body: str) -> None:
    assert spans(addresses._addresses(body, "MAIL")) == spans(addresses._MAIL.finditer(body))
    assert spans(addresses._addresses(body, "LINK")) == spans(addresses._LINK.finditer(body))
    assert spans(find_gaps(body)) == spans(GAP.finditer(body))
    assert addresses._LIKE_ACCOUNT.search(body) or not addresses._ACCOUNT.search(body)


@settings(max_examples=150)
@given(texts)
def test_what_is_looked_for_line_by_line_goes_over_no_line(body: str) -> None:
    matter, folded = matter_of(body), fold(body)
    for pattern, text in (
        (vocabulary.AMOUNT, folded), (vocabulary.QUANTITY, folded), (statements._IN_WORDS, folded),
        (vocabulary.TOKEN, body), (claims._NAME, body), (addresses._PHONE, body),
    ):  # fmt: skip
        found = spans(matter.in_own_lines(pattern, text))
        assert found == [span for span in spans(pattern.finditer(text)) if _is_own(matter, span)]


def _is_own(matter: Matter, span: tuple[int, int]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in matter.own_lines)


def plainly_split(text: str) -> Iterator[tuple[int, int]]:
    """Sentences by the rule: a full stop ends one, but for abbreviations, initials and numbers of items."""
    for line in re.finditer(r"[^\n]+", text):
        start = line.start()
        for stop in re.finditer(r"[.!?…]+[\"”’»)\]*]*(?=\s)", line[0]):
            end, before = line.start() + stop.end(), text[start : line.start() + stop.start()]
            small = text[end : line.end()].lstrip()[:1].islower()
            last = re.split(r"[\s(„\"\[]", before)[-1].lower()
            if stop[0] == "." and last in _ABBREVIATIONS:
                goes_on = last not in ("itd", "itp", "zł", "min", "no", "ok", "u") or small
            elif stop[0] == "." and len(last) == 1 and last.isalpha():
                goes_on = small
            else:
                number = stop[0] == "." and re.search(r"(?:^|\s)\d{1,2}$", before)
                goes_on = bool(number) and (not before.strip()[:-2].strip() or small)
            if not goes_on:
                yield from _visible(text, start, end)
                start = end
        yield from _visible(text, start, line.end())


def _visible(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if text[start:end].strip():
        left = start + len(text[start:end]) - len(text[start:end].lstrip())
        yield left, left + len(text[start:end].strip())


@settings(max_examples=400)
@given(
    st.lists(
        st.sampled_from(
            ["art", "ust", "z.o.o", "np", "ok", "zł", "Koniec", "dalej", "K", "a", "12", "7", "123456789", ".", "...",
             "?", "!”", "…", " ", " ", "  ", "\t", "\n", "\n\n", "(", "„", '"', "[", "przedsiębiorstwo", "\u00a0"]
        ),
        max_size=18,
    ).map("".join)
)  # fmt: skip
def test_sentences_end_where_the_rule_says(text: str) -> None:
    assert list(sentence_spans(text)) == list(plainly_split(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_lines_and_sentences_of_approved_text_alone_are_nobodys_own(case: DraftCase) -> None:
    draft = case.compose(company())
    matter = read_matter(
        draft, case.ticket, case.classification, case.facts, case.deadlines, case.passages, company(), case.today
    )
    lines = [match.span() for match in re.finditer(r"[^\n]+", draft.body)]
    assert set(matter.own_lines) == {span for span in lines if not matter.approved(*span)}
    assert set(matter.own_sentences) == {span for span in sentence_spans(draft.body) if not matter.approved(*span)}
