"""A planted person is exported in full and erased to the last byte: rows, files, write-ahead log, statistics, logs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import builders
from tests.fakes.clock import START, FakeClock
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.storage.audit import verify
from triage.adapters.storage.database import Database, opened
from triage.adapters.storage.idempotency import SqlAnswerStore
from triage.adapters.storage.residue import find_residue
from triage.adapters.storage.scrub import scrub
from triage.adapters.storage.tombstones import FileJournal, stored_key
from triage.approval import Desk, Reading
from triage.casework import Casework
from triage.domain.case import CaseState, TriageCase
from triage.domain.privacy import PSEUDONYM, IdentifierKind, Person, Tombstone, Why
from triage.domain.records import KeptAnswer
from triage.domain.ticket import Requester, Ticket
from triage.errors import CaseNotFound, Conflict, PlanChanged, StorageError, SubjectErased, TicketNotFound
from triage.privacy.desk import PrivacyDesk
from triage.privacy.plan import Fate
from triage.privacy.schedule import RetentionSchedule
from triage.recognisers import Recognisers

pytestmark = pytest.mark.postgres

EMAIL = "wincentyna.plantowska@example.com"
NAME = "Wincentyna Plantowska"
PHONE = "+48 600 700 811"
PESEL = "85010112345"
LETTER = (
    "Dzień dobry, nazywam się Wincentyna Plantowska, ul. Zmyślona 17/3, 30-002 Kraków, tel. 600 700 811, "
    f"e-mail {EMAIL}, PESEL {PESEL}. Ekspres DX-200 z zamówienia DX/2026/0117 pokazuje błąd E18. Żądam naprawy."
)
OF_THE_PERSON = (EMAIL, "Plantowsk", "plantowsk", "Wincentyn", "600 700 811", "600700811", "Zmyślona", PESEL)
PLAIN_COLUMNS = (
    "SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE is_generated = 'NEVER' AND table_name ="
)
PERSON = Person(emails=(EMAIL,), phones=(PHONE,), name=NAME)


@dataclass
class Shop:
    """A desk with storage, outbox and data protection in a folder of its own."""

    folder: Path
    database: Database
    clock: FakeClock

    def __post_init__(self) -> None:
        self.units = self.database.units_of_work(self.clock)
        self.casework = Casework(self.units, self.clock, lambda ticket: False, self._triaged)
        self.desk = Desk(self.units, self.clock, lambda draft, case, ticket: ())
        self.outbox = FileOutbox(self.folder / "outbox", "Domex Serwis", "serwis@domex.example", self.clock.now)
        self.answers = SqlAnswerStore(self.database.sessions, self.clock)
        self.privacy = PrivacyDesk(
            self.units,
            self.clock,
            Recognisers(),
            RetentionSchedule.load(),
            self.database.seal,
            self.database.journal,
            (self.outbox,),
            (self.outbox,),
        )

    def _triaged(self, ticket: Ticket, case: TriageCase) -> TriageCase:
        """Every stage's result repeats what the customer wrote, as a real draft and summary do."""
        done = builders.triaged(ticket, case, self.clock.now())
        assert done.classification
        assert done.summary
        claim = "C01" if "naprawy" in ticket.messages[0].text else "C09"
        words = f"Szanowna Pani Plantowska, dotyczy: {ticket.messages[0].body}"
        return replace(
            done,
            classification=replace(done.classification, code=claim),
            draft=builders.draft(words),
            summary=replace(done.summary, lines=(replace(done.summary.lines[0], text=words),)),
        )

    def plant(self, ticket_id: str, text: str = LETTER, *, email: str = EMAIL, send: bool = True) -> None:
        letter = builders.message("m1", text, at=self.clock.now())
        ticket = builders.ticket(ticket_id, letter, email=email)
        requester = Requester(NAME if email == EMAIL else "Adam Obcy", email)
        ticket = replace(ticket, requester=requester, received_at=self.clock.now())
        assert self.casework.receive(ticket)
        self.casework.triage("default", ticket_id)
        if send:
            self.send(ticket_id)

    def send(self, ticket_id: str) -> None:
        with self.units("default") as uow:
            case = uow.cases.get(ticket_id)
        assert case.draft
        approval = self.desk.approve(
            "default", ticket_id, actor="key:jan", reading=Reading(case.version, case.draft.digest)
        )
        assert self.desk.send("default", approval.id, self.outbox)

    def erase(self, person: Person = PERSON) -> None:
        digest = self.privacy.plan("default", person).digest
        self.privacy.erase("default", person, actor="key:iod", plan_digest=digest)

    def case(self, ticket_id: str) -> TriageCase:
        with self.units("default") as uow:
            return uow.cases.get(ticket_id)

    def ticket(self, ticket_id: str) -> Ticket:
        with self.units("default") as uow:
            return uow.tickets.get(ticket_id)

    def bytes_of_the_person(self) -> dict[str, int]:
        """An own count of every file's bytes, apart from the product's own search."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            content = path.read_bytes() if path.is_file() else b""
            count = sum(content.count(word.encode("utf-8")) for word in OF_THE_PERSON)
            if count:
                found[str(path.relative_to(self.folder))] = count
        return found


@pytest.fixture
def shop(database: Database, tmp_path: Path, clock: FakeClock) -> Shop:
    return Shop(tmp_path, replace(database, journal=FileJournal(tmp_path / "tombstones.jsonl")), clock)


@pytest.fixture
def shop_alone(clock: FakeClock) -> Iterator[Shop]:
    """A shop with a server of its own: what is scanned must be this test's alone."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as database:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        yield Shop(Path(folder), database, clock)


