"""Pipeline steps, one per module: each takes frozen values and returns one new frozen value."""
