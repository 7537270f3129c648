"""Logs Insights: the language of queries, what its words mean, its commands, and queries that run.

`language` reads a query, `evaluation` says what its expressions are worth for an event, `commands` are the
stages that events go through; these are pure. `queries` runs them over what is stored, `definitions` keeps
texts.
"""
