"""The language a ticket is written in, as a BCP-47 primary tag; ``und`` where the text does not tell.

Polish and English – nearly every ticket – are told apart by the trigram model of the knowledge base
(:mod:`knowledge_base.tokenise.language`), which works on short text without diacritics. Other languages are noticed by
their script or function words; only then py3langid is loaded (0.8 s, 122 MB) to name one.

>>> [detect_language(text) for text in ("pralka nie dziala", "my refund please", "Доброго дня, коли готова?")]
['pl', 'en', 'uk']
>>> detect_language("12345 !!")
'und'
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Protocol

from knowledge_base.tokenise import detect_language as polish_or_english
from triage.domain.folding import fold

CONSIDERED: Final = ("pl", "en", "de", "uk", "ru", "cs", "sk", "fr", "es", "it", "nl", "lt", "ro", "hu", "sv", "pt")
_FEWEST_LETTERS: Final = 3
_READ: Final = 2000
_WORD: Final = re.compile(r"[^\W\d_]+")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_UKRAINIAN: Final = re.compile(r"[іїєґІЇЄҐ]")
_RUSSIAN: Final = re.compile(r"[ыэъёЫЭЪЁ]")
# frequent words of a language that Polish and English lack (folded)
_FUNCTION_WORDS: Final = {
    "de": "ich und nicht der das ist ein eine mit fur bei seit haben ihre bitte ihnen wir auf dem den sich sehr guten "
    "tag danke wurde mein meine",
    "cs": "jsem jsme ktery ktera prosim dekuji dobry den se ze neni muze byla bylo vas vase nebo protoze uz jeste",
    "sk": "som sme ktory ktora prosim dakujem dobry den nie je alebo pretoze uz este vas vase",
    "fr": "je vous nous est les des une pas pour dans avec bonjour merci mon ma votre cette sur qui",
    "es": "el los las una que por para con no mi hola gracias esta pero usted su del",
    "it": "il che non per con una sono della buongiorno grazie mio mia questo ho ma vostro",
    "nl": "ik het een niet van voor met zijn hebben graag bedankt mijn deze niet maar wij",
    "sv": "jag och inte det att en ett har med min mitt tack hej som till",
    "pt": "nao uma com para por meu minha obrigado ola voce esta mas",
    "lt": "as ir ne kad yra mano laba diena aciu prasau jusu bet",
    "ro": "nu este sunt pentru si am va rog multumesc buna ziua cu din care",
    "hu": "nem egy hogy van es az kerem koszonom jo napot nekem volt",
    "pl": "nie sie jest na do za od ze jak co czy ale mam moj moja mi po prosze dzien dobry w z i o to a juz jeszcze "
    "tylko przez",
    "en": "the i and is it to my not of for you a in on was have this that with your please can we be has but are do",
}
_LANGUAGES_OF: Final = {
    word: tuple(tag for tag, words in _FUNCTION_WORDS.items() if word in words.split())
    for word in " ".join(_FUNCTION_WORDS.values()).split()
}


class _Identifier(Protocol):
    def classify(self, text: str) -> tuple[str, float]: ...


@lru_cache(maxsize=1)
def _identifier() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # loaded late: it costs 0.8 s and 122 MB

    identifier: LanguageIdentifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(CONSIDERED))
    return identifier  # type: ignore[no-any-return]


def detect_language(text: str) -> str:
    """Tell the language of a ticket.

    Returns:
        ``pl``, ``en``, another tag of :data:`CONSIDERED`, or ``und`` when there are fewer than three letters.
    """
    text = text[:_READ]
    letters = sum(map(str.isalpha, text))
    if letters < _FEWEST_LETTERS:
        return "und"
    if 2 * len(_CYRILLIC.findall(text)) > letters:
        return "ru" if len(_RUSSIAN.findall(text)) > len(_UKRAINIAN.findall(text)) else "uk"
    hits = dict.fromkeys(_FUNCTION_WORDS, 0)
    for word in _WORD.findall(fold(text)):
        for tag in _LANGUAGES_OF.get(word, ()):
            hits[tag] += 1
    known = max(hits["pl"], hits["en"])
    others = max(count for tag, count in hits.items() if tag not in ("pl", "en"))
    if others > known and others > 1:
        return _identifier().classify(text)[0]
    return polish_or_english(text)
