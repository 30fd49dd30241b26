"""Tickets come in: one by one, as mail, or many at once."""
