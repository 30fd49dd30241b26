"""Jobs that were given up, for administrators."""
