"""The first API key: without one nobody gets in, so the first start makes it and shows it once."""

from __future__ import annotations

from triage.adapters.storage.keys import SqlApiKeys
from triage.bootstrap.services import Services


def first_admin_key(services: Services) -> str | None:
    """Create an admin key when there is no key yet; returns its secret form, to be shown once."""
    with services.database.sessions() as session:
        keys = SqlApiKeys(session, services.clock)
        if keys.any_active():
            return None
        secret = keys.create(tenant="default", name="first admin", role="admin")
        session.commit()
    return secret
