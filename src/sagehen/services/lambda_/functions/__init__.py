"""Functions and what belongs to them: code, configuration, versions, aliases, permissions, tags.

Nothing here runs one: what an operation changes for environments it tells through what it is given.
"""
