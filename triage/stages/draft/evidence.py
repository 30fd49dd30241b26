"""Evidence: what the desk still lacks, asked once, and the customer's own words about the fault."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.domain.classification import Classification, Facts
from triage.domain.folding import fold
from triage.domain.redaction import RedactedTicket
from triage.domain.sentences import sentence_spans
from triage.domain.ticket import Author

# Other kinds of fact, keys of the shop's order data and words that show the evidence is there already.
_ALSO_KINDS = {
    "delivery_date": ("delivery_date", "purchase_date"),
    "purchase_date": ("purchase_date", "delivery_date"),
    "product": ("product", "model"),
    "serial": ("serial", "serial_no", "imei"),
    "order_no": ("order_no", "order", "invoice_no"),
    "rma_no": ("rma_no", "rma", "case_no"),
    "amount": ("amount", "invoice_no"),
}
_ORDER_KEYS = {
    "delivery_date": ("delivered_on", "purchased_on", "ordered_on"),
    "purchase_date": ("purchased_on", "ordered_on", "delivered_on"),
    "amount": ("amount", "price"),
    "serial": ("serial", "serial_no"),
}
_WORDS = {
    "photo": r"zdjec|fotk|foto|film(ik)?\b|nagrani|w zalaczeni|zalacz|photo|picture|video|attach",
    "guarantee_card": r"kart\w* gwarancyjn|guarantee card|warranty card",
    "serial": r"⟦serial_\d+|nr seryjn\w* \S*\d|serial (no|number)\W+\S*\d",
    "order_no": r"paragon"
    r"|faktur|potwierdzeni\w* (zakupu|przelewu)|receipt|invoice|\bzam(\.|owieni\w*)? (nr "
    r")?\d{4,}|\border (no\.? )?\d{4,}",
    "quantity": r"\b\d+ (szt|sztuk|pcs|units|kpl)|\b\d+ (z|of|instead of|zamiast) \d+\b",
    "batch": r"\b(parti\w*|batch|lot)\b.{0,20}\d",
    "injury": r"poparz|oparz|skalecz|nikomu nic|nikt nie ucierp|nobody (was )?hurt|no injur|injur|burn(t|ed) "
    r"(my|his|her)",
    "contract_no": r"\bumow\w* (nr |serwisow\w* )?\S*\d|contract (no\.? ?)?\S*\d",
    "firmware": r"\b(wersj\w*|version|firmware|fw)\b.{0,12}\d|\b\d+\.\d+\.\d+\b|aktualizacj\w* .{0,20}\d+\.\d+",
    "amount": r"\d[\d  ]*([.,]\d\d)? ?(zl|pln|eur)\b",
    "part_no": r"\b[a-z]{2}-\d{4}\b",
    "letter_date": r".",
    "identity": r".",
}
_WORD_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _WORDS.items()}
_FAULT = re.compile(
    r"nie (dzial|grzej|mieli|wlacz|uruchami|laduj|lacz|odpomp|wiruj|kreci|reaguj|trzyma|chlodzi|odpal|wspomag"
    r"|parz|pobiera)"
    r"|zepsu|uszkodz|pek(l|ni)|cieknie|wyciek|przecieka|halas|buczy|piszczy|blad|bledu|wyskakuj|miga"
    r"|wylacza sie|zawiesza|resetuj"
    r"|rozbit|zgniecion|porysowan|wgniecen|letni|odpadl|zlama|oderw|brak(uje|owal)|skacze|przesta|znikn"
    r"|zablokow|nie spelnia|nie bylo\b|nie ma w (paczce|pudelku|zestawie)|gasnie|zgasl|przerywa"
    r"|zacina|przegrzewa|iskrzy"
    r"|trzeszczy|zgrzyta|nie laczy|nie spienia|nie dochodzi"
    r"|not (work|heat|charg|turn|drain|spin|start|connect)|n't (work|heat|charg|turn|drain|spin|start|connect"
    r"|grind)|stopped"
    r"|went (dark|dead|black|blank)|won.t |does ?n.t|stuck|scratch|dent(ed)?\b|flicker|freez|crash|loose"
    r"|broke|fault|leak|crack|noise|error|dead\b|reboot|dropp|blink|fail|damaged|missing|bricked|jam|keeps "
)
_GENERAL = re.compile(r"\bzepsu\w*|\bnie dziala\w*|\bbroke(n)?\b|\b(does ?n.t|not) work\w*|\bfaulty?\b")
"""Words that say something is wrong and not what."""
_NEVER_REPEATED = re.compile(
    r"⟦|https?:|www\.|@|\[[a-z_]+_\d+\]|\d{8,}|\b[a-z]{2}\d{2}[ \d]{10,}|[{}<>]|\b\d[\d  ]*([.,]\d\d)? ?(zl|pln"
    r"|eur|usd)\b"
    r"|ignor|instrukc|instruct|prompt|asystent|assistant|jestes|you are|napisz|write|odpisz|potwierdz|confirm"
    r"|approv|zatwierdz|uzna"
    r"|zwroc|zwrot|przel[ae]|refund|transfer|konto|account|rachun|accept|reklamacj\w* (jest|zostal)|musi|must"
    r"|kurw|chuj|jeban|pierd"
    r"|zlodziej|oszust|idiot|scam|fuck|shit|system"
)
_GREETING = re.compile(r"^(?:dzień dobry|dzien dobry|witam|cześć|czesc|hej|hello|hi)(?: there)?[\s,!]+", re.IGNORECASE)
_DEMAND_AT_END = re.compile(
    r",?\s+(?:i |oraz |więc |dlatego |and |so )?(?:bardzo )?"
    r"(?:proszę|prosimy|żądam|domagam|chcę|chciał\w+|please|i want|i.d like|i would like|i ask)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_REQUEST = re.compile(r"(?:bardzo )?(?:prosze|prosimy|poprosze|please|could you|can you|would you)\b")
_NAMED_DEMAND = re.compile(
    r"\b(napraw|wymi(an|en)|obniz|odstap|odszkod|przepros|repair|replac|exchang|price reduction|compensat|apolog)"
)
_AND = re.compile(r"^(?:a|i|oraz|and|also)\s+", re.IGNORECASE)
LEAST_QUOTE = 12
MAX_QUOTE = 160


def missing_evidence(
    needed: tuple[str, ...], ticket: RedactedTicket, classification: Classification, facts: Facts
) -> tuple[str, ...]:
    """Kinds of evidence the desk needs, has not got, and has not asked for before.

    Args:
        needed: the category's evidence, in the order it is asked for.
    """
    request = fold(ticket.request)
    asked = fold("\n".join(message.body for message in ticket.messages if message.author is Author.AGENT))
    return tuple(
        kind
        for kind in needed
        if kind not in ("letter_date", "identity")
        and not _present(kind, request, ticket, classification, facts)
        and not _asked(kind, asked)
    )


def _present(kind: str, request: str, ticket: RedactedTicket, classification: Classification, facts: Facts) -> bool:
    if kind == "fault":
        return bool(facts.of("error_code") or _FAULT.search(_GENERAL.sub("", request)))
    if any(facts.of(also) for also in _ALSO_KINDS.get(kind, (kind,))):
        return True
    if any(ticket.order.get(key) for key in _ORDER_KEYS.get(kind, (kind,))):
        return True
    if kind == "remedy":
        return bool(classification.remedies)
    return kind in _WORD_PATTERNS and bool(_WORD_PATTERNS[kind].search(request))


_ASKED = {
    "serial": r"seryjn|serial",
    "photo": r"zdjec|film|photo|picture|video",
    "order_no": r"numer\w* zamowieni|dowod\w* zakupu|order number|proof of purchase",
    "delivery_date": r"dat\w* (otrzymani|dostaw|odbior)|date (of delivery|you received)|when did you receive",
    "purchase_date": r"dat\w* zakupu|date of purchase",
    "fault": r"opis\w* (wad|uster)|objaw|describe|description",
    "remedy": r"oczekuj|would you like us",
    "error_code": r"kod\w* bled|error code",
    "product": r"model|nazw\w* produkt|product name",
    "guarantee_card": r"kart\w* gwaranc|guarantee card",
    "waybill": r"numer\w* (przesylk|list)|waybill|tracking",
    "rma_no": r"numer\w* (sprawy|rma)|case number|rma number",
    "part_no": r"numer\w* czesci|part number",
    "batch": r"parti|batch",
    "firmware": r"wersj|version",
    "quantity": r"ile sztuk|liczb\w* sztuk|how many|number of units",
    "contract_no": r"numer\w* umowy|contract number",
    "amount": r"kwot|amount",
    "injury": r"obraze|ucierp|hurt|injur",
}
_ASKED_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _ASKED.items()}


def _asked(kind: str, agent_text: str) -> bool:
    return kind in _ASKED_PATTERNS and bool(_ASKED_PATTERNS[kind].search(agent_text))


def fault_in_own_words(ticket: RedactedTicket) -> tuple[str, str] | None:
    """The first sentence in which the customer describes the fault, fit to be repeated to them.

    A sentence with money, addresses, links, placeholders or anything like an instruction is never repeated: a letter
    must not carry what somebody smuggled into the ticket. A demand at its end is told by the letter in its own words.

    Returns:
        The sentence, without its final full stop, and the message it stands in.
    """
    for sentence, message_id in _customer_sentences(ticket):
        if not _FAULT.search(fold(sentence)):
            continue
        cut = _DEMAND_AT_END.sub("", sentence)
        said = (cut if len(cut) >= LEAST_QUOTE and _FAULT.search(fold(cut)) else sentence).rstrip("?")
        if _fit(said):
            return said, message_id
    return None


def request_in_own_words(ticket: RedactedTicket) -> tuple[str, str] | None:
    """The newest thing the customer asks for or asks about that the taxonomy of demands does not name, fit to repeat.

    Returns:
        The sentence, without its final full stop, and the message it stands in.
    """
    for sentence, message_id in reversed(list(_customer_sentences(ticket))):
        folded = fold(sentence)
        asks = _REQUEST.match(folded) or sentence.endswith("?")
        if asks and not _FAULT.search(folded) and not _NAMED_DEMAND.search(folded) and _fit(sentence.rstrip("?")):
            return _AND.sub("", sentence), message_id
    return None


def _customer_sentences(ticket: RedactedTicket) -> Iterator[tuple[str, str]]:
    for message in ticket.customer_messages:
        for start, end in sentence_spans(message.body):
            yield _GREETING.sub("", message.body[start:end]).rstrip(".!… "), message.id


def _fit(sentence: str) -> bool:
    """Whether a letter may repeat the sentence."""
    shouted = sum(map(str.isupper, sentence)) > len(sentence) / 2
    quoting = any(mark in sentence for mark in '"„“”')
    return (
        LEAST_QUOTE <= len(sentence) <= MAX_QUOTE
        and not _NEVER_REPEATED.search(fold(sentence))
        and not shouted
        and not quoting
    )
