"""The knowledge base: documents in, answers with proof out. Knows nothing of tickets."""
