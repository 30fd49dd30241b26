"""Casework: a ticket comes in, is triaged, gets another message. Each step is one unit of work.

* :mod:`~triage.casework.intake` stores what comes in, with the job that triages it;
* :mod:`~triage.casework.incoming` lets tickets that come at the same time share a transaction;
* :mod:`~triage.casework.casework` triages what is due, and triages again.
"""

from triage.casework.casework import Casework
from triage.casework.intake import Intake

__all__ = ["Casework", "Intake"]
