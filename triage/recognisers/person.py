"""Names of people, Polish and English, in every case, with and without diacritics.

A name is told by what stands around it: a given name before a surname, a title („pani Nowakowej”, "Mr Hale"), words
that introduce („nazywam się”, "my name is"), the closing of a letter, an occupation („brygadzista Nowak”). Single
words are names only when they are nothing else. Works offline; a transformers model may stand behind the same port.
Source of the Polish forms: SGJP, the grammatical dictionary of Polish, as packed in morfeusz2 (BSD-2-Clause).

>>> text = "Dzwoniłem do pani Nowakowej i Jana Kowalskiego w sprawie BrewOne. Pozdrawiam, Anna Wilk"
>>> sorted({text[c.start:c.end] for c in find(Reading(text))})
['Anna Wilk', 'Jana Kowalskiego', 'Nowakowej']
>>> list(find(Reading("Pralka AquaSpin z Krakowa nie działa. Proszę Domex Serwis o kontakt")))
[]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from triage.recognisers.name_cues import (
    AFTERWARDS,
    CLOSING,
    ENGLISH_TITLE,
    GREETING,
    PARTY,
    ROLE,
    SELF,
    TITLE,
    WITH,
)
from triage.recognisers.names import COMMON, FREQUENT, GIVEN, PLACE, SURNAME, VERBAL, name_class
from triage.recognisers.reading import ANNOUNCED, CHECKED, LIKELY, Candidate, Reading

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_JOINT: Final = re.compile(r"(?:[ \u00a0]|\. ?)(?:(?:van|von|de|da|di|der|del) )*")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?:…\n>•*\"„”(]|- |– )\s*$")


class _Token(NamedTuple):
    start: int
    end: int
    word: str
    flags: int

    @property
    def capital(self) -> bool:
        return self.word[0].isupper()


def find(reading: Reading) -> Iterator[Candidate]:
    """Names that are introduced, names that consist of a given name and a surname, and unmistakable single names."""
    tokens = [_Token(match.start(), match.end(), match.group(), 0) for match in _WORD.finditer(reading.text)]
    by_start = {token.start: index for index, token in enumerate(tokens)}
    for pattern, certainty in (
        (TITLE, ANNOUNCED),
        (GREETING, CHECKED),
        (SELF, ANNOUNCED),
        (PARTY, CHECKED),
        (ROLE, CHECKED),
        (WITH, LIKELY),
        (CLOSING, CHECKED),
    ):
        for match in pattern.finditer(reading.folded):
            index = by_start.get(match.end())
            if index is not None:
                if (
                    ENGLISH_TITLE.search(match.group())
                    and not tokens[index].capital
                    and not _flags(tokens[index]) & (COMMON | VERBAL)
                ):
                    yield Candidate(tokens[index].start, tokens[index].end, "person", ANNOUNCED)
                found = _introduced(reading, tokens, index, certainty, lenient=pattern in (TITLE, SELF))
                yield from (name for name in found if _is_sure(reading, pattern, name))
    by_end = {token.end: index for index, token in enumerate(tokens)}
    for match in AFTERWARDS.finditer(reading.folded):
        index = by_end.get(match.start())
        if index is not None and tokens[index].capital and not _flags(tokens[index]) & VERBAL:
            yield Candidate(tokens[index].start, tokens[index].end, "person", CHECKED)
    yield from _told_by_themselves(reading, tokens)


def _flags(token: _Token) -> int:
    return name_class(token.word)


def _is_sure(reading: Reading, pattern: re.Pattern[str], name: Candidate) -> bool:
    """A closing needs the line's end after the name; „rozmawiałem z …” two words, or one that is a name for sure."""
    if pattern is CLOSING:
        return _ends_line(reading, name.end)
    if pattern is WITH:
        words = reading.text[name.start : name.end].split()
        return len(words) > 1 or (
            bool(name_class(words[0]) & (GIVEN | SURNAME)) and not name_class(words[0]) & (COMMON | PLACE)
        )
    return True


def _ends_line(reading: Reading, position: int) -> bool:
    """Whether a signature ends here: a line's end, or punctuation."""
    return (
        not reading.text[position : position + 2].strip()
        or reading.text[position] in ",.;/|(-–\n"
        or reading.text[position : position + 2] in (" (", " -", " –", " |", " t")
    )


def _joined(reading: Reading, left: _Token, right: _Token) -> bool:
    """Whether only a blank, an initial's full stop or a particle stands between two words."""
    between = reading.text[left.end : right.start]
    return between in (" ", "\u00a0") or bool(_JOINT.fullmatch(between) and (len(left.word) == 1 or "." not in between))


def _is_initial(reading: Reading, token: _Token) -> bool:
    return len(token.word) == 1 and token.capital and reading.text[token.end : token.end + 1] == "."


def _introduced(
    reading: Reading, tokens: list[_Token], index: int, certainty: int, lenient: bool
) -> Iterator[Candidate]:
    """One to three words after an introduction, as long as they can be a name."""
    taken: list[_Token] = []
    named = False
    if lenient and _is_lower_case_name(reading, tokens, index):
        yield Candidate(tokens[index].start, tokens[index + 1].end, "person", certainty)
        return
    for token in tokens[index : index + 3]:
        if taken and not _joined(reading, taken[-1], token):
            break
        if not _can_follow(reading, token, taken, lenient):
            break
        named = named or bool(_flags(token) & (GIVEN | SURNAME)) or not _flags(token) & COMMON
        taken.append(token)
    if taken and named and not (len(taken) == 1 and _is_initial(reading, taken[0])):
        end = taken[-1].end + (1 if _is_initial(reading, taken[-1]) else 0)
        yield Candidate(taken[0].start, end, "person", certainty)


