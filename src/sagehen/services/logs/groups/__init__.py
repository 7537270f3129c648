"""Log groups: operations, rows, tags. It knows of no stream but that they go with their group."""
