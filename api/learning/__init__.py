"""Learning from people: what to look at, the blind sample, drift, and which model serves."""
