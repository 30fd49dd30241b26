"""Patterns and tables for days as people write them, Polish and English; all are matched against folded text."""

from __future__ import annotations

import re
from typing import Final

MONTHS: Final = {
    stem: number
    for number, stems in enumerate(
        (
            "stycz jan",
            "lut feb",
            "marc mar",
            "kwie apr",
            "maj may",
            "czerw jun",
            "lip jul",
            "sierp aug",
            "wrzes sep",
            "pazdz oct",
            "listop nov",
            "grud dec",
        ),
        start=1,
    )
    for stem in stems.split()
}
MONTH: Final = (
    r"(?P<month>styczn\w+|lut(?:y|ego|ym)|mar(?:zec|ca|cu|cem)|kwie(?:cien|tni\w+)|maj(?:a|u|em)?|czerw(?:iec|ca|cu)"
    r"|lip(?:iec|ca|cu)"
    r"|sierp(?:ien|ni\w+)|wrzes(?:ien|ni\w+)|pazdziernik\w*|listopad\w*|grud(?:zien|ni\w+)"
    r"|jan(?:uary)?|feb(?:ruary)?|march|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?(?!\w)"
)
WEEKDAYS: Final = (
    ("poniedzial", "monday"),
    ("wtor", "tuesday"),
    ("srod", "wednesday"),
    ("czwart", "thursday"),
    ("piat", "friday"),
    ("sobot", "saturday"),
    ("niedziel", "sunday"),
)
WEEKDAY: Final = (
    r"(?P<weekday>poniedzial\w+|wtor(?:ek|ku|kiem)|srod[aeyę]|czwart(?:ek|ku|kiem)|piat(?:ek|ku|kiem)|sobot[aeyę]"
    r"|niedziel[aeię]\w?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
NUMBERS: Final = {
    "jeden": 1,
    "jedna": 1,
    "jednego": 1,
    "dwa": 2,
    "dwie": 2,
    "dwoch": 2,
    "trzy": 3,
    "trzech": 3,
    "cztery": 4,
    "czterech": 4,
    "piec": 5,
    "pieciu": 5,
    "szesc": 6,
    "szesciu": 6,
    "siedem": 7,
    "siedmiu": 7,
    "osiem": 8,
    "osmiu": 8,
    "dziewiec": 9,
    "dziewieciu": 9,
    "dziesiec": 10,
    "dziesieciu": 10,
    "jedenascie": 11,
    "jedenastu": 11,
    "dwanascie": 12,
    "dwunastu": 12,
    "czternascie": 14,
    "czternastu": 14,
    "pietnascie": 15,
    "osiemnascie": 18,
    "dwadziescia": 20,
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "couple of": 2,
    "a couple of": 2,
    "pol": 0,
    "half a": 0,
}
COUNT: Final = r"(?:(?P<count>\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")\s+)?"
UNIT: Final = (
    r"(?P<unit>dni(?:a|ach)?|dzien|days?|tyg(?:odn\w+|odzien|\.)?|weeks?|mies(?:iac\w*|iec\w*|\.)?|mc|m-c[ye]?|months?"
    r"|lat\w{0,2}|rok\w{0,2}|years?)"
)
YEAR: Final = (
    r"(?:\s*(?P<year>(?:19|20)\d{2})(?!\d)|\s+(?P<relative>br|b\.r|ub\.? ?r|ub\.? roku|zeszlego roku|ubieglego roku"
    r"|tego roku|this year|last year))?"
)