def test_a_planted_person_is_erased_to_the_last_byte(shop_alone: Shop) -> None:
    shop = shop_alone
    shop.plant("T-claim")
    shop.plant("T-question", LETTER.replace("Żądam naprawy", "Jak go odkamienić?"))
    shop.plant("T-other", f"Proszę pisać też do {EMAIL}. Ekspres przecieka.", email="obcy@example.com", send=False)
    shop.answers.reserve("default", "POST /v1/tickets", "key:k1")
    shop.answers.keep("default", "POST /v1/tickets", "key:k1", KeptAnswer(b"x", 201, {}, f'{{"requester": "{EMAIL}"}}'))
    for number in range(60):  # enough rows that the planner samples values
        shop.plant(f"T-{number}", "Ekspres przecieka.", email="obcy@example.com", send=False)
    with shop.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    before = shop.bytes_of_the_person()
    assert {path.split("/")[0] for path in before} == {"outbox", "postgres"}
    assert any("pg_wal" in path for path in before)

    shop.erase()
    report = scrub(shop.database.engine)

    assert report.left == ()
    assert shop.bytes_of_the_person() == {}
    assert find_residue(shop.database.engine, [shop.folder], PERSON) == ()
    with shop.database.sessions() as session:
        assert verify(session, "default") is None


def test_what_law_wants_kept_stays_readable_without_the_person(shop: Shop) -> None:
    shop.plant("T-claim")
    shop.plant("T-question", LETTER.replace("Żądam naprawy", "Jak go odkamienić?"))
    plan = shop.privacy.plan("default", PERSON)
    fates = {one.ticket_id: (one.fate, one.retention, str(one.kept_until)) for one in plan.tickets}
    # KC art. 118: six years from 17 November 2026, to the end of the year
    assert fates == {
        "T-claim": (Fate.PSEUDONYMISE, "CASE-CLAIM-CONSUMER", "2032-12-31"),
        "T-question": (Fate.DELETE, "CASE-OTHER", "None"),
    }
    shop.erase()
    kept, case = shop.ticket("T-claim"), shop.case("T-claim")
    assert kept.requester.name.startswith(PSEUDONYM)
    assert kept.requester.email == ""
    assert kept.external_id is None
    assert kept.order["order_no"] == "DX/2026/0117"
    assert "Ekspres DX-200" in kept.messages[0].text
    assert "błąd E18. Żądam naprawy." in kept.messages[0].text
    assert len(kept.messages[0].text) == len(LETTER)
    assert case.state is CaseState.SENT
    assert case.draft
    assert "Żądam naprawy" in case.draft.body
    assert case.deadlines
    with pytest.raises(TicketNotFound):
        shop.ticket("T-question")
    with pytest.raises(CaseNotFound):
        shop.case("T-question")


def test_an_export_holds_every_word_that_is_stored(shop: Shop) -> None:
    shop.plant("T-claim")
    shop.plant("T-other", f"Pisać do {EMAIL}.", email="obcy@example.com", send=False)
    export = shop.privacy.export("default", PERSON, actor="key:iod")
    assert export.tickets == ("T-claim",)
    stores = export.data["stores"]
    assert isinstance(stores, dict)
    assert stores["messages"][0]["text"] == LETTER
    assert stores["tickets"][0]["requester_email"] == EMAIL
    assert stores["approvals"][0]["recipients"] == [EMAIL]
    assert LETTER in stores["outbox"][0]["mail"]
    assert LETTER in str(stores["cases"][0]["document"]["draft"]["body"])
    assert "obcy@example.com" not in str(export.data)
    assert LETTER in export.text
    assert "2032-12-31" in export.text


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person(emails=(EMAIL.upper(),)), Why.REQUESTER),
        (Person(phones=("600-700-811",)), Why.PHONE),
        (Person(name="Plantowskiej Wincentyny", order_no="dx/2026/0117"), Why.NAME_AND_ORDER),
        (Person(external_ids=("<T-claim@example.pl>",)), Why.EXTERNAL),
    ],
    ids=["e-mail", "phone", "inflected name and order", "helpdesk id"],
)
def test_a_person_is_found_by(shop: Shop, person: Person, why: Why) -> None:
    shop.plant("T-claim", send=False)
    shop.plant("T-other", "Numer 160070081199 to numer przesyłki.", email="obcy@example.com", send=False)
    found = shop.privacy.plan("default", person).tickets
    assert [(one.ticket_id, one.why) for one in found] == [("T-claim", why)]


