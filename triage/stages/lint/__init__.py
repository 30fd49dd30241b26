"""Lint: deterministic checks of a draft, whoever wrote it; the result depends on the stored case and the words alone.

``BLOCK`` findings forbid approval, ``CONFIRM`` findings need a deliberate tick, ``INFO`` findings inform.
"""

from triage.stages.lint.check import lint

__all__ = ["lint"]
