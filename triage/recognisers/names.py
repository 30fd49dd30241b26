"""What a word can be: a given name, a surname, an ordinary word.

Polish words are looked up in the inflectional dictionary of morfeusz2 (SGJP), which knows surnames and given names in
all cases; lists written for this project add names typed without diacritics, and names of other languages.

>>> name_class("Kowalskiego") & SURNAME > 0, name_class("Malgorzaty") & GIVEN > 0, name_class("Reklamacja")
(True, True, 4)
>>> bool(name_class("BrewOne") & (GIVEN | SURNAME))
False
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

from knowledge_base.tokenise.morphology import analyse
from triage.domain.folding import fold

GIVEN: Final = 1
SURNAME: Final = 2
COMMON: Final = 4
"""An ordinary word, also when it is somebody's surname as well (Wilk, Maj)."""
FREQUENT: Final = 8
"""A given name of the shipped lists: sure enough to stand alone when it is no ordinary word."""
VERBAL: Final = 16
"""Ordinary and no noun or adjective: never a surname in lower case."""
PLACE: Final = 32

# the forms of Polish surnames, folded: -ski, -cki, -wicz, -czyk … and their cases
_SURNAME_FORM: Final = re.compile(
    r"\w{2,}(?:(?:s|c|dz)k(?:i|a|iego|iej|iemu|im|ich|ie)|wicz(?:a|owi|em|u|ow|owie|owa|owej)?|czyk(?:a|owi|iem|u|ow"
    r"|owie)?"
    r"|(?:cz|sz|i|ni)ak(?:a|owi|iem|u|ow|owie|owa|owej)?|enk[ioe]|czuk(?:a|owi|iem)?|chenk[oia]|enk[oia])$"
)
_ENGLISH_FORM: Final = re.compile(
    r"(?:mac|mc|o['’])\w{3,}$|\w{3,}(?:son|sen|ssen|sson|berg|stein|ford|shaw|worth|field)$"
)
# adjectives of offices and places that end like a surname
_INSTITUTION: Final = re.compile(
    r"(?:wojewodz|konsumenc|miej|powiat|polsk|europej|warszaw|krakow|slask|gdansk|poznansk|wroclaw|lodzk|mazowiec"
    r"|malopol|wielkopol|pomor|urzed|rejonow|niemiec|angiel|hiszpan|wlosk|francus|chinsk|amerykan)\w*(?:k|u)\w{0,4}$"
)
_PRODUCT: Final = re.compile(r"(?:domex|brewone|aquaspin|torqfix|netbox|voltride)\w{0,3}$")
# towns in their cases, which the dictionary does not know without diacritics
_TOWN: Final = re.compile(
    r"(?:gdansk|krakow|poznan|torun|wroclaw|bialymstok|bialystok|czestochow|rzeszow|zamosc|lodz|gorzow|ostrow|elblag"
    r"|swidnic|grudziadz|slupsk|koszalin|plock|szczecin|warszaw)"
    r"(?:a|u|owi|em|iem|ie|i|ia|iu|y|e|ce)?$"
)
_CONTRACTION: Final = re.compile(
    r"(?:\w['’](?:ve|re|ll|d|m|t)|^(?:it|that|there|what|here|let|he|she|who)['’]s)$", re.IGNORECASE
)
# products, shops, carriers and words that stand capitalised beside names without being one
_NO_NAMES: Final = frozenset(
    """domex brewone aquaspin torqfix netbox voltride samsung bosch apple google android windows iphone allegro amazon
    inpost paypal visa blik facebook instagram tiktok youtube netflix sony philips siemens whirlpool electrolux
    makita dewalt xiaomi huawei lenovo asus dell acer monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december sir madam sirs team
    support customer service services all there everyone folks both client department office manager shop store
    warranty order the a an i we you my your this that it he she they is are was and or but if in on at for
    please thanks thank regards kind best hello hi dear hey send mr mrs ms miss yes no not can could would will
    so when what why how where who our their re fwd fw london paris berlin vienna madrid dublin manchester
    birmingham leeds glasgow edinburgh bristol liverpool york oxford cambridge amsterdam brussels prague pan
    pani panstwo panu pana panem panie polska warszawa krakow lot rma wifi usb serwis sklep dzial biuro""".split()
)
# given names that are everyday words of English or Polish: need a surname, a salutation or a signature beside them
_ALSO_WORDS: Final = frozenset(
    "mark will bill may june april grace hope rose art rich frank max amber joy faith dawn dale guy jay kay lee don "
    "pat ray rob sue ivy iris"
    " jade ruby robin penny poppy holly hazel heather violet crystal daisy ben ali an li chen ming jing wei yan anh "
    "minh art eve jean dean"
    " glen ross scott jordan austin chelsea florence georgia virginia paris sydney victoria charlotte madison kim sam "
    "drew ion ana luc mia"
    " ola ale ala ali ela iga ida pola maja roza kalina jagoda malina nadia lena laura emil roman marian marianna "
    "marka olaf wiktoria"
    " mercedes dan dany luce ewo ewy ada jana iwa iza klara nina gracja slawa lech leon mila mile bruno regina".split()
)


