"""Product safety over HTTP."""
