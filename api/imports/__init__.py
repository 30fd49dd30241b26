"""Bulk intakes that can be followed and continued."""
