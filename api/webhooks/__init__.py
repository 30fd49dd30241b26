"""Webhooks: endpoints that hear of changes, and the log of what was delivered to them."""