def _lines(name: str) -> list[str]:
    text = (files("triage.recognisers") / "data" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def frequent_given_names() -> frozenset[str]:
    """Folded forms of the shipped given names."""
    return frozenset(
        {form for line in _lines("given_name_forms_pl.txt") for form in line.split()}
        | {fold(name) for name in _lines("given_names_other.txt")}
    )


@lru_cache(maxsize=1)
def _frequent_surnames() -> frozenset[str]:
    return frozenset(form for line in _lines("surname_forms_pl.txt") for form in line.split())


@lru_cache(maxsize=1)
def _other_surnames() -> frozenset[str]:
    return frozenset(fold(name) for name in _lines("surnames_other.txt"))


@lru_cache(maxsize=32768)
def name_class(word: str) -> int:
    """What ``word`` can be, as a sum of the flags of this module; 0 for a word nobody knows."""
    folded = fold(word)
    plain = folded.removesuffix("'s").removesuffix("’s")
    if plain in _NO_NAMES or not _is_name_shaped(word):
        return COMMON | VERBAL
    if _INSTITUTION.match(plain) or _PRODUCT.match(plain) or _TOWN.match(plain):
        return COMMON | PLACE
    flags = _from_dictionary(word.capitalize() if word.isupper() or word.islower() else word)
    if plain in frequent_given_names():
        flags |= GIVEN | FREQUENT
    if plain in _frequent_surnames():
        return flags & ~(COMMON | VERBAL | PLACE) | SURNAME
    if plain in _other_surnames() or _ENGLISH_FORM.match(plain):
        flags |= SURNAME
    if _SURNAME_FORM.match(plain):
        flags |= SURNAME
    return flags | COMMON if plain in _ALSO_WORDS else flags


def _is_name_shaped(word: str) -> bool:
    """Capitals only at the start of its parts: „BrewOne” and „W7” are no names, „McDonald” and „Nowak-Kowalska” are."""
    if _CONTRACTION.search(word):
        return False
    return all(
        part.isupper()
        or part.islower()
        or part.istitle()
        or re.fullmatch(r"(?:Mc|Mac|De|Di|Van|La|Le)[A-Z][a-z]+", part)
        for part in re.split(r"['’-]", word)
        if part
    )


def _from_dictionary(word: str) -> int:
    flags = 0
    nominal = True
    for part in word.split("-"):
        for reading in analyse(part):
            lemma, tags, labels = reading.lemma, reading.tag, reading.names
            if tags == "ign":
                continue
            if "imię" in labels:
                flags |= GIVEN
            if any(label.startswith("nazwisko") for label in labels):
                flags |= SURNAME
            if "nazwa_geograficzna" in labels:
                flags |= PLACE
            if lemma[:1].islower() and not _SURNAME_FORM.match(fold(part)):
                flags |= COMMON
                nominal = nominal and tags.startswith(("subst", "adj:", "depr", "ger"))
    return flags if nominal else flags | VERBAL
