"""A text as the recognisers read it: folded once, with the words that announce a number found once.

A number is what the words before it call it: „PESEL 8102…” is personal, „zam. 8102…” is not, whatever its checksum.

>>> reading = Reading("nr zam. 5250000015, NIP 525-000-00-16")
>>> reading.announcer(reading.text.index("5250"))
'reference'
>>> reading.announcer(reading.text.index("525-"))
'nip'
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from triage.domain.folding import fold

ANNOUNCED: Final = 3
"""Certainty: the text itself says what it is."""
CHECKED: Final = 2
"""Certainty: a checksum or an unmistakable form."""
LIKELY: Final = 1
"""Certainty: form and surroundings fit."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one recogniser believes to be personal data; ``certainty`` decides where two overlap."""

    start: int
    end: int
    kind: str
    certainty: int


# Words that say what the next number is. Matched against folded text; the last one before a number wins.
_CUES: Final[dict[str, str]] = {
    "pesel": r"pesel\w*|national id(?:entification)?(?: number| no)?|numer ewidencyjny",
    "nip": r"nip(?:u|em|owi)?|vat(?: id| no| number| reg\w*)+|tax (?:id|number|no)|numer podatkowy|vatin",
    "regon": r"regon\w*",
    "iban": r"ibanu?|nrb|(?:konto|konta|kontem|rachunek|rachunku|rachunkiem)(?: bankow\w+)?(?! (?:klient|uzytk))"
    r"|rach\.|bank account(?: number| no)?|account (?:number|no)|account(?= (?:to|for|below|is))|sort code",
    "id_card": r"dow(?:od|odu|odem|odzie)(?: osobist\w+)?|dow\. os\w*\.?|nr dow\w*|(?:national )?(?:id|identity) card"
    r"|id no|seria i (?:nr|numer)",
    "passport": r"paszport\w*|passport\w*",
    "payment_card": r"kart[aeyo]\w{0,2} (?:platnicz\w+|kredytow\w+|debetow\w+|visa|mastercard|bankow\w+)|numer karty"
    r"|nr karty|visa|mastercard|maestro|amex"
    r"|(?:credit|debit|bank|payment) card|card (?:number|no)|kart[aey]\w?(?! (?:gwaranc|klient|lojaln|stal|upomin"
    r"|serwis))|my card|card",
    "phone": r"tel(?:efon\w*)?|kom(?:orka|orki|orkowy|orkowego)?|mob(?:ile)?|phone|call(?: me)?(?: on| at)?|whatsapp"
    r"|sms\w*|zadzwon\w*"
    r"|zadzwonic|oddzwon\w*|dzwon(?:ic|cie)|infolini\w*|numer (?:kontaktowy|komorkowy)|(?:moj|nowy|jej|jego) numer"
    r"|(?:my|new|contact|his|her) number|kontakt\w*|ring me(?: on)?|reach me(?: on| at)?|text me(?: on)?|fax|faks",
    "vin": r"vin\w{0,2}|nr nadwozia|numer nadwozia|chassis(?: number| no)?",
    "plate": r"(?:nr|numer\w*|tablic\w+) rej(?:estracyjn\w+|\.)?|rejestracj[aieo]\w*|rej\.|tablic(?:a|y|e|ach|ami|om)?"
    r"|registration(?: number| no| plate)?|reg(?: no| number|\.)?|number plate|licence plate|license plate",
    "reference": r"zam(?:ow\w*)?|order\w*|po(?=:? ?\d{6})|rma|faktur\w*|fakt|fv|fvat|inv(?:oice)?\w*|paragon\w*"
    r"|receipt|rachunek nr|korekt\w*|kor"
    r"|czesc\w*|czesci|part(?: no| number)?|parts|kat(?:alog\w*|\.)?|symbol\w*|indeks\w*|kod (?:produktu|czesci|towaru"
    r"|ean)|ean|isbn|sku|model\w*"
    r"|umow\w*|contract\w*|polis\w*|policy|zglosz\w*|zlec\w*|ticket|case|sprawa|sprawy|sprawie|sygn\w*|akt|ref\w*"
    r"|transakcj\w*|transaction"
    r"|wz|nota|note|protokol\w*|protocol|raport\w*|kosztorys\w*|estimate|quote|wycen\w*|claim|reklamacj\w*"
    r"|klient(?:a)? nr|numer klienta|nr klienta"
    r"|customer (?:no|number|id)|karta (?:gwarancyjna|klienta|lojaln\w+)|karty gwarancyjnej|kart[aey] (?:staleg\w+"
    r"|upominkow\w+)|gift card|loyalty card|warranty card|napraw[ay]",
    "device": r"imei\w*|meid|serial\w*|seryjn\w*|s/n|sn|ser\. ?no|nr ser\w*|mac|lot|parti[aei]\w*|batch|nr par\w*"
    r"|numer baterii|nr baterii|firmware|fw|wersj\w+|version",
    "waybill": r"list\w* przewoz\w*|nr listu|numer listu|przesylk\w*|paczk\w*|waybill|tracking\w*|parcel|shipment"
    r"|consignment|nadani\w+|sledzeni\w*|kurier\w*|inpost|dpd|dhl|gls|ups|fedex|paczkomat\w*",
}
_CUE: Final = re.compile(
    r"(?<![\w.@-])(?:" + "|".join(f"(?P<{label}>{words})" for label, words in _CUES.items()) + r")(?!\w)"
)
BUSINESS: Final = frozenset({"reference", "device", "waybill"})
_REACH: Final = 45
# Whether what stands between a cue and a number still belongs to the cue: no sentence end, no other long number.
_BREAK: Final = re.compile(r"[.!?;]\s+[A-ZŁŚŻŹĆÓ]|\n\s*\n|\d{5}")
# What may stand between a cue and the value it announces: at most six words, none with a digit.
_WORDS_BETWEEN: Final = re.compile(
    r"(?:[^\w\n]|\n(?!\s*\n))*(?:[^\W\d_]+(?:[^\w\n]|\n(?!\s*\n))+){0,6}?(?=[^\W\d_]*\d)"
)
_SHORT_PREFIX: Final = re.compile(r"(?<![\w])([A-Z]{1,3}|pl)[ -]?$")
_LETTERED: Final = frozenset({"id_card", "passport", "plate"})
"""Labels whose values begin with letters, in whatever case they are typed."""
_DIRECTLY: Final = re.compile(
    r"(?:[\s:=#,()\[\]\"'„”*–-]|\.(?!\d)"
    r"|(?:nr|no|numer\w*|number|to|jest|is|was|klient\w*|przewoz\w+|zwrotn\w+|serwisow\w+|produktu|towaru|czesci"
    r"|seryjn\w+|baterii|katalogow\w+|o|z)(?![a-z0-9]))*$"
)


