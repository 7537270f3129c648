"""Drift: what resources are, read back by their tables, against what the template made them."""
