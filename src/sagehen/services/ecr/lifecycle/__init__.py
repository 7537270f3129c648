"""Lifecycle policies: what they say, which images they expire, and that they do."""
