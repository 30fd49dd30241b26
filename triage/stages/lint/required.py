"""Required elements: what the reply standard asks of each kind of letter (P11, section 5.1 of the reply standard)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.domain.deadline import Origin
from triage.domain.folding import fold
from triage.domain.reply import Finding, Severity
from triage.stages.lint.dates import REPLY_CLOCKS
from triage.stages.lint.elements import (
    ANSWERING,
    COMPLAINT_REPLIES,
    ELEMENTS,
    RECEIPTS,
    REFUSALS,
    SAFETY_KINDS,
)
from triage.stages.lint.matter import Matter

_ADR_CONSENT = re.compile(
    r"(wyrazamy zgode|zgadzamy sie) na udzial w postepowani|we (consent|agree) to (out-of-court|take part)"
)
_ADR_REFUSAL = re.compile(r"(odmawiamy|nie wyrazamy zgody na) udzial\w* w postepowani|we (decline|refuse) to take part")
_ADR_BODY = re.compile(r"inspektor\w* inspekcji handlowej|trade inspection|rzecznik finansowy|prezes uke|koordynator")
# leave to go on using a dangerous product, or to take no notice; a "nie" or "not" before it turns it round
_LEAVE_TO_USE = re.compile(
    r"(?<!nie )\b(?:mozna|wolno|moga panstwo|moze pan[i]?) (?:(?!nie )\w+ ){0,3}"
    r"(?:uzywac|uzytkowac|korzystac|wlaczyc|wlaczac|uruchomic|naladowac|ladowac|podlaczyc|jezdzic)\b"
    r"|\b(?:jest|sa) (?:w pelni |calkowicie )?bezpieczn\w*(?! miejsc| odleg)"
    r"|\bnie ma (?:zadnego )?(?:zagrozeni|niebezpiecz)"
    r"|\byou (?:can|may|should) (?:(?!not )\w+ ){0,2}(?:use|using|continue|charge|switch|turn|ride|plug)\b"
    r"|\b(?:is|are) (?:(?!not )\w+ )?safe to (?:use|charge|ride|switch)|\bthere is no (?:danger|risk|hazard)"
)
_DEMANDS = {
    "NAPRAWA": r"napraw|repair",
    "WYMIANA": r"wymi|nowy egzemplarz|replac|new unit|exchange",
    "OBNIZENIE": r"obniz|reduc",
    "ODSTAPIENIE": r"zwro|odstap|pieni|refund|withdraw",
    "ZWROT14": r"zwro|odstap|odesla|return|withdraw|send .{0,20}back",
    "CZESC": r"czesc|doslan|brakuj|part",
    "ODSZKODOWANIE": r"odszkodow|szkod|roszcze|compensat|damage",
    "PRZEPROSINY": r"przepr|apolog|sorry|regret",
}


def check_required(matter: Matter) -> Iterator[Finding]:
    """Elements missing for the kind, the wrong letter for the case, demands left without an answer."""
    kind, folded = matter.draft.kind, matter.folded
    for element in ELEMENTS:
        if kind in element.kinds and not element.pattern.search(folded):
            yield matter.finding(element.code, element.severity, element.words, source=element.source)
    yield from _wrong_letter(matter)
    yield from _frame(matter)
    if kind in REFUSALS | {"DEDUCTION_NOTICE"} and matter.classification.buyer in ("consumer", "unknown"):
        yield from _adr(matter)
    if kind in RECEIPTS:
        yield from _reply_date(matter)
    if kind in COMPLAINT_REPLIES - REFUSALS:
        yield from _next_date(matter)
    if kind in ANSWERING:
        yield from _demands(matter)


def _wrong_letter(matter: Matter) -> Iterator[Finding]:
    if "SAFETY" in matter.classification.flag_codes and matter.draft.kind not in SAFETY_KINDS:
        words = (
            "Zgłoszenie o zagrożeniu: najpierw tylko wezwanie do zaprzestania używania.",
            "A safety ticket: only the stop-use letter first.",
        )
        yield matter.finding("SAFETY_LETTER_FIRST", Severity.BLOCK, words, source="P10", suggestion="SAFETY_STOP_USE")
    if matter.draft.kind in SAFETY_KINDS:
        yield from _weakened(matter)
    clock = next((deadline for deadline in matter.deadlines if deadline.rule == REPLY_CLOCKS[0]), None)
    if clock is None or clock.met_on or clock.origin is not Origin.STATUTE or clock.legal_due >= matter.today:
        return
    late = clock.legal_due.isoformat()
    if matter.draft.kind in REFUSALS:
        words = (
            f"Termin odpowiedzi minął {late}: reklamację uznaje się za uznaną, odmowa jest niemożliwa.",
            f"The reply was due on {late}: the complaint is deemed accepted and cannot be refused.",
        )
        yield matter.finding("DEEMED_ACCEPTED", Severity.BLOCK, words, source=clock.source, suggestion="UZN_MILCZACO")
    else:
        words = (f"Termin odpowiedzi minął {late}.", f"The reply was due on {late}.")
        yield matter.finding("REPLY_OVERDUE", Severity.CONFIRM, words, source=clock.source)


def _frame(matter: Matter) -> Iterator[Finding]:
    """Case number, salutation, contact and signature."""
    body, identity = matter.draft.body, matter.company.identity
    frame = (
        ("CASE_NUMBER_MISSING", matter.ticket.id in body, "Brak numeru sprawy.", "The case number is missing."),
        (
            "SALUTATION_MISSING",
            _is_addressed(matter),
            "Brak zwrotu grzecznościowego.",
            "The salutation is missing.",
        ),
        ("SIGNATURE_MISSING", identity.get("name", "") in body, "Brak podpisu firmy.", "The signature is missing."),
        (
            "CONTACT_MISSING",
            matter.draft.kind == "THANKS"
            or any(identity.get(key, "\0") in body for key in ("email", "phone", "safety_email")),
            "Brak kontaktu w sprawie.",
            "The contact is missing.",
        ),
    )
    for code, present, pl, en in frame:
        if not present:
            yield matter.finding(code, Severity.CONFIRM, (pl, en), source="P11")


def _is_addressed(matter: Matter) -> bool:
    """Whether the letter opens with a form of address: the usual one, or one of the company's style."""
    tones = matter.company.style.addresses.values()
    salutations = [languages[matter.draft.language].salutation for languages in tones]
    return bool(re.search(r"\b(szanown|dear )", matter.folded)) or any(one in matter.draft.body for one in salutations)


