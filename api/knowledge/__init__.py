"""Search and contents of the knowledge base."""
