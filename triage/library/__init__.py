"""Keeping the knowledge base: documents people put in, what is searched for, and what is missing in it."""
