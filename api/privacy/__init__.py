"""Rights of the people whose data are stored, over HTTP."""
