"""Requests to a proxy: AWS's names are answered here over TLS, other hosts tunnelled to.

What is said inside is the chain's.
"""
