"""PostgreSQL: embedded or a server, one dialect, one code path."""
