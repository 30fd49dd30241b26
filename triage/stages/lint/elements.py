"""Elements a kind of letter must hold, as patterns on its folded text (P11, section 5.1 of the reply standard)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.domain.reply import Severity

SAFETY_KINDS = frozenset({"SAFETY_STOP_USE", "RECALL_NOTICE"})
REFUSALS = frozenset({"REFUSE", "REFUSE_ADR_CONSENT", "REFUSE_ADR_DECLINE", "PARTIAL"})
COMPLAINT_REPLIES = REFUSALS | {"ACCEPT_REPAIR", "ACCEPT_REPLACE", "ACCEPT_REFUND", "REDUCTION", "INTERIM"}
RECEIPTS = frozenset({"ACK", "ASK_EVIDENCE", "TRANSPORT_ACK", "WARRANTY_INFO"})
ANSWERING = COMPLAINT_REPLIES | RECEIPTS


@dataclass(frozen=True, slots=True)
class Element:
    """Something a letter of these kinds must hold: a pattern on the folded body, in either language."""

    code: str
    kinds: frozenset[str]
    pattern: re.Pattern[str]
    severity: Severity
    words: tuple[str, str]
    source: str


def _element(
    code: str, kinds: frozenset[str] | set[str], pattern: str, severity: Severity, pl: str, en: str, source: str = "P11"
) -> Element:
    return Element(code, frozenset(kinds), re.compile(pattern), severity, (pl, en), source)


_BLOCK, _CONFIRM = Severity.BLOCK, Severity.CONFIRM
ELEMENTS = (
    _element(
        "DECISION_MISSING",
        COMPLAINT_REPLIES,
        r"uwzgledniamy reklamacj|we (do not )?accept your complaint",
        _BLOCK,
        "Brak rozstrzygnięcia: uwzględniamy, częściowo uwzględniamy, nie uwzględniamy.",
        "The decision is missing: accepted, accepted in part, not accepted.",
    ),
    _element(
        "FINDINGS_MISSING",
        COMPLAINT_REPLIES,
        r"ustaleni|stwierdzon|findings|we found|examin",
        _CONFIRM,
        "Brak ustaleń: kto badał, kiedy, z jakim wynikiem.",
        "Findings are missing: who examined, when, with what result.",
    ),
    _element(
        "LEGAL_BASIS_MISSING",
        COMPLAINT_REPLIES | {"DEDUCTION_NOTICE"},
        r"\bart\. ?\d|\barticles? \d",
        _CONFIRM,
        "Brak podstawy prawnej z artykułem.",
        "The legal basis with its article is missing.",
    ),
    _element(
        "REASONS_MISSING",
        REFUSALS,
        r"powod|uzasadnien|poniewaz|reason|because",
        _BLOCK,
        "Odmowa bez powodów do każdego żądania.",
        "A refusal without reasons for each request.",
    ),
    _element(
        "RIGHTS_MISSING",
        REFUSALS | {"DEDUCTION_NOTICE"},
        r"przed sadem|do sadu|go to court|before a court",
        _BLOCK,
        "Brak pouczenia o prawach (nowe dowody, sąd).",
        "The reminder of rights is missing (new evidence, court).",
    ),
    _element(
        "EVIDENCE_MISSING",
        REFUSALS,
        r"dowod|zdjeci|protokol|evidence|photo|report",
        _CONFIRM,
        "Odmowa bez dowodu w aktach.",
        "A refusal without evidence on file.",
        "P28 nr 4",
    ),
    _element(
        "STOP_USE_MISSING",
        {"SAFETY_STOP_USE"},
        r"przestac uzywac|zaprzestac uzywania|stop using",
        _BLOCK,
        "Brak wezwania do zaprzestania używania.",
        "The call to stop using the product is missing.",
        "P10",
    ),
    _element(
        "EMERGENCY_NUMBER_MISSING",
        {"SAFETY_STOP_USE"},
        r"\b112\b",
        _BLOCK,
        "Brak numeru 112.",
        "The number 112 is missing.",
        "P10",
    ),
    _element(
        "DO_NOT_SHIP_MISSING",
        {"SAFETY_STOP_USE"},
        r"nie (odsyl|wysyl)\w*|do not (send|ship|post)",
        _BLOCK,
        "Brak zakazu wysyłania produktu paczką.",
        "The request not to ship the product is missing.",
        "P10",
    ),
    _element(
        "RECALL_HEADING_MISSING",
        {"RECALL_NOTICE"},
        r"wycofanie produktu|product safety recall",
        _BLOCK,
        "Zawiadomienie musi mieć nagłówek o wycofaniu ze względów bezpieczeństwa.",
        "The notice must be headed as a product safety recall.",
        "GPSR art. 36",
    ),
    _element(
        "REFUND_TERM_MISSING",
        {"WITHDRAWAL_ACK"},
        r"zwr(oc|ac)\w*|refund",
        _CONFIRM,
        "Brak informacji o zwrocie płatności.",
        "The information on the refund is missing.",
        "UPK art. 32",
    ),
    _element(
        "CALCULATION_MISSING",
        {"DEDUCTION_NOTICE", "REDUCTION"},
        r"wyliczen|proporcjonaln|calculation|proportional",
        _BLOCK,
        "Brak wyliczenia.",
        "The calculation is missing.",
        "UPK art. 34 ust. 4, art. 43e ust. 2",
    ),
)
