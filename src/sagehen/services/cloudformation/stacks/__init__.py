"""Stacks: their records, and what is told of them."""
