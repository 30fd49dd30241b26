"""Other forms of Polish words, so that the encoder sees *lodówce* where the pair has *lodówkę*."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge_base.tokenise.morphology import Reading, analyse, generate

# Parts of speech whose forms mean the same thing in another place of the sentence (SGJP tag set).
INFLECTED = frozenset("subst depr adj adja adv fin bedzie praet inf imps impt ger pact ppas pcon pant numcol".split())
SHORTEST_WORD = 4
MOST_LEMMAS = 2
NEGATED, SUPERLATIVE = "nie", "naj"


def other_forms(words: Iterable[str]) -> dict[str, list[str]]:
    """Forms of the same lemma as each word, from Morfeusz's dictionary.

    Only forms that begin as the word does are given: the far ones (*człowiek*, *ludzie*) and the prefixed
    ones (*nieuszkodzony*, *najlepszy*) say something else or are words of their own.

    Args:
        words: lower-case words; foreign and short ones have no forms.

    Returns:
        For each word that has any: its other forms, sorted.
    """
    generated: dict[str, set[str]] = {}
    result: dict[str, list[str]] = {}
    for word in words:
        if len(word) < SHORTEST_WORD:
            continue
        lemmas = {reading.lemma for reading in analyse(word) if _part_of_speech(reading) in INFLECTED}
        if len({lemma.split(":")[0] for lemma in lemmas}) > MOST_LEMMAS:
            continue
        for lemma in lemmas - generated.keys():
            generated[lemma] = {reading.form for reading in generate(lemma) if _part_of_speech(reading) in INFLECTED}
        beginning = word[: max(3, len(word) // 2)]
        forms = {form for lemma in lemmas for form in generated[lemma] if _is_near(form, beginning)} - {word}
        if forms:
            result[word] = sorted(forms)
    return result


def _part_of_speech(reading: Reading) -> str:
    return reading.tag.split(":")[0]


def _is_near(form: str, beginning: str) -> bool:
    prefixed = any(form.startswith(p) and not beginning.startswith(p) for p in (NEGATED, SUPERLATIVE))
    return form.startswith(beginning) and " " not in form and not prefixed
