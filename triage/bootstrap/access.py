"""The first API key: without one nobody gets in, so the first start makes it and shows it once."""

from __future__ import annotations

from triage.bootstrap.services import Services
from triage.config import DEFAULT_TENANT
from triage.domain.access import Role
from triage.domain.api_keys import issue_key


def first_admin_key(services: Services) -> str | None:
    """Create an admin key when no key is in force; returns its text, to be shown once."""
    if services.keys.any_in_force():
        return None
    issued = issue_key(DEFAULT_TENANT, "first admin", Role.ADMIN, services.clock.now())
    services.keys.add(issued.key, actor="system")
    return issued.text
