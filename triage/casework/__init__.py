"""Casework: a ticket comes in, is triaged, gets another message. Each step is one unit of work.

* :mod:`~triage.casework.intake` stores what comes in, with the job that triages it;
* :mod:`~triage.casework.incoming` lets tickets that come at the same time share a transaction;
* :mod:`~triage.casework.casework` triages what is due, and triages again;
* :mod:`~triage.casework.ageing` weighs waiting cases anew as their terms come near.
"""

from triage.casework.ageing import Ageing
from triage.casework.casework import Casework
from triage.casework.intake import Intake

__all__ = ["Ageing", "Casework", "Intake"]
