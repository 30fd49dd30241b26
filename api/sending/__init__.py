"""Why approved replies do not leave at the moment."""
