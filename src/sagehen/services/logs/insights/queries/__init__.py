"""Queries that run: asked for, in turn, over what is stored, and their results."""
