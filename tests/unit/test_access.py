"""Who reaches a case: its own tenant's people, of its team or of every team; for all others it is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import builders
from triage.domain.access import Caller, Role, reach_case, scopes_of
from triage.errors import CaseNotFound

CASE = replace(builders.received(tenant="a"), team="agd")


def caller(role: Role, *teams: str, tenant: str = "a") -> Caller:
    return Caller("id", "user:x", tenant, role, scopes_of(role), frozenset(teams))


@pytest.mark.parametrize(
    "reaches", [caller(Role.AGENT), caller(Role.AGENT, "agd"), caller(Role.LEAD, "rtv"), caller(Role.ADMIN)]
)
def test_a_case_is_there_for_its_team_for_leads_and_for_who_is_of_no_team(reaches: Caller) -> None:
    assert reach_case(reaches, CASE) is CASE
    assert reach_case(reaches, replace(CASE, team=""))


@pytest.mark.parametrize(
    "stranger", [caller(Role.AGENT, "rtv"), caller(Role.ADMIN, tenant="b"), caller(Role.AGENT, "agd", tenant="b")]
)
def test_for_another_team_and_for_every_other_tenant_it_is_not_there(stranger: Caller) -> None:
    with pytest.raises(CaseNotFound, match="There is no case 'T1'"):
        reach_case(stranger, CASE)
