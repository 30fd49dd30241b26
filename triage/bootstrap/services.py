"""The running service: storage, casework, the approval desk, sending, and what a worker does."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from triage.adapters.storage.audit_trail import SqlAuditTrail
from triage.adapters.storage.cases import tenants_with_cases
from triage.adapters.storage.database import CONNECTIONS, Database, opened
from triage.adapters.storage.idempotency import SqlAnswerStore
from triage.adapters.storage.keys import SqlKeyStore
from triage.adapters.storage.readiness import check_schema
from triage.adapters.storage.worker import Pace, work
from triage.approval import Desk
from triage.bootstrap.collector import keep_what_is_there
from triage.bootstrap.faults import require_sound
from triage.bootstrap.knowledge import Knowledge
from triage.bootstrap.learning import open_learning, pinned
from triage.bootstrap.letters import lesson_keeper, open_letters
from triage.bootstrap.library import open_library
from triage.bootstrap.outbound import Outbound, open_outbound
from triage.bootstrap.people import people_of
from triage.bootstrap.privacy import PrivacyOffice, privacy_office
from triage.bootstrap.safety import danger_register
from triage.bootstrap.sending import reply_sender
from triage.bootstrap.stopping import asks_a_model, stoppable, without_writers
from triage.bootstrap.system_clock import SystemClock
from triage.bootstrap.threads import one_thread_each
from triage.bootstrap.tools import Report, load_tools
from triage.bootstrap.tracing import job_span
from triage.calendars.counting import local_day
from triage.casework import Ageing, Casework
from triage.config import Settings
from triage.domain.case import TriageCase
from triage.domain.folding import fold
from triage.domain.reply import Draft, Finding
from triage.domain.ticket import Ticket
from triage.drafting.letters import Letters
from triage.errors import StorageError
from triage.learning.desk import Learning
from triage.library.desk import Library
from triage.people import People
from triage.pipeline import Tools, check_draft, on_another_day, run_all
from triage.ports import Clock, ReplySender
from triage.safety.desk import SafetyDesk
from triage.safety.hazards import HazardTable

logger = logging.getLogger(__name__)

TOGETHER = 32
"""Tickets a worker triages in the same transactions, while no language model makes them wait for each other."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a front end needs, wired together."""

    settings: Settings
    clock: Clock
    tools: Tools
    database: Database
    casework: Casework
    desk: Desk
    sender: ReplySender
    keys: SqlKeyStore
    answers: SqlAnswerStore
    trail: SqlAuditTrail
    checks: Mapping[str, Callable[[], None]]
    people: People
    library: Library
    outbound: Outbound
    letters: Letters
    learning: Learning
    privacy: PrivacyOffice
    safety: SafetyDesk
    ageing: Ageing

    @property
    def knowledge(self) -> Knowledge:
        """The documents folder's index."""
        assert isinstance(self.tools.retriever, Knowledge)
        return self.tools.retriever


@contextmanager
def open_services(settings: Settings, report: Report = lambda what: None) -> Iterator[Services]:
    """Open the database and load every model, for the length of a ``with`` block.

    Raises:
        ConfigurationError: settings or company data are wrong.
        StorageUnavailable: the database cannot be opened.
    """
    require_sound(settings)
    report("database")
    url = settings.database_url.get_secret_value() if settings.database_url else None
    key = settings.privacy_key.get_secret_value() if settings.privacy_key else None
    one_thread_each()
    with opened(settings.data_dir, url, key, _connections(settings.api_processes)) as database:
        services = assemble(settings, database, load_tools(settings, report), SystemClock())
        for tenant, count in services.privacy.desk.reapply().items():
            logger.warning("erased again", extra={"action": "reapplied", "tenant": tenant, "tickets": count})
        yield services


