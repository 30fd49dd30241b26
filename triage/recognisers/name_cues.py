"""Words that stand before or after a person's name: titles, introductions, roles, closings. Matched on folded text."""

from __future__ import annotations

import re
from typing import Final

TITLE: Final = re.compile(
    r"(?<![\w@.-])(?:pan(?:a|u|em|ie|i|ia|stwo|stwa|stwu|owie)?|p\.|mr|mrs|ms|miss|mister|sir|dr|mec\.?|mecenas\w*"
    r"|adw\.?|inz\.?|mgr|prof\.?|ks\.?|herr|frau)\.?"
    r"(?: (?:dr|inz|mgr|mec|prof|hab|red)\.?)* "
)
ENGLISH_TITLE: Final = re.compile(r"m(?:r|rs|s|iss|ister)\.? $")
GREETING: Final = re.compile(
    r"(?<![\w@])(?:czesc|hej|witaj|drog[ai]|kochan[ay]|szanown[ya] pani?e?|dear|hi|hello|hey|good (?:morning|afternoon"
    r"|evening))[ ,]+"
)
SELF: Final = re.compile(
    r"(?<!\w)(?:nazywam sie|mam na imie|jestem(?= [a-z]+ [a-z]+sk[ia]\b)|tu(?= [a-z]+ [a-z]+)|mowi|na nazwisko"
    r"|nazwisko(?: i imie)?|imie i nazwisko(?: \w+)?|imie"
    r"|my name is|name'?s|full name|this is|mein name ist|ich heisse|мене звати|меня зовут)(?: to"
    r"| is)?[ \t]*[:,-]?[ \t]*"
)
PARTY: Final = re.compile(
    r"(?<!\w)(?:podpis(?:ano|al|ala|any)?|klient(?:k?[aiy])?|odbiorca|adresat|nadawca|zglaszajac[ya]|kupujac[ya]"
    r"|nabywca|reklamujac[ya]|konsument\w*|wlasciciel(?:em|ka)?"
    r"|dane(?: do \w+)?|osoba kontaktowa|kontakt|do rak|posiadacz\w*|w imieniu|name|i am|i'm|signed(?: by)?"
    r"|on behalf of|customer(?: name)?|recipient|sender|account holder"
    r"|contact person|contact|attn|beneficjent)(?: to| is)?[ \t]*[:,-]?[ \t]*"
)
AFTERWARDS: Final = re.compile(r" (?:z tej strony|speaking)(?!\w)")
WITH: Final = re.compile(
    r"(?<!\w)(?:rozmawia\w+|rozmow\w+|umawia\w+|umowi\w+|umowion\w+|kontaktowa\w+|ustali\w+|uzgodni\w+|skontaktowa\w+"
    r"|obieca\w+|przekaza\w+|dzwoni\w+|zadzwoni\w+|oddal\w+ \w+|upowaznieni\w+|spoke|spoken|talk\w*|met|chat\w*|ask"
    r"|pass\w* \w+|(?:complaint|told|promised|handled|signed|sent|issued|written|served|called)(?= by)|under the name"
    r"|in the name|name)"
    r"(?: \w{2,10})?(?: sie)?(?: (?:z|ze|do|od|dla|to|with|of|for|by))? "
)
ROLE: Final = re.compile(
    r"(?<!\w)(?:brygadzist\w*|kierowni[kc]\w*|konsultant\w*|serwisant\w*|techni[kc]\w{0,4}|doradc\w+|kurier\w*"
    r"|inzynier\w*|prezes\w*|dyrektor\w*|sprzedawc\w+|kasjer\w*|mechani[kc]\w*|monter\w*|"
    r"sasiad\w*|zon[aeyo]|maz|mezem|meza|mezowi|syn\w{0,3}|cork\w+|corc\w+|mam[aey]|tat[ay]|brat\w{0,4}|siostr\w+"
    r"|ziec\w*|kolezank\w+|koleg\w*|znajom\w+|szef\w*|pracowni[kc]\w*|wnu(?:k|cz)\w*|babci\w*|dziad\w+|"
    r"agent|technician|engineer|manager|colleague|driver|husband|wife|son|daughter|brother|sister|neighbour|neighbor"
    r"|advisor|adviser|rep|assistant) "
)
CLOSING: Final = re.compile(
    r"(?<!\w)(?:pozdrawiam\w*|pozdrowienia|pozdro?|z powazaniem|z wyrazami szacunku|z gory dziekuj[ea](?:my)?"
    r"|dziekuj[ea](?:my)?|(?:kind|best|warm)?(?: |^)?regards|best wishes|all the best|best|thanks(?: a lot| again)?"
    r"|many thanks|"
    r"thank you|thx|cheers|yours(?: sincerely| faithfully| truly)?|sincerely|mit freundlichen grußen|з повагою"
    r"|z powazaniem,)"
    r"(?: (?:serdecznie|i pozdrawiam|z gory|in advance|i zycze milego dnia))?[ \t]*[,.!-]*[ \t]*(?:\n[ \t]*){0,3}(?:[-"
    r"–] ?)?"
)