FULL: Final = re.compile(
    r"(?<![\w./-])(?P<day>\d{1,2})\s?[./-]\s?(?P<month>\d{1,2})\s?[./-]\s?(?P<year>20\d{2}|\d{2})(?![\w/-]|\.\d)"
)
ISO: Final = re.compile(r"(?<![\w./-])(?P<year>20\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?![\w-])")
SHORT: Final = re.compile(
    r"(?<![\w.,/-])(?P<day>\d{1,2})\.(?P<month>0[1-9]|1[0-2])(?![\w/-]|\.\d| ?(?:zl|pln|%|mm|cm|kg|eur|tys|euro|v|ah"
    r"|h\b|km))|(?<![\w.,/-])(?:(?<=dnia )|(?<=od )|(?<= do )|(?<= z ))(?P<day2>\d{1,2})\.(?P<month2>[1-9])(?![\w/-]"
    r"|\.\d| ?(?:zl|pln|%|mm|cm|kg))"
)
ROMAN: Final = re.compile(
    r"(?<![\w.])(?P<day>\d{1,2})[ .](?P<month>i{1,3}|iv|vi{0,3}|ix|xi{0,2})(?:[ .](?P<year>20\d{2}))?(?![\w])"
)
NAMED: Final = re.compile(rf"(?<![\w.,])(?P<day>\d{{1,2}})(?:-?(?:st|nd|rd|th|go|ego))?\.?\s+(?:of\s+)?{MONTH}{YEAR}")
NAMED_US: Final = re.compile(
    rf"(?<!\w){MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.])(?:,?\s+(?P<year>20\d{{2}}))?(?:(?P<relative>)(?!)"
    rf")?"
)
MONTH_YEAR: Final = re.compile(
    rf"(?<![\d.] )(?<!\w)(?:{MONTH}\s+(?P<year>20\d{{2}})|(?P<number>0[1-9]|1[0-2])[./](?P<year2>20\d{{2}}))(?![\w/-]"
    rf"|\.\d)"
)
YEAR_ALONE: Final = re.compile(
    r"(?<!\w)(?:kupion\w+|zakup\w*|bought|purchased|od|since|from|in|w|z)(?: (?:in|w|z|roku|r\.))? (?P<year>20[012]\d"
    r"|19[89]\d)(?:(?: r\.| roku)|(?![\w/-]|\.\d| (?:zl|pln|szt)))"
)
MONTH_ALONE: Final = re.compile(rf"(?<!\w)(?:w|we|od|in|since|from|last|z)\s+{MONTH}(?!\s*\d)")
WORDS: Final = {
    "przedwczoraj": -2,
    "wczoraj": -1,
    "wczorajsz": -1,
    "dzis": 0,
    "dzisiaj": 0,
    "jutro": 1,
    "pojutrze": 2,
    "yesterday": -1,
    "today": 0,
    "tomorrow": 1,
    "last night": -1,
    "this morning": 0,
    "day before yesterday": -2,
}
WORD: Final = re.compile(
    r"(?<!\w)(?P<word>day before yesterday|przedwczoraj|wczoraj(?:sz(?=\w))?|dzisiaj|dzis|jutro|pojutrze|yesterday"
    r"|today|tomorrow|last night|this morning)(?:\w{0,3})(?!\w)"
)
ON_WEEKDAY: Final = re.compile(
    rf"(?<!\w)(?P<which>(?:w |we |od |do |na |z )?(?:zeszl\w+|ubiegl\w+|ostatni\w+|miniony|najblizsz\w+|przyszl\w+)"
    rf"|last|this|next|on|since|by|until|do|od|we|w|z|na|before)\s+{WEEKDAY}(?!\w)"
)
AGO: Final = re.compile(
    rf"(?<!\w){COUNT}{UNIT}\s+(?:temu|ago)(?!\w)|(?<!\w)przed\s+(?P<count2>\w+)\s+(?P<unit2>tygodni\w+|dniami"
    rf"|miesiac\w+|laty)"
)
LASTING: Final = re.compile(
    rf"(?<!\w)(?:(?:juz |prawie |ponad |jakies |okolo )?od(?:\s+(?:ponad|okolo|jakichs|jakis|prawie|dobrych))?"
    rf"|for(?:\s+(?:about|over|almost|the last|the past))?|minel[ayo](?:\s+juz)?|minal)\s+{COUNT}{UNIT}(?!\w)"
)
AGED: Final = re.compile(
    rf"(?<!\w)(?:(?:ma(?:\s+(?:juz|dopiero|ledwo|niecale))?|po)\s+{COUNT}{UNIT}(?!\w)"
    rf"|(?<! a )(?<!my )(?<!our )(?P<count2>\d{{1,3}}|\w+)[ -](?P<unit2>days?|weeks?|months?|years?)[ -]old)"
)
LAST_UNIT: Final = re.compile(
    r"(?<!\w)(?:(?:w |od )?(?:zeszl|ubiegl|minion)\w+\s+(?P<unit>tygod\w+|miesia\w+|rok\w*)|last\s+(?P<unit2>week"
    r"|month|year))(?!\w)"
)
HOLIDAY: Final = re.compile(
    r"(?<!\w)(?:od|przed|po|na|w|since|before|after|at|over)\s+(?P<name>swiat|swiet(?:a|ach|ami|om)|bozego narodzenia"
    r"|wielkanoc\w*|sylwest\w+|nowego roku|christmas|easter|new year\w*)(?! (?:pracy|czy))(?!\w)"
)
NTH_DAY: Final = re.compile(
    r"(?<![\w.,])(?P<nth>\d{1,2}|dziewiaty|dziesiaty|jedenasty|osmy|siodmy|trzynasty)\.?(?:-?(?:th|st|nd|rd|y"
    r"|ty))?\s+(?:dzien|day)(?!\w)"
)
