"""Stateful sessions: their headers, the table of those that are open, the worker that each belongs to.

`headers` and `table` are read by `serving` as well, which keeps the same table over instances.
"""
