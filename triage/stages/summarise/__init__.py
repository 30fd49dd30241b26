"""Summarise: the contact history in lines that each name the messages they rest on; extractive, deterministic.

A line writer (a model) may retell what happened; every line of it is checked against the messages it names.
"""

from triage.stages.summarise.candidates import History
from triage.stages.summarise.summary import summarise

__all__ = ["History", "summarise"]
