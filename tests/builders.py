"""Values for tests, complete and plausible; a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from knowledge_base.answer import Evidence, Quote, ScoredPassage
from knowledge_base.passage import Audience, Passage
from tests.fakes.clock import START
from triage.domain.case import CaseState, Provenance, TriageCase
from triage.domain.classification import Alternative, Classification, Fact, Facts, Flag
from triage.domain.deadline import Deadline, Origin
from triage.domain.priority import Urgency, UrgencyFactor, UrgencyLevel
from triage.domain.reply import Approval, Citation, Draft, Finding, Sentence, Severity, Source, SourceKind
from triage.domain.summary import Summary, SummaryLine, SummarySection
from triage.domain.ticket import Attachment, Author, Channel, Message, Requester, Ticket

COMPLAINT = "Dzień dobry, ekspres pokazuje błąd E18 i dymi. Żądam naprawy w ciągu 14 dni. Zażółć gęślą jaźń."
QUOTE = "Błąd E18 oznacza przegrzanie bloku grzewczego."


def message(
    id: str = "m1", text: str = COMPLAINT, *, at: datetime = START, author: Author = Author.CUSTOMER
) -> Message:
    photo = Attachment("tabliczka.jpg", "image/jpeg", 48_213, "ab" * 32)
    return Message(id, author, at, text, body=text, attachments=(photo,))


def ticket(
    id: str = "T1", *messages: Message, tenant: str = "default", email: str = "anna.zielińska@example.pl"
) -> Ticket:
    return Ticket(
        id=id,
        subject="Reklamacja ekspresu DX-200",
        messages=messages or (message(),),
        received_at=START,
        channel=Channel.EMAIL,
        requester=Requester("Anna Zielińska", email),
        tenant=tenant,
        external_id=f"<{id}@example.pl>",
        order={"order_no": "DX/2026/0117", "delivered_on": "2026-03-02"},
    )


def draft(body: str = f"Dzień dobry,\n\n{QUOTE}\n\nZ poważaniem\nDomex Serwis") -> Draft:
    start = max(body.find(QUOTE), 0)
    sentence = Sentence(start, start + len(QUOTE), (Source(SourceKind.PASSAGE, "M01@2.0#7", QUOTE),))
    citation = Citation("M01", "2.0", "Instrukcja serwisowa", "E18", 4, QUOTE)
    return Draft("ACK", "pl", "Re: Reklamacja ekspresu DX-200", body, (sentence,), (citation,), "composer@1")


def received(ticket_id: str = "T1", *, tenant: str = "default", at: datetime = START) -> TriageCase:
    return TriageCase(ticket_id, tenant, CaseState.RECEIVED, 1, 1, at)


def triaged(
    ticket: Ticket, case: TriageCase, now: datetime = START, *, level: UrgencyLevel = UrgencyLevel.P2
) -> TriageCase:
    """What a pipeline makes of a ticket: every field of the case filled, and the reply naming what it answers."""
    if case.state is not CaseState.RECEIVED:
        case = case.become(CaseState.RECEIVED, now)
    newest = ticket.messages[-1]
    place = ("M01@2.0#7", "M01", "2.0", "Instrukcja", ("Kody", "E18"), QUOTE, 100, 146)
    hit = Passage(*place, prefix=4, page=5, audience=Audience.CUSTOMER)
    return replace(
        case.become(CaseState.PENDING_APPROVAL, now),
        version=case.version + 1,
        ticket_revision=ticket.revision,
        classification=Classification(
            "C03", "Usterka", 0.91, "pl", (Alternative("C03", 0.91), Alternative("C01", 0.09)),
            flags=(Flag("SAFETY", "dymi"),),
        ),
        facts=Facts((Fact("error_code", "E18", "E18", newest.id, 33, 36, 0.97),)),
        deadlines=(
            Deadline("UPK-7A-REPLY", START.date(), date(2026, 12, 1), date(2026, 12, 1), date(2026, 11, 30), "art. 7a",
                     "uznanie", Origin.STATUTE),
        ),
        urgency=Urgency(level, 61, (UrgencyFactor("SAFETY", 40, "dymi"),)),
        passages=(
            ScoredPassage(hit, 0.93, 7.25, 0.81, Quote(QUOTE, 100, 146), ("E18",), Evidence(0.9, 0.4, 0.8, ("E18",))),
        ),
        draft=draft(f"Dzień dobry,\n\n{QUOTE}\nOdpowiadamy na wiadomość {newest.id}.\n\nDomex Serwis"),
        findings=(Finding("SAFETY_NOT_ADDRESSED", Severity.INFO, "Zgłoszono dym.", 0, 5),),
        summary=Summary((SummaryLine(SummarySection.INTENT, "Żąda naprawy.", (newest.id,)),)),
        provenance=Provenance("linear@1", "static@1", "g1", "rules@1", "composer@1", "extractive"),
        timings_ms={"redact": 0.31, "classify": 1.25},
    )  # fmt: skip


def approval(id: str = "apr_1", *, case_id: str = "T1", tenant: str = "default", at: datetime = START) -> Approval:
    return Approval(
        id=id,
        tenant=tenant,
        case_id=case_id,
        actor="key:jan",
        case_version=3,
        ticket_revision=1,
        draft_digest=draft().digest,
        recipients=("anna.zielińska@example.pl",),
        channel=Channel.EMAIL,
        approved_at=at,
        expires_at=at.replace(day=at.day + 1),
        confirmed=("AMOUNT", "DATE"),
    )
