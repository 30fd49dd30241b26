"""The people of the desk, for administrators."""
