"""The HTTP front end: one folder per feature, nothing but translation between HTTP and the core."""
