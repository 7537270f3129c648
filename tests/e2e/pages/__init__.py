"""The blocks of a page of docs, and a shell with a Python session that runs them in order."""
