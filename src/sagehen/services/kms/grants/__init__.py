"""Grants: rights on one key that are given without its policy, and taken back."""
