"""What is wrong with the goods, in the customer's words.

>>> [f.value for f in find(Passage("Pralka nie wiruje i cieknie; the drum won't turn"))]
['nie wiruje', 'cieknie', "won't turn"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.recognisers.facts.finding import Finding, Passage, matches

_WRONG: Final = re.compile(
    r"(?<!\w)(?:nie (?:dzial\w+|wlacza\w*|laduje\w*|wiruje|grzeje|chlodzi|mieli|pompuje|odpompowuje|kreci\w*|laczy\w*"
    r"|reaguje|trzyma\w*|domyka\w*|wspomaga\w*|spienia|swieci\w*|drukuje|startuje|odpala|lapie|pasuje|stabilny|rusza)"
    r"|przestal\w* \w+|zepsu\w+|pek(?:l\w*|ni\w+|a)|cieknie|przecieka\w*|kapie|leje sie|halas\w*|buczy|huczy|wyje"
    r"|piszczy|stuka|trzeszczy|zacina\w*|wiesza\w*|resetuje\w*|wywala|wylacza\w*|przegrzewa\w*|dym\w*|smierdzi|iskrz\w+"
    r"|uszkodz\w+|wgniec\w+|wgnieci\w+|porysowan\w+|rys[aey]|odpada\w*|odpadl\w*|odkleil\w*|odkleja\w*|spuchni\w+"
    r"|luz\w*|awari\w+|usterk\w+|wad[aeyę]|zwarcie|letnia kawa|kawa (?:jest )?letnia|blad|blednie"
    r"|(?:won't|doesn't|does not|will not|cannot|can't|didn't|isn't|not) (?:turn\w*|start\w*|work\w*|charg\w+|heat\w*"
    r"|cool\w*|spin\w*|drain\w*|connect\w*|open\w*|close\w*|switch\w*|boot\w*|respond\w*|grind\w*|power\w*|print\w*)"
    r"|stopped \w+|broken|broke|crack\w*|leak\w*|dent\w*|fail(?:s|ed|ing)?|fault\w*|defect\w*|nois[ye]\w*|smok(?:e|ed"
    r"|ing)|reboots?|rebooting|freez\w+|dead|died|swollen|overheat\w*|damaged|scratch\w*|smashed)(?!\w)"
)


def find(passage: Passage) -> Iterator[Finding]:
    """Words for a fault."""
    yield from matches("fault", passage, _WRONG, 0.75)
