"""The documents that API Gateway keeps: where they are stored, how they are patched, listed and tagged.

Nothing here knows what the members of a document mean: `definition`, `stages` and `plans` do.
"""
