"""Who works on a case and when."""