def test_a_mention_in_somebody_elses_ticket_is_masked_and_the_ticket_stays(shop: Shop) -> None:
    words = f"Mój brat {EMAIL} też czeka, tel. 600 700 811."
    shop.plant("T-other", words, email="obcy@example.com", send=False)
    with shop.units("default") as uow:
        ticket = uow.tickets.get("T-other")
        uow.tickets.save(replace(ticket, order={"for": "Plantowskiej Wincentyny", "city": "Kraków"}))
        uow.commit()
    shop.erase()
    other = shop.ticket("T-other")
    assert other.requester == Requester("Adam Obcy", "obcy@example.com")
    assert other.messages[0].text.startswith("Mój brat █")
    assert other.messages[0].text.endswith("też czeka, tel. ███ ███ ███.")
    assert other.order == {"for": "████████████ ██████████", "city": "Kraków"}


def test_late_events_do_not_bring_the_erased_back_but_a_new_matter_is_taken_in(shop: Shop) -> None:
    shop.plant("T-question", LETTER.replace("Żądam naprawy", "Jak?"))
    shop.plant("T-claim")
    synced_again = builders.ticket("T-question-2", builders.message("m1", LETTER), email=EMAIL)
    shop.clock.advance(hours=1)
    shop.erase()
    with pytest.raises(SubjectErased):  # a repeated request: the same id
        shop.plant("T-question")
    with pytest.raises(SubjectErased):  # the helpdesk sends the old ticket again, under another id
        shop.casework.receive(replace(synced_again, external_id="<T-question@example.pl>"))
    with pytest.raises(SubjectErased):  # an old mail of the person that was queued somewhere
        shop.casework.receive(synced_again)
    with pytest.raises(SubjectErased):  # the same without an address, known by the number in it
        shop.casework.receive(replace(synced_again, requester=Requester()))
    with pytest.raises(SubjectErased):  # an old message to a ticket that was kept
        shop.casework.add_message("default", "T-claim", builders.message("m7", LETTER))
    assert shop.casework.receive_all([synced_again]) == 0
    shop.clock.advance(days=1)
    with pytest.raises(SubjectErased):  # an old matter stays away however late it comes
        shop.plant("T-question")
    late = replace(synced_again, received_at=shop.clock.now(), external_id="<T-question@example.pl>")
    with pytest.raises(SubjectErased):
        shop.casework.receive(late)
    shop.plant("T-new", send=False)
    assert shop.ticket("T-new").requester.email == EMAIL


def test_no_reply_leaves_to_who_was_erased_and_nobody_is_erased_while_one_is_being_sent(shop: Shop) -> None:
    shop.plant("T-claim", send=False)
    with shop.units("default") as uow:
        case = uow.cases.get("T-claim")
    assert case.draft
    reading = Reading(case.version, case.draft.digest)
    approval = shop.desk.approve("default", "T-claim", actor="key:jan", reading=reading)
    with shop.units("default") as uow:
        approved = uow.cases.get("T-claim")
        sending = approved.become(CaseState.SENDING, shop.clock.now())
        uow.cases.save(sending, expected_version=approved.version)
        uow.commit()
    with pytest.raises(Conflict, match="being sent"):
        shop.erase()
    assert shop.ticket("T-claim").requester.email == EMAIL
    with shop.units("default") as uow:
        back = sending.become(CaseState.APPROVED, shop.clock.now())
        uow.cases.save(back, expected_version=sending.version)
        uow.commit()
    shop.erase()
    with shop.units("default") as uow:
        assert uow.approvals.get(approval.id).state == "void"
    assert shop.desk.send("default", approval.id, shop.outbox) is None
    assert list(shop.outbox.folder.glob("*.eml")) == []


def test_a_line_that_a_power_cut_left_half_written_is_no_mark_and_a_damaged_one_stops_the_start(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "tombstones.jsonl")
    mark = Tombstone("default", IdentifierKind.EMAIL, b"\x01" * 32, START)
    journal.append([mark])
    with journal.path.open("a", encoding="ascii") as file:
        file.write('{"tenant": "defau')
    assert journal.read() == (mark,)
    journal.path.write_text('{"tenant"\n' + journal.path.read_text(encoding="ascii"), encoding="ascii")
    with pytest.raises(StorageError, match="take it back from a backup"):
        journal.read()


