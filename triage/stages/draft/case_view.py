"""What a template may name: facts, dates and clocks of the case, each with its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from triage.domain.classification import Classification, Fact, Facts
from triage.domain.company import Company
from triage.domain.deadline import Deadline, Origin
from triage.domain.notation import write_amount, write_date
from triage.domain.redaction import RedactedTicket
from triage.domain.reply import SourceKind, without_marks
from triage.domain.style import Length, Style
from triage.domain.ticket import Author
from triage.stages.draft.evidence import fault_in_own_words, request_in_own_words
from triage.stages.draft.render import Sourced
from triage.stages.draft.steps import Steps
from triage.stages.draft.withdrawal import asks_for_label, only_asks_about_return, withdraws
from triage.stages.draft.wording import DEMANDS, EVIDENCE

REPLY_CLOCKS = ("UPK-7A-REPLY", "POL-7A-PNPK")
ANSWER_CLOCKS = ("SLA-", "RZECZNIK", "POL-LETTER-DATE")
"""Clocks whose end may be named as the day of an answer; refunds and acknowledgements have their own."""
WARSAW = ZoneInfo("Europe/Warsaw")
_PLACEHOLDER = re.compile(r"⟦|⟧|\[[A-ZĄĆĘŁŃÓŚŹŻ_]+_\d+\]")
_PLAIN = re.compile(r"[\w .,:/+()°%-]{1,60}")
_PLACE = re.compile(r"\d\d-\d{3}\s+([^,]+)")
_GOODS = frozenset({"C01", "C02", "C05", "C06"})


@dataclass(frozen=True, slots=True)
class CaseView:
    """Builds the values of a letter in one language."""

    ticket: RedactedTicket
    classification: Classification
    facts: Facts
    deadlines: tuple[Deadline, ...]
    company: Company
    language: str
    style: Style
    today: date

    def values(self, missing: tuple[str, ...], steps: Steps | None) -> dict[str, object]:
        """Every name a template may use."""
        identity = self.company.identity
        place = _PLACE.search(identity.get("address", ""))
        return {
            "today": self._case(write_date(self.today, self.language), "today"),
            "place": identity.get(f"place_{self.language}", "") or (place[1].strip() if place else ""),
            "company": self._company(),
            "style": self._style(),
            "full": self.style.length is Length.LONG,
            "case_no": self._case(self.ticket.id, "ticket.id"),
            "business": self.classification.buyer == "business",
            "consumer": self.classification.buyer in ("consumer", "unknown"),
            "goods": self.classification.matter in _GOODS and self.classification.buyer != "business",
            "repeated": "REPEAT" in self.classification.flag_codes,
            "vulnerable": "VULNERABLE" in self.classification.flag_codes,
            "withdraws": withdraws(self.ticket),
            "statement": withdraws(self.ticket)
            or ("ZWROT14" in self.classification.remedies and not only_asks_about_return(self.ticket)),
            "label_asked": asks_for_label(self.ticket),
            "replacement_asked": "WYMIANA" in self.classification.remedies,
            "refund_asked": withdraws(self.ticket) or "ODSTAPIENIE" in self.classification.remedies,
            "reduction_asked": "OBNIZENIE" in self.classification.remedies,
            "photo_item": EVIDENCE[self.language]["photo"],
            "followup": any(message.author is Author.AGENT for message in self.ticket.messages),
            "missing": [EVIDENCE[self.language][kind] for kind in missing if kind in EVIDENCE[self.language]],
            "demands": self._demands(),
            "fault": self._told(fault_in_own_words(self.ticket)),
            "asked": self._told(request_in_own_words(self.ticket)),
            "steps": self._steps(steps),
            "due": self._due,
            "slot": self._slot,
            **self._clocks(),
            **self._facts(),
        }

    def _case(self, text: str, ref: str) -> Sourced:
        return Sourced(text, SourceKind.CASE, ref)

    def _company(self) -> Mapping[str, str]:
        identity = dict(self.company.identity)
        identity["desk"] = identity.get(f"desk_{self.language}", self.company.name)
        for key in ("name", "email", "phone", "address", "privacy", "signatory", "website", "safety_email"):
            identity.setdefault(key, "")
        return identity

    def _style(self) -> Mapping[str, str]:
        rules = self.company.style
        address = rules.address(self.style.tone, self.language)
        signature = rules.signature_of(self._company(), self.language)
        return {"salutation": address.salutation, "farewell": address.farewell, "signature": signature}

    def _facts(self) -> dict[str, object]:
        """Facts in normalised form; one that is personal data (a placeholder) or no plain text is left out."""
        received = self.ticket.received_at.astimezone(WARSAW)
        customer = self.ticket.customer_messages
        latest = (customer[-1].at if customer else self.ticket.received_at).astimezone(WARSAW)
        return {
            "received": self._case(write_date(received.date(), self.language), "ticket.received_at"),
            "received_time": self._case(f"{received.hour}:{received:%M}", "ticket.received_at"),
            "latest": self._case(write_date(latest.date(), self.language), "messages[-1].at"),
            "product": self._fact("product", "model"),
            "serial": self._fact("serial", "serial_no"),
            "order_no": self._fact("order_no", "order"),
            "rma_no": self._fact("rma_no", "rma", "case_no"),
            "waybill": self._fact("waybill"),
            "batch": self._fact("batch"),
            "part_no": self._fact("part_no"),
            "invoice_no": self._fact("invoice_no"),
            "contract_no": self._fact("contract_no"),
            "status": self._order("status"),
            "error_codes": [self._case(code, "facts.error_code") for code in self._codes()],
        }

    def _codes(self) -> list[str]:
        return [
            code for code in dict.fromkeys(fact.value for fact in self.facts.of("error_code")) if _PLAIN.fullmatch(code)
        ]

    def _fact(self, *kinds: str) -> Sourced | None:
        for kind in kinds:
            value = self.ticket.order.get(kind, "")
            if value and _is_plain(value):
                return self._case(value, f"order.{kind}")
            # "AquaSpin W7" says more than "pralka"
            fact = max(self.facts.of(kind), key=lambda one: one.value[:1].isupper(), default=None)
            value = self._in_language(fact) if fact is not None else ""
            if fact is not None and _is_plain(value):
                return self._case(value, f"facts.{kind}:{fact.message_id}")
        return None

    def _in_language(self, fact: Fact) -> str:
        """A name or number as it is; a general word (``pralka``, normalised to Polish) in the letter's language."""
        if not (fact.value.isalpha() and fact.value.islower()) or self.language == "pl":
            return fact.value
        return fact.text.lower() if self.classification.language == self.language else ""

    def _order(self, key: str) -> Sourced | None:
        value = self.ticket.order.get(key, "")
        return self._case(value, f"order.{key}") if _is_plain(value) else None

    def _clocks(self) -> dict[str, object]:
        clock = next((deadline for rule in REPLY_CLOCKS for deadline in self.deadlines if deadline.rule == rule), None)
        asked = clock if clock is not None and clock.met_on is None else None
        kept = asked is not None and asked.legal_due >= self.today
        open_clocks = [
            deadline
            for deadline in self.deadlines
            if deadline.legal_due >= self.today and deadline.met_on is None and deadline.rule.startswith(ANSWER_CLOCKS)
        ]
        next_clock = min(open_clocks, key=lambda deadline: deadline.legal_due, default=None)
        return {
            "complaint": clock is not None,
            "statute": clock is not None and clock.origin is Origin.STATUTE,
            "reply_due": self._date_of(asked) if kept else None,
            "overdue": self._date_of(asked) if not kept else None,
            "answer_by": self._date_of(next_clock),
        }

    def _due(self, rule: str) -> Sourced | None:
        """The day a rule's clock ends, for templates; None when the clock does not run or is over."""
        clock = next((deadline for deadline in self.deadlines if deadline.rule == rule), None)
        return self._date_of(clock) if clock is not None and clock.legal_due >= self.today else None

    def _date_of(self, clock: Deadline | None) -> Sourced | None:
        if clock is None:
            return None
        return Sourced(write_date(clock.legal_due, self.language), SourceKind.RULE, clock.rule)

    def _slot(self, key: str, label: str) -> Sourced:
        """What the shop's data say, else a gap the agent has to fill before the letter can be approved."""
        value = self.ticket.order.get(key, "").strip()
        if not value or _PLACEHOLDER.search(value):
            return self._case(f"___ ({label})", f"order.{key}")
        return self._case(_written(value, self.language), f"order.{key}")

    def _demands(self) -> list[Sourced]:
        names = DEMANDS[self.language]
        return [self._case(names[code], f"remedy.{code}") for code in self.classification.remedies if code in names]

    def _told(self, found: tuple[str, str] | None) -> Sourced | None:
        """Words of the customer with the message they stand in, in a letter of their language."""
        if self.classification.language != self.language:
            return None
        return self._case(found[0], f"message:{found[1]}") if found else None

    def _steps(self, steps: Steps | None) -> dict[str, object] | None:
        if steps is None:
            return None
        ref = steps.passage.id
        return {
            "title": Sourced(steps.passage.title, SourceKind.PASSAGE, ref),
            "heading": Sourced(steps.heading, SourceKind.PASSAGE, ref),
            "version": Sourced(steps.passage.document_version, SourceKind.PASSAGE, ref),
            "introduction": Sourced(without_marks(steps.introduction), SourceKind.PASSAGE, ref),
            "texts": [Sourced(text, SourceKind.PASSAGE, ref) for text in steps.shown],
        }


def _is_plain(value: str) -> bool:
    return bool(_PLAIN.fullmatch(value)) and not _PLACEHOLDER.search(value)


def _written(value: str, language: str) -> str:
    """ISO dates and ``1249.00 PLN`` as the language writes them, other values as they are."""
    try:
        return write_date(date.fromisoformat(value), language)
    except ValueError:
        pass
    number, _, currency = value.partition(" ")
    if re.fullmatch(r"[A-Z]{3}", currency):
        try:
            return write_amount(Decimal(number), currency, language)
        except InvalidOperation:
            return value
    return value
