"""Repositories: what they are, and the operations on them, their policies and their tags."""
