"""Products and models: the five lines by name or model, other goods by their everyday noun in Polish or English.

>>> [f.value for f in find(Passage("ekspres brewone k400, pralki AquaSpin; my router"))]
['BrewOne K400', 'K400', 'AquaSpin W7', 'ekspres', 'pralka', 'router']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from triage.domain.sought import Sought
from triage.recognisers.facts.finding import Finding, Passage

# line, what may be written of it, model
_LINES: Final = (
    (
        "BrewOne K400",
        re.compile(r"(?<!\w)(?:brew ?one(?:[ -]*(?P<model>k[ -]?400))?|(?P<alone>k[ -]?400))(?!\d)"),
        "K400",
    ),
    (
        "AquaSpin W7",
        re.compile(r"(?<!\w)(?:aqua ?spin\w{0,3}(?:[ -]*(?P<model>w7(?: 1400)?))?|(?P<alone>w7(?: 1400)?))(?![\w-])"),
        "W7 1400",
    ),
    (
        "TorqFix D18",
        re.compile(r"(?<!\w)(?:torq ?fix\w{0,3}(?:[ -]*(?P<model>d[ -]?18))?|(?P<alone>d18))(?!\w)"),
        "D18",
    ),
    ("NetBox R3", re.compile(r"(?<!\w)(?:net ?box\w{0,3}(?:[ -]*(?P<model>r3))?)(?!\w)(?P<alone>)"), "R3"),
    ("VoltRide C5", re.compile(r"(?<!\w)(?:volt ?rid\w{1,3}(?:[ -]*(?P<model>c5))?|(?P<alone>c5))(?!\w)"), "C5"),
)
_NOUNS: Final = {
    "ekspres": r"ekspres\w{0,3}|kawiark\w+|coffee (?:machine|maker)",
    "pralka": r"pral(?:k|ec)\w{1,3}|washing machine|washer",
    "pralko-suszarka": r"pralko-?suszark\w+|washer-dryer",
    "suszarka": r"suszar\w{2,4}|dryer",
    "zmywarka": r"zmywar\w{2,4}|dishwasher",
    "lodówka": r"lodow(?:k|ec)\w{1,3}|chlodziark\w+|fridge|refrigerator",
    "zamrażarka": r"zamrazar\w{2,4}|freezer",
    "piekarnik": r"piekarnik\w{0,3}|oven",
    "płyta": r"plyt[aey] indukcyjn\w+|hob",
    "mikrofalówka": r"mikrofal\w+|kuchenk\w+|microwave",
    "odkurzacz": r"odkurzacz\w{0,3}|vacuum(?: cleaner)?|hoover",
    "czajnik": r"czajnik\w{0,3}|kettle",
    "toster": r"toster\w{0,3}|toaster",
    "blender": r"blender\w{0,3}|mikser\w{0,3}|mixer",
    "żelazko": r"zelaz(?:k|ek)\w{0,3}",
    "router": r"router\w{0,3}",
    "laptop": r"laptop\w{0,3}|notebook",
    "telefon": r"telefon\w{0,3}(?! (?:na|do|kontakt|kom))|smartfon\w{0,3}"
    r"|smartphone|phone(?! (?:me|call|number))",
    "tablet": r"tablet\w{0,3}",
    "telewizor": r"telewizor\w{0,3}|tv|television",
    "monitor": r"monitor\w{0,3}",
    "drukarka": r"drukar\w{2,4}|printer",
    "słuchawki": r"sluchaw\w{2,4}|headphones|earbuds|headset",
    "głośnik": r"glosnik\w{0,3}|soundbar\w{0,2}|speaker",
    "aparat": r"aparat\w{0,3}|kamer\w{1,3}|camera",
    "zegarek": r"zegar(?:ek|k\w+)|smartwatch\w{0,3}|watch",
    "ładowarka": r"ladowar\w{2,4}|charger",
    "powerbank": r"power ?bank\w{0,3}",
    "bateria": r"bateri\w{1,3}|akumulator\w{0,3}|battery",
    "rower": r"rower\w{0,3}|e-?bike|bicycle|bike",
    "hulajnoga": r"hulajn\w{2,4}|scooter",
    "wkrętarka": r"wkretar\w{2,4}|wiertar\w{2,4}|cordless drill|drill",
    "kosiarka": r"kosiar\w{2,4}|lawnmower|mower",
    "piła": r"pil[aey] (?:tarczow|lancuchow)\w+|chainsaw",
    "buty": r"but(?:y|ow|ami)|shoes|boots|sneakers",
    "kurtka": r"kurt(?:k|ec)\w{1,3}|jacket",
    "plecak": r"plecak\w{0,3}|backpack",
    "walizka": r"waliz\w{2,4}|suitcase",
    "meble": r"mebl\w{1,3}|szaf\w{1,3}|kanap\w{1,3}|sof\w{1,3}|stol\w{0,3}|krzes\w{2,4}|fotel\w{0,3}|lozk\w{1,3}"
    r"|materac\w{0,3}|naroznik\w{0,3}|sofa|table|chairs?|mattress|wardrobe|desk",
    "lampa": r"lamp\w{1,3}|zyrandol\w{0,3}",
    "wózek": r"woz(?:ek|k\w+) dzieciec\w+|stroller|pram",
    "fotelik": r"fotelik\w{0,3}|car seat",
    "opony": r"opon\w{1,3}|tyres?",
    "grzejnik": r"grzejnik\w{0,3}|farelk\w+|heater",
    "klimatyzator": r"klimatyzator\w{0,3}|air conditioner",
    "suszarka do włosów": r"hair ?dryer",
}
_NOUN: Final = Sought(
    r"\b(?<!-)(?:" + "|".join(f"(?P<n{number}>{words})" for number, words in enumerate(_NOUNS.values())) + r")(?![\w])"
)
_NAMES: Final = tuple(_NOUNS)
_MODEL: Final = re.compile(r"(?<!\w)model\w{0,3}[ :]+(?P<model>(?=[\w-]*\d)[a-z][\w-]+(?: \d{2,5})?)")


def find(passage: Passage) -> Iterator[Finding]:
    """Named lines with their models, other models the text names, and everyday nouns."""
    for name, pattern, model in _LINES:
        for match in pattern.finditer(passage.folded):
            yield Finding("product", name, match.start(), match.end(), 0.97)
            group = "model" if match["model"] else "alone"
            if match[group]:
                yield Finding("model", model, *match.span(group), 0.95)
    for match in _MODEL.finditer(passage.folded):
        yield Finding("model", match["model"].upper(), *match.span("model"), 0.8)
    for match in _NOUN.finditer(passage.folded):
        yield Finding("product", _NAMES[int(str(match.lastgroup)[1:])], match.start(), match.end(), 0.8)
