"""Confidence intervals of measured shares; the product's own reports use the same."""

from __future__ import annotations

from triage.domain.shares import Share, share

__all__ = ["Share", "share"]
