"""Decisions of a person: approve, edit, reject, say what became of an unknown delivery."""