def _is_lower_case_name(reading: Reading, tokens: list[_Token], index: int) -> bool:
    """„panem dobrosławem trzmielowskim”: an unknown word before a surname's form, both in lower case."""
    pair = tokens[index : index + 2]
    if len(pair) < 2 or any(token.capital for token in pair) or not _joined(reading, *pair):
        return False
    if len(pair[0].word) < 4 or len(pair[1].word) < 5:
        return False
    return not _flags(pair[0]) & (COMMON | VERBAL) and _flags(pair[1]) & (SURNAME | VERBAL) == SURNAME


def _can_follow(reading: Reading, token: _Token, taken: list[_Token], lenient: bool) -> bool:
    flags = _flags(token)
    if token.capital:
        if _is_initial(reading, token):
            return True
        if flags & FREQUENT:
            return True
        if taken:
            return not flags & VERBAL or _ends_line(reading, token.end)
        unknown = flags in (0, PLACE) and len(token.word) > 2 and (lenient or not token.word.isupper())
        return (bool(flags & (GIVEN | SURNAME)) and not flags & VERBAL) or unknown
    if taken and taken[0].capital:
        return False
    if taken:
        return bool(flags & SURNAME) and not flags & VERBAL
    return bool(flags & FREQUENT and not flags & COMMON) or (lenient and bool(flags & SURNAME) and not flags & COMMON)


def _told_by_themselves(reading: Reading, tokens: list[_Token]) -> Iterator[Candidate]:
    """Given name with surname in either order; single names that are no other word."""
    skip = -1
    for index, token in enumerate(tokens):
        if index <= skip or len(token.word) < 2:
            continue
        if not token.capital:
            yield from _lower_case_pair(reading, tokens, index)
            continue
        flags = _flags(token)
        if (flags & VERBAL and not flags & FREQUENT) or (flags and not flags & (GIVEN | SURNAME)):
            continue
        last = _full_name_end(reading, tokens, index)
        if last > index:
            end = tokens[last].end + (1 if _is_initial(reading, tokens[last]) else 0)
            yield Candidate(token.start, end, "person", CHECKED)
            skip = last
        elif _stands_alone(reading, token, flags) and not (
            flags & SURNAME and not flags & FREQUENT and _is_part_of_title(reading, tokens, index)
        ):
            yield Candidate(token.start, token.end, "person", LIKELY)


def _full_name_end(reading: Reading, tokens: list[_Token], first: int) -> int:
    """Index of the last word of the name that begins at ``first``; ``first`` when there is no second word."""
    opening = _flags(tokens[first])
    last, given = first, bool(opening & FREQUENT) or (bool(opening & GIVEN) and not opening & (COMMON | PLACE))
    for index in range(first + 1, min(first + 4, len(tokens))):
        token = tokens[index]
        if (
            not token.capital
            or not _joined(reading, tokens[last], token)
            or (token.word.isupper() != tokens[first].word.isupper() and len(token.word) > 1)
        ):
            break
        flags = _flags(token)
        surname = not flags & VERBAL and (flags & SURNAME or not flags & COMMON)
        signed = bool(flags & SURNAME) and _ends_line(reading, token.end)
        if given and (surname or signed or flags & GIVEN or _is_initial(reading, token)):
            last = index
        elif index == first + 1 and not opening and flags & SURNAME and not flags & (COMMON | PLACE | VERBAL):
            last = index
        elif index == first + 1 and flags & FREQUENT and not flags & COMMON and opening & SURNAME:
            last, given = index, True
        else:
            break
    return last


def _stands_alone(reading: Reading, token: _Token, flags: int) -> bool:
    """Whether a single capitalised word is a name: frequent given names anywhere, surnames inside a sentence."""
    if token.word.isupper() or len(token.word) < 3:
        return False
    if flags & FREQUENT:
        return not flags & COMMON
    inside = not _SENTENCE_START.search(reading.text, max(0, token.start - 6), token.start)
    return inside and bool(flags & SURNAME) and not flags & (COMMON | PLACE)


def _is_part_of_title(reading: Reading, tokens: list[_Token], index: int) -> bool:
    """„Galeria Bałtycka”, „Krakowski Rynek”: capitalised ordinary words beside it make it a proper noun of a thing."""
    beside = [tokens[at] for at in (index - 1, index + 1) if 0 <= at < len(tokens)]
    return any(
        other.capital
        and len(other.word) > 1
        and not _flags(other) & FREQUENT
        and _joined(reading, *sorted((other, tokens[index])))
        for other in beside
    )


def _lower_case_pair(reading: Reading, tokens: list[_Token], index: int) -> Iterator[Candidate]:
    """„jan kowalski” typed without capitals: a given name that is no other word, then a surname that can be one."""
    if index + 1 >= len(tokens):
        return
    given, surname = tokens[index], tokens[index + 1]
    if surname.capital or len(given.word) < 3 or len(surname.word) < 3 or not _joined(reading, given, surname):
        return
    flags = _flags(given)
    if flags & FREQUENT and not flags & COMMON:
        follows = _flags(surname)
        if follows & SURNAME and not follows & VERBAL:
            yield Candidate(given.start, surname.end, "person", CHECKED)
