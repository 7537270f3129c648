"""IAM's smaller things: rows of one table, whatever they are, and their tags."""
