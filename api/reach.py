"""The one place that says whether a caller reaches a case; every endpoint about cases takes their ids from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Path
from starlette.concurrency import run_in_threadpool

from api.auth import Anybody
from api.backend import Backend, GivenBackend
from triage.domain.access import Caller, is_within, reach_case

_Id = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="the ticket's id; may hold slashes",
        examples=["RMA/2026/11/0042"],
    ),
]


def reached(backend: Backend, caller: Caller, case_id: str) -> str:
    """The id of a case, if it is the caller's to see.

    Raises:
        CaseNotFound: it is in another team's queue.
    """
    if caller.sees_every_team:
        return case_id  # the tenant is checked by whoever reads the case: a unit of work sees one tenant only
    with backend.unit_of_work(caller.tenant) as uow:
        return reach_case(caller, uow.cases.get(case_id)).ticket_id


def reached_of(backend: Backend, caller: Caller, case_ids: Sequence[str]) -> frozenset[str]:
    """Those of ``case_ids`` that are the caller's to see; where the caller sees every team, all that were asked for."""
    if caller.sees_every_team:
        return frozenset(case_ids)
    with backend.unit_of_work(caller.tenant) as uow:
        teams = uow.cases.teams(case_ids)
    return frozenset(one for one, team in teams.items() if is_within(caller.queues, team))


async def _reached(backend: Backend, caller: Caller, case_id: str) -> str:
    if caller.sees_every_team:
        return case_id
    return await run_in_threadpool(reached, backend, caller, case_id)


async def _of_case(case_id: _Id, backend: GivenBackend, caller: Anybody) -> str:
    return await _reached(backend, caller, case_id)


async def _of_ticket(ticket_id: _Id, backend: GivenBackend, caller: Anybody) -> str:
    return await _reached(backend, caller, ticket_id)


CaseId = Annotated[str, Depends(_of_case)]
"""``case_id`` of the path."""

OwnTicketId = Annotated[str, Depends(_of_ticket)]
"""``ticket_id`` of the path; a ticket is seen by who sees its case."""
