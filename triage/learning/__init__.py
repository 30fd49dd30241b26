"""Learning from people: what they decide beside what the machine said, and what follows from the difference.

Use cases over the storage ports; nothing here trains a model or puts one in force.
"""
