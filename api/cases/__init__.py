"""Cases: the queue, one case with everything that was found, triage again."""
