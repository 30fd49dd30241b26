"""How much each word of a query says about its subject, before anything is known of the documents.

A small knowledge base cannot tell common words from rare ones: of 500 passages „zażywał” stands in as few as „Kiedis”.
How common words are at large (``word_counts.txt``, made by ``training/count_words.py``) tells them apart, and so does
how they are written: a capital within a sentence begins a name, and numbers are exact. In a letter the words of the
sentences that ask weigh more than those of the story around them. Only the proportions matter.

>>> weights = word_weights("Czy Kiedis zażywał narkotyki w 1990 roku?")
>>> weights["kiedis"] == weights["1990"] > weights["narkotyki"] > weights["roku"]
True
"""

from __future__ import annotations

import re
from typing import Final

from knowledge_base.tokenise.asking import asking_sentences
from knowledge_base.tokenise.commonness import NAME, is_courtesy
from knowledge_base.tokenise.query_words import query_words
from knowledge_base.tokenise.words import split_words

# Most words begin with a small letter that the pattern need not take up; of the others it is asked.
_CAPITALISED: Final = re.compile(r"(?<![.!?:…])\s[\"'„”(«]?([^\W\d_a-ząćęłńóśźż][^\W\d_]*)")
# Of so many words on a query may be a letter …
_LETTER: Final = 14
# … and a word that stands in none of its questions says so much of what it would say there.
_TOLD: Final = 0.5


def word_weights(text: str) -> dict[str, float]:
    """Weights > 0 of the lower-case words of a text that are no stop words, each once, in order."""
    words = [*dict.fromkeys(split_words(text))]
    weights = {word: known.weight for word, known in zip(words, query_words(words), strict=True) if known.weight}
    within = text[1:]
    if within != within.lower() and not text.isupper():
        names = {match[1].lower() for match in _CAPITALISED.finditer(text) if match[1][0].isupper()}
        for name in names.intersection(weights):
            if not is_courtesy(name):
                weights[name] *= NAME
    return weights if len(weights) < _LETTER else _asked(text, weights)


def _asked(text: str, weights: dict[str, float]) -> dict[str, float]:
    """Weights of a letter's words: those outside its questions weigh less, but for numbers and codes."""
    asked = frozenset(split_words(" ".join(asking_sentences(text))))
    if not asked:
        return weights
    told = {word: weight * _TOLD for word, weight in weights.items() if word not in asked and word.isalpha()}
    return weights | told