class Reading:
    """A text, its folded twin of the same length, and where its cue words stand.

    Attributes:
        text: the original.
        folded: lower case without diacritics, same offsets.
        has_digit: whether any recogniser of numbers needs to look.
    """

    __slots__ = ("_cues", "_ends", "folded", "has_digit", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.has_digit = any(character.isdigit() for character in text)
        self._cues = (
            [(match.end(), str(match.lastgroup)) for match in _CUE.finditer(self.folded)] if self.has_digit else []
        )
        self._ends = [end for end, _ in self._cues]

    def announcer(self, position: int) -> str | None:
        """Label of the last cue word before ``position``, if it is near and nothing breaks the thought."""
        index = bisect_right(self._ends, position) - 1
        if index < 0:
            return None
        end, label = self._cues[index]
        if position - end > _REACH or _BREAK.search(self.text, end, position):
            return None
        return label

    def is_business(self, position: int) -> bool:
        """Whether the last cue before ``position`` speaks of an order, serial, waybill or the like."""
        return self.announcer(position) in BUSINESS

    def is_named_business(self, position: int) -> bool:
        """Whether such a cue announces the number directly, so that even a number that checks is not personal."""
        index = bisect_right(self._ends, position) - 1
        if index < 0 or self._cues[index][1] not in BUSINESS or position - self._ends[index] > _REACH:
            return False
        return _DIRECTLY.fullmatch(self.folded[self._ends[index] : position]) is not None

    def mentions(self, label: str, start: int, end: int) -> bool:
        """Whether a cue of this label stands within 80 characters before or 45 after the range."""
        return any(found == label and start - 80 <= at <= end + 45 for at, found in self._cues)

    def announced(self, label: str) -> list[int]:
        """Where the values begin that a cue of this label announces, with no other cue and no sentence end between.

        A value may begin with a short prefix („PL 61…”, „ABC 123456”): then both beginnings are given.
        """
        starts: list[int] = []
        for index, (end, found) in enumerate(self._cues):
            if found != label:
                continue
            between = _WORDS_BETWEEN.match(self.folded, end, end + _REACH + 12)
            if not between or _BREAK.search(self.text, end, between.end()):
                continue
            if index + 1 < len(self._cues) and self._cues[index + 1][0] <= between.end():
                continue  # another cue is nearer
            written = self.folded.upper() if label in _LETTERED else self.text
            prefix = _SHORT_PREFIX.search(written, max(end, between.end() - 4), between.end())
            starts += [prefix.start(), between.end()] if prefix else [between.end()]
        return starts
