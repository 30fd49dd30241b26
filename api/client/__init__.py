"""A client for programs that work with the service; it needs httpx2 and nothing of the server.

>>> from api.client import TriageClient
>>> client = TriageClient("http://127.0.0.1:8080", "trk_…")
>>> client.receive({"id": "t-1", "text": "Pralka wywala E18"})          # doctest: +SKIP
Received(id='t-1', created=True)
>>> [case.id for case in client.cases(state="pending_approval")]        # doctest: +SKIP
['t-1']
>>> client.approve(client.case("t-1"))                                  # doctest: +SKIP

* :mod:`~api.client.client` is what can be done;
* :mod:`~api.client.connection` is how a request is sent, and when it may be sent again;
* :mod:`~api.client.errors` is what can go wrong, by the problem's type;
* :mod:`~api.client.values` is what comes back.
"""

from api.client.client import TriageClient
from api.client.connection import Patience
from api.client.errors import (
    AlreadyDecided,
    ApiError,
    Conflict,
    Forbidden,
    NoAnswer,
    NotFound,
    Refused,
    ServiceUnavailable,
    StaleVersion,
    TooManyRequests,
    Unauthorized,
)
from api.client.values import Approval, Case, CaseChange, Import, QueueEntry, Received

__all__ = [
    "AlreadyDecided",
    "ApiError",
    "Approval",
    "Case",
    "CaseChange",
    "Conflict",
    "Forbidden",
    "Import",
    "NoAnswer",
    "NotFound",
    "Patience",
    "QueueEntry",
    "Received",
    "Refused",
    "ServiceUnavailable",
    "StaleVersion",
    "TooManyRequests",
    "TriageClient",
    "Unauthorized",
]
