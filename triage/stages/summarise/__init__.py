"""Summarise: the contact history in lines that each name the messages they rest on; extractive, deterministic."""

from triage.stages.summarise.summary import summarise

__all__ = ["summarise"]