def _adr(matter: Matter) -> Iterator[Finding]:
    consent, refusal = (bool(pattern.search(matter.folded)) for pattern in (_ADR_CONSENT, _ADR_REFUSAL))
    source = "Ustawa z 23.09.2016 o pozasądowym rozwiązywaniu sporów konsumenckich, art. 32"
    if consent == refusal:
        words = (
            "Odmowa wymaga dokładnie jednego oświadczenia o ADR: zgody albo odmowy.",
            "A refusal needs exactly one ADR statement: consent or refusal.",
        )
        yield matter.finding("ADR_STATEMENT", Severity.BLOCK, words, source=source, suggestion="REFUSE_ADR_CONSENT")
    elif consent and not _ADR_BODY.search(matter.folded):
        words = ("Zgoda na ADR musi wymieniać podmiot.", "Consent to ADR must name the body.")
        yield matter.finding("ADR_BODY_MISSING", Severity.BLOCK, words, source=source)
    if not re.search(r"rzecznik\w* konsument|consumer ombudsman", matter.folded):
        words = ("Brak informacji o rzeczniku konsumentów.", "The consumer ombudsman is not mentioned.")
        yield matter.finding("OMBUDSMAN_MISSING", Severity.CONFIRM, words, source="P12")


def _weakened(matter: Matter) -> Iterator[Finding]:
    """A warning that takes itself back, or that is no longer the approved text."""
    if match := _LEAVE_TO_USE.search(matter.folded):
        words = ("Pismo ostrzega i zarazem pozwala używać produktu.", "The letter warns and allows the use at once.")
        yield matter.finding("STOP_USE_CONTRADICTED", Severity.BLOCK, words, match.span(), source="P10")
    if matter.draft.composer.startswith("agent:"):
        words = (
            "To nie jest zatwierdzony tekst ostrzeżenia: proszę przeczytać całość jeszcze raz.",
            "This is no longer the approved warning: read all of it once more.",
        )
        yield matter.finding("STOP_USE_EDITED", Severity.CONFIRM, words, source="P10")


def _reply_date(matter: Matter) -> Iterator[Finding]:
    clock = next((item for rule in REPLY_CLOCKS for item in matter.deadlines if item.rule == rule), None)
    if clock is None or clock.met_on or clock.legal_due < matter.today:
        return
    if not any(named.may_be(clock.legal_due) for named in matter.named_days):
        words = (
            f"Brak ostatniego dnia odpowiedzi ({clock.legal_due.isoformat()}).",
            f"The last day for the reply is missing ({clock.legal_due.isoformat()}).",
        )
        yield matter.finding("REPLY_DATE_MISSING", Severity.CONFIRM, words, source=clock.source)


def _next_date(matter: Matter) -> Iterator[Finding]:
    ahead = [
        named
        for named in matter.named_days
        if named.is_after(matter.today) or (named.may_be(matter.today) and named.start > 80)
    ]
    if not ahead and not matter.gaps and not re.search(r"14\. dnia po otrzymaniu|day 14 after", matter.folded):
        words = ("Brak daty następnego kroku.", "The date of the next step is missing.")
        yield matter.finding("NEXT_STEP_DATE_MISSING", Severity.CONFIRM, words, source="P11")


def _demands(matter: Matter) -> Iterator[Finding]:
    for code in matter.classification.remedies:
        pattern = _DEMANDS.get(code)
        if pattern and not re.search(pattern, fold(matter.draft.body)):
            words = (f"Pismo nie odnosi się do żądania: {code}.", f"The letter does not answer the request: {code}.")
            yield matter.finding("DEMAND_UNANSWERED", Severity.CONFIRM, words, source="P28 nr 3")
    chosen = {"ACCEPT_REPAIR": "NAPRAWA", "ACCEPT_REPLACE": "WYMIANA"}.get(matter.draft.kind)
    asked = set(matter.classification.remedies) & {"NAPRAWA", "WYMIANA"}
    if chosen and asked and chosen not in asked:
        words = (
            "Inny sposób niż żądany: trzeba wykazać niemożliwość lub nadmierne koszty.",
            "Another remedy than the one asked for: impossibility or excessive cost has to be shown.",
        )
        yield matter.finding("OTHER_REMEDY", Severity.CONFIRM, words, source="UPK art. 43d ust. 2-3")
