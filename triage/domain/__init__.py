"""Frozen values of the field: no I/O, no framework, no settings."""