def _connections(api_processes: int) -> int:
    """Connections of one process, so that all of them leave the database's 100 some for workers and people."""
    return min(CONNECTIONS, max(2, 40 // api_processes))


def assemble(settings: Settings, database: Database, tools: Tools, clock: Clock) -> Services:
    """Wire a database and tools into services."""
    units_of_work = database.units_of_work(clock)
    people = people_of(database, clock, settings=settings)
    is_stopped = people.emergency_stop.is_stopped
    tools = stoppable(tools, is_stopped)
    library = open_library(settings, database, tools, clock)

    def triage_now(ticket: Ticket, case: TriageCase) -> TriageCase:
        return triage_all_now([(ticket, case)])[0]

    def triage_all_now(due: Sequence[tuple[Ticket, TriageCase]]) -> list[TriageCase]:
        if not due:
            return []
        tenant = due[0][0].tenant
        of_tenant = replace(pinned(tools), retriever=library.shelves.of_tenant(tenant))
        return run_all(due, without_writers(of_tenant, tenant, is_stopped), clock.now())

    def lint_now(draft: Draft, case: TriageCase, ticket: Ticket) -> tuple[Finding, ...]:
        return check_draft(draft, case, ticket, tools.company, local_day(clock.now()))

    company = tools.company
    return Services(
        settings=settings,
        clock=clock,
        tools=tools,
        database=database,
        casework=Casework(
            units_of_work,
            clock,
            partial(_names_danger, tools),
            triage_now,
            danger_register(tools).entry,
            triage_all_now,
        ),
        desk=Desk(
            units_of_work,
            clock,
            lint_now,
            lesson_keeper(tools, clock),
            decisive=frozenset(template.kind for template in company.templates if template.decision),
            four_eyes=company.four_eyes,
        ),
        sender=reply_sender(settings, company, clock),
        keys=SqlKeyStore(database.sessions, clock),
        answers=SqlAnswerStore(database.sessions, clock),
        trail=SqlAuditTrail(database.sessions),
        checks={
            "database": partial(check_schema, database.engine),
            "index": lambda: _check_index(tools),
            "disk": partial(_check_disk, settings),
        },
        people=people,
        library=library,
        outbound=open_outbound(settings, database, clock),
        letters=open_letters(units_of_work, tools, clock),
        learning=open_learning(settings, units_of_work, tools, clock),
        privacy=privacy_office(settings, database, clock),
        safety=SafetyDesk(units_of_work, clock, HazardTable.load()),
        ageing=Ageing(
            units_of_work,
            clock,
            partial(tenants_with_cases, database.sessions),
            lambda ticket, case, today: on_another_day(ticket, case, company, today),
            timedelta(days=max(days for days, _ in company.urgency.days_left)),
        ),
    )


def run_worker(services: Services, *, concurrency: int = 1, until_idle: bool = False) -> None:
    """Work on jobs until a signal stops it (or, with ``until_idle``, until none is left)."""
    # a draft by a language model may take its whole time-out, and its job must outlast it
    pace = Pace(job_limit=max(Pace().job_limit, services.settings.llm_timeout_s + 45))
    keep_what_is_there()
    with services.outbound.delivering():
        together = 1 if asks_a_model(services.tools) else TOGETHER
        work(
            services.database.url,
            _Handlers(services),
            concurrency=concurrency,
            until_idle=until_idle,
            together=together,
            pace=pace,
        )


@dataclass(frozen=True, slots=True)
class _Handlers:
    services: Services

    def triage(self, tenant: str, ticket_id: str) -> None:
        with job_span("triage"):
            self.services.casework.triage(tenant, ticket_id)

    def triage_all(self, tenant: str, ticket_ids: Sequence[str]) -> frozenset[str]:
        with job_span("triage"):
            return self.services.casework.triage_all(tenant, ticket_ids)

    def send(self, tenant: str, approval_id: str) -> None:
        with job_span("send"):
            delivery = self.services.desk.send(tenant, approval_id, self.services.sender)
            if delivery is None:
                self.services.desk.reconcile(tenant, approval_id, self.services.sender)

    def give_up(self, tenant: str, ticket_id: str, reason: str) -> None:
        self.services.casework.give_up(tenant, ticket_id, reason)

    def give_up_sending(self, tenant: str, approval_id: str, reason: str) -> None:
        self.services.desk.give_up(tenant, approval_id, reason)


def _check_index(tools: Tools) -> None:
    """Readiness: there is a generation of the folder's index whose manifest can be read."""
    assert isinstance(tools.retriever, Knowledge)
    tools.retriever.current()


def _check_disk(settings: Settings) -> None:
    """Refuse work before the disk is full: PostgreSQL needs room to recover."""
    free = shutil.disk_usage(settings.data_dir).free
    if free < settings.min_free_bytes:
        raise StorageError(f"Only {free / 1e6:.0f} MB are free in the data directory: make room.")


def _names_danger(tools: Tools, ticket: Ticket) -> bool:
    """A first look at intake, so that a dangerous ticket is triaged before the backlog."""
    newest = ticket.latest_customer_message
    folded = fold(f"{ticket.subject}\n{newest.body if newest else ''}")
    urgent = (cue for cue in tools.company.flags if cue.code in tools.company.urgency.forced)
    return any(cue.pattern.search(folded) for cue in urgent)
