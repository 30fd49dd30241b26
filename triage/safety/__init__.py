"""Product safety: what counts as a hazard, what is registered, and when complaints belong together."""