def test_a_repeated_request_with_the_same_key_is_answered_gone(shop: Shop) -> None:
    shop.plant("T-claim")
    shop.answers.reserve("default", "POST /v1/tickets", "key:k1")
    body = '{"id":"T-claim","created":true}'
    shop.answers.keep("default", "POST /v1/tickets", "key:k1", KeptAnswer(b"d" * 32, 201, {}, body))
    shop.answers.reserve("default", "POST /v1/tickets", "key:k2")
    shop.answers.keep("default", "POST /v1/tickets", "key:k2", KeptAnswer(b"d" * 32, 201, {}, '{"id":"T-claim-9"}'))
    shop.erase()
    again = shop.answers.reserve("default", "POST /v1/tickets", "key:k1")
    assert again
    assert again.status == 410
    assert "T-claim" not in again.body
    other = shop.answers.reserve("default", "POST /v1/tickets", "key:k2")
    assert other
    assert other.status == 201


def test_a_restored_backup_is_erased_again_at_the_next_start(shop_alone: Shop) -> None:
    shop = shop_alone
    shop.plant("T-claim")
    shop.plant("T-question", LETTER.replace("Żądam naprawy", "Jak?"))
    tables = ("tickets", "messages", "cases", "approvals")
    with shop.database.engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"CREATE TABLE backup_{table} AS SELECT * FROM {table}"))
    shop.clock.advance(hours=1)
    shop.erase()
    with shop.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM tombstones"))
        connection.execute(text("TRUNCATE tickets CASCADE"))
        for table in tables:
            columns = connection.execute(text(f"{PLAIN_COLUMNS} '{table}'")).scalar()
            connection.execute(text(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM backup_{table}"))
            connection.execute(text(f"DROP TABLE backup_{table}"))
    assert shop.ticket("T-question").requester.email == EMAIL
    assert shop.privacy.reapply() == {"default": 2}
    assert shop.privacy.reapply() == {}
    assert [one.ticket_id for one in shop.privacy.plan("default", PERSON).tickets] == []
    assert shop.ticket("T-claim").requester.name.startswith(PSEUDONYM)
    scrub(shop.database.engine)
    assert shop.bytes_of_the_person() == {}


def test_an_erasure_is_refused_when_the_plan_that_was_read_is_no_longer_true(shop: Shop) -> None:
    shop.plant("T-claim")
    digest = shop.privacy.plan("default", PERSON).digest
    shop.plant("T-second", send=False)
    with pytest.raises(PlanChanged):
        shop.privacy.erase("default", PERSON, actor="key:iod", plan_digest=digest)
    assert shop.ticket("T-claim").requester.email == EMAIL


def test_an_approved_reply_does_not_leave_after_the_erasure(shop: Shop) -> None:
    shop.plant("T-claim", send=False)
    case = shop.case("T-claim")
    assert case.draft
    approval = shop.desk.approve(
        "default", "T-claim", actor="key:jan", reading=Reading(case.version, case.draft.digest)
    )
    shop.erase()
    assert shop.desk.send("default", approval.id, shop.outbox) is None
    assert list(shop.outbox.folder.glob("*.eml")) == []
    assert shop.case("T-claim").state is CaseState.PENDING_APPROVAL


def test_tombstones_tell_nothing_without_their_key(shop: Shop) -> None:
    shop.plant("T-claim")
    shop.erase()
    marks = shop.database.journal.read()
    assert len(marks) >= 3
    assert not any(word in shop.database.journal.path.read_text() for word in OF_THE_PERSON)
    assert stored_key(shop.folder / "privacy.key") == stored_key(shop.folder / "privacy.key")
    assert (shop.folder / "privacy.key").stat().st_mode & 0o077 == 0
    assert stored_key(shop.folder / "other.key") != stored_key(shop.folder / "privacy.key")


def test_another_tenants_person_of_the_same_address_is_left_alone(shop: Shop) -> None:
    shop.plant("T-claim")
    theirs = builders.ticket("T-claim", builders.message("m1", LETTER), tenant="other", email=EMAIL)
    assert shop.casework.receive(theirs)
    shop.clock.advance(hours=1)
    shop.erase()
    with shop.units("other") as uow:
        assert uow.tickets.get("T-claim").messages[0].text == LETTER
    assert shop.casework.receive(replace(theirs, id="T-another"))


def test_days_after_the_end_of_the_hold_everything_goes(shop: Shop) -> None:
    shop.plant("T-claim")
    shop.clock.advance(days=(builders.date(2032, 12, 31) - shop.clock.now().date()) / timedelta(days=1))
    assert shop.privacy.plan("default", PERSON).tickets[0].fate is Fate.PSEUDONYMISE
    shop.clock.advance(days=1)
    assert shop.privacy.plan("default", PERSON).tickets[0].fate is Fate.DELETE
