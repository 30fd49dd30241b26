"""Letters beyond the first draft: another letter on request, what edits teach, solved cases, the whole history."""
