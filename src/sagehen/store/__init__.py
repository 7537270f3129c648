"""State: SQLite with one writer thread, and files for large objects. The only home of sqlite3."""
