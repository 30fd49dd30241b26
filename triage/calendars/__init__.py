"""Public holidays, day counting, and the statutory rules as dated data: what is due when, and what may be asked."""
