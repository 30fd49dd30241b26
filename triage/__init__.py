"""Ticket triage for after-sales desks: classify, compute deadlines, search, draft, summarise, approve, send."""
