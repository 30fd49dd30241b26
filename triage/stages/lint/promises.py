"""Promises: decisions nobody picked, and undertakings the template does not make."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.domain.reply import Finding, Severity
from triage.domain.sought import Sought
from triage.stages.lint.matter import Matter

_MONEY = (
    r"(pieniadz\w*|srodk\w*|kwot\w*|cen[eyai]\w*|naleznosc\w*|platnosc\w*|calosc\w*"
    r"|\d[\d  ]*(?:[.,]\d\d)? ?(?:zl|pln|eur))"
)
_DECISION = Sought(
    r"\b(?:nie |czesciowo |w calosci )?(?:uwzgledniam\w*|uwzglednil\w*|uwzgledniono|uznajem\w*|uznalis\w*"
    r"|uznano|przyjelis\w* odpowiedzialn\w*"
    r"|odrzucam\w*|odrzucil\w*|odrzucono|akceptujem\w*|zaakceptowa\w*|odmawiam\w*|zatwierdz\w*|przyznajem\w*"
    r"|przyznalis\w*)\b"
    r"|\b(?:reklamacj\w*|roszczeni\w*|zadani\w*|zwrot|wniosek|odstapieni\w*|naprawa|wymiana)(?: \w+){0,2}"
    r" (?:zostal\w*|zostani\w*|jest|bedzie) (?:\w+ )?(?:uznan\w*|uwzgledni\w*|odrzucon\w*|zaakceptowan\w*"
    r"|przyjet\w*|zatwierdzon\w*"
    r"|zasadn\w*|bezzasadn\w*|niezasadn\w*|skuteczn\w*|pozytywn\w*|negatywn\w*)"
    rf"|\b(?:zwroc(?:imy|ilismy|a)|zwracamy|wyplac\w*|przelejem\w*|przelalis\w*|przelew\w*|oddam[yi]\w*"
    rf"|przekazem\w*|zlecil\w*|zlecam\w*)\b"
    rf".{{0,60}}\b{_MONEY}|\b{_MONEY}.{{0,40}}\b(?:zwroc\w*|wyplac\w*|przelejem\w*"
    r"|przelan\w*|zostani\w* zwrocon\w*|trafi\w*)"
    r"|\b(?:wymienim\w*|naprawim\w*|obnizam\w*|obnizym\w*|dostarczym\w* now\w*|wyslem\w* now\w*|doslem\w*"
    r"|otrzyma\w* (?:panstwo )?(?:pan |pani )?(?:nowy|zwrot"
    r"|rabat|bon|odszkodowani\w*|rekompensat\w*|pelny zwrot))"
    r"|\b(?:rekompensat\w*|odszkodowani\w*|zadoscuczyni\w*|rabat\w*|bon\w* (?:na|o)|gratis\w*|w ramach gestu"
    r"|darmow\w*|bez limitu)"
    r"|\bdecyzj\w* (?:jest )?(?:pozytywn\w*|negatywn\w*|odmown\w*)|\bprzysluguj\w* (?:panstwu |pani "
    r"|panu )?(?:zwrot|wymian|odszkodow)"
    r"|\b(?:we|i) (?:hereby )?(?:have )?(?:do not |will not |cannot |can.?t )?(?:accept(?:ed)?|approv\w+"
    r"|reject\w*|refus\w+|uphold|den(?:y|ied)|grant\w*|admit)\b"
    r"|\b(?:complaint|claim|refund|replacement|repair|request|withdrawal|return) (?:has been |was |is "
    r"|will be )(?:\w+ )?(?:accepted|approved|rejected|refused"
    r"|denied|granted|upheld|confirmed|justified|unfounded|processed|issued|effective)"
    r"|\b(?:we|i)(?: will|.ll| shall| are going to| have|.ve) (?:\w+ )?(?:refund\w*|reimburs\w*|transfer\w*"
    r"|pay\w*|paid|compensat\w*|replac\w*|repair\w*|credit\w*"
    r"|wire\w*|waive\w*|ship (?:you )?(?:a )?new|send (?:you )?(?:a )?new)"
    r"|\byou (?:will|are going to|shall) (?:receive|get|be (?:paid|refunded|given)) (?:a |an |your |the "
    r"|full )*(?:refund|replacement|new|compensation|discount"
    r"|voucher|money|pln|eur|\d)|\b(?:compensation|damages|discount|voucher|goodwill|free of charge upgrade"
    r"|full refund|refund of)\b"
    r"|\byou are entitled to (?:a |an )?(?:refund|replacement|compensation)"
)
_UNDERTAKING = Sought(
    r"\b(?:wysl(?:emy|ijemy)|przysl(?:emy|ijemy)|przeslemy|dostarczymy|odbierzemy|zorganizujemy|zadzwonimy"
    r"|oddzwonimy|skontaktujemy"
    r"|zapewnimy|zapewniamy|zobowiazujemy|pokryjemy|poniesiemy|przyspieszymy|przedluzymy|wydluzymy"
    r"|zarezerwujemy|udostepnimy"
    r"|zalatwimy|sprawdzimy|podejmiemy|zrealizujemy|dolaczymy|przygotujemy|wykonamy|usuniemy|przekazemy"
    r"|zwrocimy|dokonamy"
    r"|odwiedzi|przyjedzie|kurier (?:odbierze|przyjedzie|zglosi)|technik (?:przyjedzie|odwiedzi)|wypozyczymy"
    r"|zaproponujemy|oddamy|dodamy|dodajemy|dokladamy (?!staran)|dolozymy|doliczymy|pokryjemy|pokrywamy"
    r"|wymienimy|naprawimy|zabierzemy"
    r"|odwieziemy|przywieziemy|podstawimy|wypozyczymy|przyznamy|przyznajemy|obnizymy|umorzymy|zwolnimy)\b"
    r"|\b(?:kierowca|pracownik|konsultant|serwisant|technik|kurier|dzial|ekipa|kolega)\w* (?:\w+ )?(?:zabierze|odbierze"
    r"|przywiezie|dostarczy|zadzwoni|oddzwoni|naprawi|wymieni|przeleje|zwroci|wyda)"
    r"|\b(?:kwota|cena|pieniadze|srodki|naleznosc)\b[^.]{0,20}\b(?:wroc\w*|trafi\w*|wplyn\w*|zostan\w*)"
    r"|\b(?:w ramach|tytulem) (?:rekompensaty|gestu|zadoscuczynienia|przeprosin)"
    r"|\b(?:we|i)(?: will|.ll| shall| promise to| undertake to) \w+|\bwe are going to \w+|\b(?:courier"
    r"|technician|engineer|colleague) will \w+"
    r"|\byou will (?:receive|get|be)\b|\b(?:will|shall) be (?:\w+ly )?(?:back|\w+ed|sent|paid|shipped|given|made)\b"
    r"|\bour \w+ will \w+|\bas a (?:gesture|token|courtesy)|\bwe (?:grant|add|offer|cover|waive|include)\b"
)
_LEGAL = Sought(
    r"\b(?:przysluguj\w*|zobowiazan\w* (?:jestes|sa|do)|zgodnie z (?:prawem|ustaw\w*|przepis\w*|kodeks\w*)"
    r"|w mysl (?:ustaw\w*|przepis\w*)"
    r"|ciezar\w* dowodu|domnieman\w*|odpowiedzialnosc\w* sprzedawc\w*|wyrok\w*|orzeczni\w*|sad\w* najwyzsz\w*"
    r"|uprawnieni\w* (?:wygas|nie przysl|panstwa)|(?:nie )?obowiazuje\w* (?:juz )?(?:domnieman|rekojm|gwaranc|ustaw)\w*"
    r"|burden of proof|presum\w+|supreme court|(?:court )?ruling|case law|legally"
    r"|your (?:rights?|claims?) (?:has|have|is|are)"
    r"|ustaw[ay] (?:\w+ )?(?:stanowi|przewiduje|wylacza)|rekojmi\w*|przedawni\w*|wylacz\w* odpowiedzialnosc"
    r"|nie ponosimy odpowiedzialnosci"
    r"|ponosimy odpowiedzialnosc|gwarancj\w* (?:obejmuj\w*|nie obejmuj\w*|trwa|wynosi|wygas\w*"
    r"|zostaj\w* przedluzon\w*)|dz\. ?u\."
    r"|(?:rozporzadzeni|dyrektyw)\w*|kodeks\w*|entitled to|liable|under the (?:law|act|civil code)|statut\w*"
    r"|by law|directive|regulation \("
    r"|(?:guarantee|warranty) (?:covers|does not cover|lasts|is valid|expires|runs))\b"
)


def check_promises(matter: Matter) -> Iterator[Finding]:
    """Deciding words nobody picked block; undertakings and legal claims outside the template need a tick."""
    decided: list[tuple[int, int]] = []
    for match in _DECISION.finditer(matter.folded):
        first_word = match.start() + len(match[0].split()[0])
        # in a picked decision the template says what is done, and the figures after it are checked as claims
        until = first_word if matter.decides else match.end()
        if matter.in_template(match.start(), until) or _restates(matter, match) or _in_gap(matter, match.start()):
            continue
        if matter.approved(match.start(), match.end()):
            words = ("Cytat zapowiada rozstrzygnięcie lub pieniądze.", "The quotation announces a decision or money.")
            yield matter.finding("DECISION_IN_QUOTE", Severity.CONFIRM, words, match.span(), source="P14")
            continue
        decided.append(match.span())
        if matter.decides:
            words = (
                "Rozstrzygnięcie spoza wzoru wybranej decyzji.",
                "A decision that is not in the template of the one picked.",
            )
            yield matter.finding("DECISION_BESIDE_TEMPLATE", Severity.CONFIRM, words, match.span(), source="P08, P09")
        else:
            words = ("Rozstrzygnięcie, którego nikt nie wybrał.", "A decision that nobody picked.")
            yield matter.finding(
                "DECISION_NOT_PICKED",
                Severity.BLOCK,
                words,
                match.span(),
                source="RODO art. 22; P14",
                suggestion="Wybierz decyzję, a pismo powstanie z jej wzoru.",
            )
    yield from _beside_template(
        matter,
        _UNDERTAKING,
        decided,
        "PROMISE_UNSUPPORTED",
        ("Obietnica, której nie ma we wzorze.", "A promise that is not in the template."),
    )
    yield from _beside_template(
        matter,
        _LEGAL,
        decided,
        "LEGAL_CLAIM_UNSUPPORTED",
        ("Twierdzenie o prawie, którego nie ma we wzorze.", "A legal claim that is not in the template."),
    )


def _restates(matter: Matter, match: re.Match[str]) -> bool:
    """Whether the words are the customer's own, introduced as such, or name the customer's request."""
    if matter.told(*match.span()):
        return True
    line_start = matter.draft.body.rfind("\n", 0, match.start()) + 1
    before = matter.draft.body[line_start : match.start()]
    return bool(re.match(r"(?:Żądanie|Your request): [^.;]*$", before))


def _in_gap(matter: Matter, position: int) -> bool:
    return any(start <= position < end for start, end in matter.gaps)


def _beside_template(
    matter: Matter, pattern: Sought, decided: list[tuple[int, int]], code: str, words: tuple[str, str]
) -> Iterator[Finding]:
    for match in pattern.finditer(matter.folded):
        start, end = match.span()
        if matter.approved(start, end) or any(since < end and start < until for since, until in decided):
            continue
        if _restates(matter, match):
            continue
        yield matter.finding(code, Severity.CONFIRM, words, (start, end), source="P11")
