"""Processes that have a preload set imported and fork on request.

`parent` is the platform's side. `process`, `fresh_start` and `randomness` run in the parent itself and in
what it forks: they import little, and nothing of the platform's state.
"""
