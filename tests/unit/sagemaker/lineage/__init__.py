"""Lineage: what a query finds, what is recorded by itself."""
