"""Words that say nothing about a query's subject, Polish (with and without diacritics) and English.

Kept short on purpose: „nie”, „bez”, "not", "without" and "off" carry meaning in fault descriptions and stay.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Final

_POLISH: Final = """
a aby ach albo ale ale az aż bo by byc być byl był byla była bylo było byly były bardzo będzie bedzie będą beda chce
chcę ci cię cie co coś cos czy czyli dla do dlaczego gdy gdzie go i ich ile im ja jak jaka jaką jaki jakie jakiego
jakiej jakich jako je jego jej jest jestem jeszcze jeśli jesli jezeli jeżeli już juz ją kiedy kto ktora która ktore
które ktorego którego ktorej której ktory który ktorych których ku lub ma mają maja mam mi mną mna mnie moje mój moj
moja można mozna mu musi muszę musze na nad nam nas nasz nasza nasze niech nim nimi nich no o od oraz po pod ponieważ
poniewaz powinien powinna powinno proszę prosze przez przy są sa się sie sobie swój swoj ta tak taka taki takie tam te
tego tej ten też tez to tobie tu tutaj twoj twój ty tych tylko tym tymi u w wam was we więc wiec wtedy wy z za ze że
zeby żeby witam dzień dzien dobry
"""
_ENGLISH: Final = """
a about am an and any are as at be been being but by can could did do does doing for from had has have having he her
here hers him his how i if in into is it its itself just me my of on or our ours she should so some such than that the
their theirs them then there these they this those to too us was we were what when where which while who whom whose
why will with would you your yours hello hi please
"""

# A letter alone is what a hyphen left of „e-mail” or „E-18”.
STOP_WORDS: Final = frozenset(_POLISH.split()) | frozenset(_ENGLISH.split()) | frozenset(ascii_lowercase)
# Words of the one list that are words of the other language too.
_OF_BOTH: Final = frozenset({"go", "ten", "on", "no", "an", "am", "me", "her", "his", "is", "at", "as", "if", "so"})
POLISH_ONLY: Final = frozenset(_POLISH.split()) - frozenset(_ENGLISH.split()) - _OF_BOTH
ENGLISH_ONLY: Final = frozenset(_ENGLISH.split()) - frozenset(_POLISH.split()) - _OF_BOTH
