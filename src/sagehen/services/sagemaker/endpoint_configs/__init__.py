"""Endpoint configurations: which models an endpoint serves, on how many instances of what type.

A configuration is a record and no more; what is deployed of it is in `endpoints`.
"""
