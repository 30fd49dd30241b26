"""Ways out to the customer, one connector per file; each is a :class:`triage.ports.ReplySender`."""
