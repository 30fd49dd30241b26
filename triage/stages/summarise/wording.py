"""Words of a summary, in the ticket's language."""

from __future__ import annotations

from collections.abc import Mapping

LABELS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "complains": "Klient zgłasza: {text}",
        "asks": "Klient pyta: {text}",
        "agent": "Konsultant odpowiada: {text}",
        "customer_on": "{day} klient: {text}",
        "agent_on": "{day} konsultant: {text}",
        "demands": "Żądania: {text}",
        "facts": "Fakty: {text}",
        "kept": "Konsultant obiecał {day}: {text} (dotrzymano)",
        "broken": "Konsultant obiecał {day}: {text} (nie dotrzymano)",
        "open": "Konsultant obiecał {day}: {text} (otwarte)",
        "customer_asked": "Klient czeka na odpowiedź: {text}",
        "agent_asked": "Konsultant czeka na odpowiedź: {text}",
        "deadline": "Termin {rule}: {day}",
        "tone": "Ton: {text}",
    },
    "en": {
        "complains": "Customer is complaining about: {text}",
        "asks": "Customer is asking: {text}",
        "agent": "Agent says: {text}",
        "customer_on": "{day} customer: {text}",
        "agent_on": "{day} agent: {text}",
        "demands": "Requests: {text}",
        "facts": "Facts: {text}",
        "kept": "Agent promised on {day}: {text} (kept)",
        "broken": "Agent promised on {day}: {text} (not kept)",
        "open": "Agent promised on {day}: {text} (open)",
        "customer_asked": "Customer awaits an answer: {text}",
        "agent_asked": "Agent awaits an answer: {text}",
        "deadline": "Deadline {rule}: {day}",
        "tone": "Tone: {text}",
    },
}

REMEDIES: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "NAPRAWA": "naprawa", "WYMIANA": "wymiana", "OBNIZENIE": "obniżenie ceny", "ODSTAPIENIE": "zwrot pieniędzy",
        "ZWROT14": "zwrot towaru", "CZESC": "część", "ODSZKODOWANIE": "odszkodowanie", "INFO": "informacja",
        "PRZEPROSINY": "przeprosiny",
    },
    "en": {
        "NAPRAWA": "repair", "WYMIANA": "replacement", "OBNIZENIE": "price reduction", "ODSTAPIENIE": "refund",
        "ZWROT14": "return of the goods", "CZESC": "part", "ODSZKODOWANIE": "compensation", "INFO": "information",
        "PRZEPROSINY": "apology",
    },
}  # fmt: skip

TONES: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "very_negative": "bardzo negatywny",
        "negative": "negatywny",
        "positive": "pozytywny",
        "very_positive": "bardzo pozytywny",
    },
    "en": {
        "very_negative": "very negative",
        "negative": "negative",
        "positive": "positive",
        "very_positive": "very positive",
    },
}

REMEDY_WORDS: Mapping[str, str] = {
    "NAPRAWA": r"napraw|repair|\bfix",
    "WYMIANA": r"wymi|\bnow[yaeg]|replac|exchange|swap",
    "OBNIZENIE": r"obniz|rabat|upust|zwrot czesci|reduc|discount|partial refund",
    "ODSTAPIENIE": r"zwrot|zwroc|pieniadz|kas[aeyę]|refund|money",
    "ZWROT14": r"odstep|odstap|zwroc|zwrot|etykiet|return|send .{0,10}back|withdraw|changed my mind",
    "CZESC": r"czesc|uszczelk|dosla|dosyl|brakuj|part|missing",
    "ODSZKODOWANIE": r"odszkodow|zadoscuczyn|pokryci|compensat|damages",
    "PRZEPROSINY": r"przepr|apolog",
}
