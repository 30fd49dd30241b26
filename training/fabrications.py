"""Fabrications: good letters made wrong in one known place, by a seeded program; and good letters edited harmlessly.

Each fabrication changes or adds one thing a customer could rely on: a date, amount, article, term, product, code, name,
address, promise, decision, or an unlawful condition. The checker flags it when a finding that needs a person (block or
confirm) overlaps the changed place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from triage.domain.notation import write_date
from triage.domain.reply import Draft

Change = tuple[str, int, int]
"""The new body and the span of what was changed in it."""

_DATE = {"pl": re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{4}\b"), "en": re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b")}
_ARTICLE = {"pl": re.compile(r"art\. (\d+[a-z]?)"), "en": re.compile(r"Articles? (\d+[a-z]?)")}
_TERM = {"pl": re.compile(r"\b(14|2) (dni|lata)\b"), "en": re.compile(r"\b(14|2) (days|years)\b")}
_AMOUNT = re.compile(r"\d[\d\u00a0,]*[.,]\d\d(?=\u00a0zł)|(?<=PLN )\d[\d,]*\.\d\d")
_CODE = re.compile(r"\b[A-Z]\d{2}\b")
_PRODUCT = re.compile(r"\b(?:BrewOne K400|AquaSpin W7(?: 1400)?|TorqFix D18|NetBox R3|VoltRide C5)\b")
_NUMBER = re.compile(r"(?<=zamówienie nr )\d+|(?<=order no\. )\d+|RMA/2026/\d+")
_PRODUCTS = ("BrewOne K500", "AquaSpin W9", "TorqFix D24", "NetBox R5", "VoltRide S2", "FrostLine F3")
_INSERTED: dict[str, dict[str, tuple[str, ...]]] = {
    "pl": {
        "amount": (
            "Koszt naprawy wyniesie 349,00 zł.", "Opłata za odbiór to 29,99 zł.", "Wartość sprzętu oceniamy na "
            "2 150 zł.",
            "Diagnoza kosztuje 89 zł.",
        ),
        "promise": (
            "Nowy egzemplarz wyślemy jutro kurierem.", "Zwrócimy Państwu całą kwotę w ciągu 3 dni.",
            "Technik przyjedzie do Państwa w piątek.", "Gwarantujemy, że usterka już nie wystąpi.",
            "Przedłużymy gwarancję o rok.", "Oddzwonimy dziś do godziny 18.", "Otrzymają Państwo rabat na "
            "kolejne zakupy.",
            "Wypożyczymy Państwu urządzenie zastępcze.", "Reklamacja została uznana.", "Pieniądze przelejemy na "
            "konto.",
        ),
        "address": (
            "Formularz jest na stronie https://domex-serwis24.example.net/zwrot.", "Prosimy pisać na "
            "biuro@inna-firma.pl.",
            "Szczegóły: www.reklamacje-online.com.", "Prosimy dzwonić: 22 555 12 34.",
            "Wpłaty prosimy kierować na rachunek 61 1090 1014 0000 0712 1981 2874.",
        ),
        "name": (
            "Sprawą zajmuje się pan Tomasz Wierzbicki.", "Decyzję podjęła kierownik Anna Sowińska.",
            "W razie pytań pomoże Krystian Malec.", "Badanie wykonał serwis Elektronik Radom.",
        ),
        "unlawful": (
            "Warunkiem rozpatrzenia jest oryginalne opakowanie.", "Bez paragonu reklamacja nie będzie przyjęta.",
            "Na rozpatrzenie mamy 30 dni.", "Koszt wysyłki do serwisu ponosi klient.", "Nasza decyzja jest "
            "ostateczna.",
            "Prosimy zwrócić się bezpośrednio do producenta.", "Zwrot możliwy jest wyłącznie w formie bonu.",
            "Bez protokołu szkody nie przyjmujemy reklamacji.", "Towar z outletu nie podlega reklamacji.",
            "Prosimy usunąć negatywną opinię.", "Za niezasadną reklamację naliczymy opłatę 150 zł.",
        ),
        "legal": (
            "Zgodnie z art. 556 Kodeksu cywilnego odpowiedzialność jest wyłączona.",
            "Rękojmia wygasła po roku.", "Ustawa przewiduje w tym przypadku 6 tygodni.",
            "Nie ponosimy odpowiedzialności za zużycie.",
        ),
    },
    "en": {
        "amount": ("The repair will cost PLN 349.00.", "The collection fee is 29.99 PLN.", "The diagnosis costs "
        "EUR 40."),
        "promise": (
            "We will ship a new unit tomorrow.", "We will refund the full price within 3 days.",
            "A technician will visit you on Friday.", "We guarantee that the fault will not return.",
            "Your complaint has been accepted.", "You will receive a discount on your next order.",
            "We will extend the guarantee by a year.",
        ),
        "address": (
            "The form is at https://domex-service24.example.net/return.", "Please write to office@other-company.com.",
            "Details: www.claims-online.com.", "Please call 22 555 12 34.",
        ),
        "name": (
            "Your case is handled by Mr Thomas Bradley.", "The decision was taken by our manager Anne Sowinska.",
            "The examination was done by Elektronik Radom.",
        ),
        "unlawful": (
            "The original box is required.", "Without a receipt we cannot accept a complaint.",
            "We have 30 days to reply to your complaint.", "Shipping must be paid by you.", "Our decision is final.",
            "Please contact the manufacturer directly.", "A refund is possible only as store credit.",
            "Please remove your negative review.",
        ),
        "legal": (
            "Under Article 556 of the Civil Code liability is excluded.", "The guarantee expires after one year.",
            "By law you have 6 weeks in this case.",
        ),
    },
}  # fmt: skip
_HARMLESS = {
    "pl": (
        "Dziękujemy za dokładny opis.", "Dziękujemy za cierpliwość.", "Prosimy o spokojne sprawdzenie tych "
        "informacji.",
        "Zdjęcia ułatwią ocenę.", "W razie pytań prosimy odpowiedzieć na tę wiadomość.",
        "Numer sprawy prosimy podać w tytule wiadomości.", "Rozumiemy, że to uciążliwe.",
        "Wiadomość dołączyliśmy do akt sprawy.", "Prosimy zachować to pismo.", "Życzymy miłego dnia.",
        "Opisany objaw jest dla nas zrozumiały i nie wymaga dodatkowych pytań.",
        "Prosimy przygotować urządzenie, czyli opróżnić je i zabezpieczyć przewód.",
        "Jeżeli objaw się zmieni, prosimy opisać to w odpowiedzi.", "Zdjęcie może być zrobione telefonem.",
        "Prosimy nie rozkręcać obudowy.", "Adres do korespondencji jest w stopce pisma.",
        "Wystarczy zdjęcie tabliczki znamionowej, nie trzeba przepisywać numeru.",
        "Dokładamy starań, aby sprawa była załatwiona bez zbędnej zwłoki.",
        "Pismo przekazujemy e-mailem; na życzenie prześlemy je także pocztą.",
        "Prosimy o informację, w jakich godzinach najłatwiej się z Państwem skontaktować.",
    ),
    "en": (
        "Thank you for the exact description.", "Thank you for your patience.", "Photos make the assessment easier.",
        "If you have questions, please reply to this message.", "Please put the case number in the subject line.",
        "We understand that this is annoying.", "Your message has been added to the file.", "Please keep this "
        "letter.",
        "Have a nice day.", "If the symptom changes, please describe it in your reply.",
        "A photo taken with a phone is fine.", "Please do not open the housing.",
        "Please tell us at what time of day you can be reached.", "This letter is sent by e-mail; on request "
        "also by post.",
        "Please empty the device and secure the cable.", "A photo of the rating plate is enough.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fabrication:
    """A letter made wrong in one place: what kind of wrong, and where."""

    kind: str
    draft: Draft
    start: int
    end: int


def fabricate(draft: Draft, chance: random.Random) -> Iterator[Fabrication]:
    """Every kind of fabrication the letter allows, one of each, with seeded choices."""
    for kind, change in _CHANGES.items():
        changed = change(draft, chance)
        if changed:
            body, start, end = changed
            yield Fabrication(kind, replace(draft, body=body, sentences=(), composer="agent:test"), start, end)
    for kind, texts in _INSERTED[draft.language].items():
        body, start, end = _insert(draft.body, chance.choice(texts), chance)
        yield Fabrication(f"added {kind}", replace(draft, body=body, sentences=(), composer="agent:test"), start, end)


def edit_harmlessly(draft: Draft, chance: random.Random) -> Draft:
    """The letter as a careful agent may change it: a polite sentence more, a dispensable line less."""
    body, _, _ = _insert(draft.body, chance.choice(_HARMLESS[draft.language]), chance)
    body = body.replace(" Oryginalne opakowanie nie jest potrzebne.", "").replace(" Any strong box will do.", "")
    return replace(draft, body=body, sentences=(), composer="agent:test")


def _insert(body: str, sentence: str, chance: random.Random) -> Change:
    """Add a sentence at the end of a paragraph between salutation and signature."""
    paragraphs = body.split("\n\n")
    place = chance.randrange(2, max(3, len(paragraphs) - 2))
    start = len("\n\n".join(paragraphs[: place + 1])) + 1
    paragraphs[place] += f" {sentence}"
    return "\n\n".join(paragraphs), start, start + len(sentence)


def _replace(body: str, match: re.Match[str], text: str, group: int = 0) -> Change:
    start, end = match.span(group)
    return body[:start] + text + body[end:], start, start + len(text)


def _pick(pattern: re.Pattern[str], body: str, chance: random.Random, *, after: int = 0) -> re.Match[str] | None:
    found = [match for match in pattern.finditer(body) if match.start() >= after]
    return chance.choice(found) if found else None


def _wrong_date(draft: Draft, chance: random.Random) -> Change | None:
    salutation = draft.body.find("\n\n")  # the letter's own date stands before it
    match = _pick(_DATE[draft.language], draft.body, chance, after=max(0, salutation))
    if match is None:
        return None
    wrong = date(2027, 1, 4) + timedelta(days=chance.randrange(0, 300))
    wrong = chance.choice((wrong, wrong - timedelta(days=600)))
    return _replace(draft.body, match, write_date(wrong, draft.language))


def _shifted_date(draft: Draft, chance: random.Random) -> Change | None:
    """One to five days off: the error nobody sees."""
    match = _pick(
        re.compile(r"(?<![\d.])(\d{1,2})(?=\.\d{1,2}\.\d{4}| [A-Z][a-z]+ \d{4})"), draft.body, chance, after=40
    )
    if match is None:
        return None
    day = (int(match[1]) + chance.choice((1, 2, 3, 5)) - 1) % 28 + 1
    return _replace(draft.body, match, str(day), 1) if day != int(match[1]) else None


def _dropped_negation(draft: Draft, chance: random.Random) -> Change | None:
    """A sentence of the template turned into its opposite."""
    match = _pick(re.compile(r"[^.\n]{15,}\b(?:nie|not) [^.\n]{10,}\."), draft.body, chance, after=40)
    if match is None:
        return None
    return _replace(draft.body, match, re.sub(r"\b(?:nie|not) ", "", match[0], count=1))


def _misprinted_number(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_NUMBER, draft.body, chance)
    if match is None:
        return None
    digits = match[0]
    wrong = digits[:-1] + str((int(digits[-1]) + chance.randrange(1, 9)) % 10)
    return _replace(draft.body, match, wrong)


def _wrong_amount(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_AMOUNT, draft.body, chance)
    wrong = f"{chance.randrange(311, 977)}{',' if draft.language == 'pl' else '.'}{chance.randrange(10, 99)}"
    return _replace(draft.body, match, wrong) if match else None


def _wrong_article(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_ARTICLE[draft.language], draft.body, chance)
    return _replace(draft.body, match, str(chance.choice((556, 568, 627, "22c", 405))), 1) if match else None


def _wrong_term(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_TERM[draft.language], draft.body, chance)
    return _replace(draft.body, match, str(chance.choice((5, 21, 45, 60))), 1) if match else None


def _wrong_product(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_PRODUCT, draft.body, chance)
    return _replace(draft.body, match, chance.choice(_PRODUCTS)) if match else None


def _wrong_code(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_CODE, draft.body, chance)
    return _replace(draft.body, match, f"{chance.choice('ABCH')}{chance.randrange(70, 99)}") if match else None


def _wrong_number(draft: Draft, chance: random.Random) -> Change | None:
    match = _pick(_NUMBER, draft.body, chance)
    return _replace(draft.body, match, str(chance.randrange(60_000, 99_999))) if match else None


_CHANGES: dict[str, Callable[[Draft, random.Random], Change | None]] = {
    "date": _wrong_date,
    "shifted date": _shifted_date,
    "dropped negation": _dropped_negation,
    "misprinted number": _misprinted_number,
    "amount": _wrong_amount,
    "article": _wrong_article,
    "term": _wrong_term,
    "product": _wrong_product,
    "code": _wrong_code,
    "number": _wrong_number,
}
