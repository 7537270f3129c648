"""Query definitions: texts of queries that are kept under a name."""
