"""Postal addresses: street lines, postal code with town, flats; Polish in every case, and English.

A town or a street alone without a number names nobody and mostly stays; „ul. …” always goes. A bare NN-NNN is also
a part or claim number, so a postal code counts with a town after it, after a street, or where the text names it.
Source: Poczta Polska's and Royal Mail's rules for writing addresses.

>>> text = "ul. Kłosowa 4 m. 6, 35-001 Rzeszów; part 33-190; mieszkam przy Polnej 3/12; Flat 3, 14 High Road, Leeds"
>>> found = {text[c.start:c.end] for c in find(Reading(text))}
>>> sorted(found - {"14 High Road", "35-001 Rzeszów", "Kłosowa 4 m. 6, 35-001 Rzeszów"})  # less what longer ones hold
['Flat 3, 14 High Road, Leeds', 'Polnej 3/12', 'ul. Kłosowa 4 m. 6, 35-001 Rzeszów']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.reading import ANNOUNCED, CHECKED, LIKELY, Candidate, Reading

_CAP: Final = r"[A-ZĄĆĘŁŃÓŚŹŻ]"
_NAME: Final = rf"{_CAP}(?:\.|[\w'’-]+\.?)"
_HOUSE: Final = (
    r"\d{1,4}(?:[a-zA-Z](?!\w)(?!\.? ?\d)| [A-Z](?![\w.]| \d))?(?: ?[/\\] ?\d{1,4}[a-zA-Z]?(?!\w)|-\d{1,3}(?![\d\w]))?"
    r"(?:,? ?(?:m|lok|mieszk\w*|m-k|apt|flat|kl)\.? ?(?:nr ?)?\d{1,4}[a-zA-Z]?)?(?!\d)"
)
_TOWN: Final = rf"{_CAP}\w+(?:[ -](?:{_CAP}\w+|nad {_CAP}\w+|k\.? {_CAP}\w+))?"
_CODE: Final = r"\d{2}[-–] ?\d{3}(?![\d-])"
_REST: Final = rf"(?:,? ?(?:{_CODE},? {_TOWN}|{_CODE}|(?:w )?{_TOWN},? {_CODE}))?"
_KIND: Final = (
    r"(?:(?:[Uu][Ll]|[Aa]l|[Oo]s|[Pp]l)(?:\. ?| )|(?:[Uu]lic[aęyąi]\w*|[Aa]lej[aeęiąa]\w*|[Oo]siedl[eua]\w*|[Pp]lac\w*"
    r"|[Rr]ond[oa]\w*|[Ss]kwer\w*|[Bb]ulwar\w*) )"
)
_STREET: Final = re.compile(
    rf"(?<![\w.@/-]){_KIND}(?:(?:{_NAME}|\d{{1,2}}(?= {_CAP}|-?go |\.? (?:[a-zł]+a|{_CAP}))|[IVX]+|(?:gen|ks|św|płk"
    rf"|mjr|kpt|prof|dr|inż|bp|abp|kard|bł|hr|im|por|marsz)\.?(?= ?{_CAP})|i|im\.|św\.|ks\."
    rf"|gen\.)[ ,]{{0,2}}){{1,5}}(?:nr )?(?:{_HOUSE})?"
)
_STREET_LOWER: Final = re.compile(
    rf"(?<![\w.@/-])(?:ul\.|al\.|os\.|(?:ul|ulic[aeyiu]|alej[aei]|osiedl[eu]|plac|placu)(?= )) ?(?:(?!(?:na|o|do|w|z|i"
    rf"|jest|nie"
    rf"|kolo|od|po|godz) )[^\W\d_.,]+\.?[ -]){{1,3}}(?:nr )?(?:{_HOUSE})(?:,? ?\d\d-\d{{3}}(?: [^\W\d_]{{3,}})?)?",
    re.IGNORECASE,
)
_AFTER_STREET: Final = re.compile(
    rf"(?:[ \t]*,?[ \t]*\n?[ \t]*)(?:{_CODE},? ?(?:{_TOWN})?|{_TOWN},? {_CODE})|, ?(?:w )?{_TOWN}"
    rf"|(?: w)? {_TOWN}(?= ?(?:[.,;\n]|$))"
)
_BARE_STREET: Final = re.compile(
    rf"(?<![\w.@/-])(?:\d{{1,2}} )?(?:(?:{_CAP}\w*|ks|gen|św|bp|kard|mjr|płk|dr|prof"
    rf"|im)\.?[ -]){{1,5}}{_HOUSE}(?:/\d+\w?)?(?:,? ?\n?[ ]?(?:{_CODE}),? ?(?:{_TOWN})?)"
)
_AT_STREET: Final = re.compile(
    rf"(?<!\w)(?:[Pp]rzy|[Nn]a|[Zz]e?|[Pp]od adres(?:em)?:?) (?P<street>(?:{_CAP}\w+ )?{_CAP}\w+(?:iego|ego|iej|ej|ich"
    rf"|ych|i|y|a) {_HOUSE})(?!\w| ?(?:zł|szt|proc|%|godz|lat|mies|dni))"
)
_POSTAL: Final = re.compile(rf"(?<![\w-])(?:{_CODE}),? (?P<town>{_TOWN})")
_POSTAL_LOWER: Final = re.compile(
    r"(?<![\w-])\d{2}-\d{3},? (?:warszaw|krakow|lodz|wrocl|pozna|gdansk|gdyni|szczecin|bydgoszcz|lublin|bialyst"
    r"|katowic|torun|rzeszow|kielc|olsztyn|opol|sosnow|radom|czestoch|gliwic|zabrz|bytom|bielsk|zielon|rybnik|tych"
    r"|plock|elbl|walbrz|tarnow|kalisz|koszalin|legnic|slupsk|nowy sacz|chorz|grudzi)\w*"
)
_POSTAL_CUE: Final = re.compile(
    r"(?:kod(?: pocztowy)?|adres\w*|postcode|postal code|zip(?: code)?)[ :a-z]{0,15}(?P<code>\d{2} ?[-–] ?\d{3}"
    r"|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|\d{5})(?![\w-])"
)
_ROAD: Final = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Gardens|Crescent"
    r"|Boulevard|Blvd|Row|Mews|Grove|Hill|Park|Walk|Parade|Green|Quay|Wharf|Yard)"
)
_ENGLISH: Final = re.compile(
    rf"(?<![\w.-])(?:(?:[Ff]lat|[Aa]pt\.?|[Aa]partment|[Uu]nit|[Rr]oom) ?\w{{1,4}},? )?\d{{1,5}}[A-Za-z]?(?:-\d+)?,? ("
    rf"?:{_CAP}[\w'’.-]+ ){{1,3}}{_ROAD}\b\.?(?:,? [A-Z][a-z-]+(?: [A-Z][a-z-]+)?)?(?:,? (?:[A-Z]{{1,2}}\d[A-Z\d]? "
    rf"?\d[A-Z]{{2}}|[A-Z]{{2}} \d{{5}}))?"
)
_ENGLISH_LOWER: Final = re.compile(
    r"(?<![\w.-])\d{1,4}[a-z]? (?:[a-z'’]{3,} ){1,2}(?:street|road|avenue|lane|crescent|terrace|gardens|boulevard)\b"
)
_BRITISH_CODE: Final = re.compile(
    r"(?<![\w-])(?:GIR 0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})(?![\w-])"
)
_POST_BOX: Final = re.compile(r"(?<!\w)(?:skr(?:\.|ytka) poczt(?:\.|owa)|p\.? ?o\.? box) ?(?:nr )?\d+")
_BUILDING: Final = re.compile(r"\d")


def find(reading: Reading) -> Iterator[Candidate]:
    """Street lines with what follows them, postal codes with towns, English address lines."""
    yield from _streets(reading)
    if reading.has_digit:
        yield from _lines(reading)
        yield from _codes(reading)


def _lines(reading: Reading) -> Iterator[Candidate]:
    """Lines without „ul.”: with a postal code, English ones, „przy Polnej 3”."""
    for pattern in (_BARE_STREET, _ENGLISH):
        for match in pattern.finditer(reading.text):
            yield Candidate(*match.span(), "address", CHECKED)
    for match in _AT_STREET.finditer(reading.text):
        if _is_street_locative(match["street"], match.group()):
            yield Candidate(*match.span("street"), "address", LIKELY)
    for pattern in (_ENGLISH_LOWER, _POST_BOX):
        for match in pattern.finditer(reading.folded):
            yield Candidate(*match.span(), "address", CHECKED)


def _codes(reading: Reading) -> Iterator[Candidate]:
    """Postal codes with a town, after a word for one, or British."""
    for pattern, certainty in ((_POSTAL, CHECKED), (_BRITISH_CODE, LIKELY)):
        for match in pattern.finditer(reading.text):
            if not reading.is_named_business(match.start()):
                yield Candidate(*match.span(), "address", certainty)
    for match in _POSTAL_LOWER.finditer(reading.folded):
        yield Candidate(*match.span(), "address", CHECKED)
    for match in _POSTAL_CUE.finditer(reading.folded):
        yield Candidate(*match.span("code"), "address", CHECKED)


def _streets(reading: Reading) -> Iterator[Candidate]:
    for match in _STREET.finditer(reading.text):
        start, end = match.start(), match.start() + len(match.group().rstrip(" ,."))
        if (
            match.group()[:2].lower() in ("os", "pl", "al")
            and match.group()[:4].count(".") == 0
            and not _BUILDING.search(match.group())
        ):
            continue  # „os”, „plac”, „aleja” without a number are places, not somebody's address
        rest = _AFTER_STREET.match(reading.text, end)
        yield Candidate(start, rest.end() if rest else end, "address", ANNOUNCED)
    for match in _STREET_LOWER.finditer(reading.folded):
        yield Candidate(*match.span(), "address", ANNOUNCED)


def _is_street_locative(street: str, whole: str) -> bool:
    """„przy Polnej 3” is an address; „na Androida 14” is not: „na” and „z” need an adjective's ending or a flat."""
    if whole.lower().startswith("przy") or whole.lower().startswith("pod"):
        return True
    word = street.split()[-2] if len(street.split()) > 1 else street
    return "/" in street or bool(re.search(r"(?:sk|ck|dzk|ow|n)iej$|(?:ow|n)ej$", word))
