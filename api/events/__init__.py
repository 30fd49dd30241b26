"""Server-sent events: changes of the queue as they happen."""
